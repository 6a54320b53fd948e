// What comes before the numbers of an .npy file that is written.
#ifndef VV_DATA_NPY_HEADER_H
#define VV_DATA_NPY_HEADER_H

#include <stddef.h>
#include <stdint.h>

enum { VV_NPY_ROOM = 128 };

// The header of format 1.0 (numpy.lib.format), of numbers of a type such as "<f4" in C order; returns
// its length. rank: 0 to 4.
size_t vv_npy_header(unsigned char header[VV_NPY_ROOM], const char *type, const uint32_t *dims,
                     uint32_t rank);

#endif
