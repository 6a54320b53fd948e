// PNGs, in whole-program tests.
#ifndef VV_TESTS_PROGRAM_PICTURE_H
#define VV_TESTS_PROGRAM_PICTURE_H

#include <stdint.h>

// Allocated: size[0] x size[1] x size[2] bytes: height, width, channels.
unsigned char *read_png(const char *path, uint32_t size[3]);

#endif
