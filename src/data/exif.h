// Which way up a picture is, as its camera noted it.
#ifndef VV_DATA_EXIF_H
#define VV_DATA_EXIF_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// 1 to 8 as in EXIF (1: as it is stored; 5 to 8: sides exchanged). 1 also where nothing valid is said.
// tiff: what follows "Exif\0\0" in a JPEG, or all of a PNG's eXIf.
uint32_t vv_exif_orientation(const unsigned char *tiff, size_t size);

// The same of a file, in its segments before the picture or its chunks. The file's position is lost.
uint32_t vv_exif_of_jpeg(FILE *file);
uint32_t vv_exif_of_png(FILE *file);

#endif
