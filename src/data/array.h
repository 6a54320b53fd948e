// NumPy's .npy (numpy.lib.format) of float32 in C order.
#ifndef VV_DATA_ARRAY_H
#define VV_DATA_ARRAY_H

#include <stdint.h>

#include "context.h"

struct vv_source;

// Version 1.0, atomically. rank: 1 to 4.
bool vv_npy_write(struct vv_context *ctx, const char *path, const float *values, const uint32_t *dims,
                  uint32_t rank);

struct vv_array {
    uint32_t rank, dims[4];
    uint64_t count;  // of all numbers: at least one
    float *values;   // the caller's to free
};

// Versions 1.0 and 2.0, rank 1 to 4, no size of 0, at most 2 GiB. VV_BAD_DATA: anything else, a file
// that is shorter or longer than its header says included.
bool vv_npy_read(struct vv_context *ctx, const char *path, struct vv_array *array);
// The same from what is open, such as a member of an .npz.
bool vv_npy_read_source(struct vv_source *source, struct vv_array *array);

#endif
