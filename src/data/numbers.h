// The numbers of an array, whatever type the file has.
#ifndef VV_DATA_NUMBERS_H
#define VV_DATA_NUMBERS_H

#include "npy.h"

// From the file's bytes: `count` numbers. Whole ones beyond 2^53 are rounded.
void vv_numbers_read(const struct vv_npy *npy, const unsigned char *bytes, uint32_t count,
                     double *numbers);

#endif
