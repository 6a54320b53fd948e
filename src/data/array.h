// NumPy's .npy, version 1.0: float32, C order. Written atomically.
#ifndef VV_DATA_ARRAY_H
#define VV_DATA_ARRAY_H

#include <stdint.h>

#include "context.h"

// rank: 1 to 4.
bool vv_npy_write(struct vv_context *ctx, const char *path, const float *values, const uint32_t *dims,
                  uint32_t rank);

#endif
