// Codes in a file: what an encoder made of pictures.
#ifndef VV_DATA_CODES_H
#define VV_DATA_CODES_H

#include <stdint.h>

#include "array.h"

struct vv_codes {
    uint32_t count, latent;
    float *mu, *logvar, *z;  // owned, [count,latent]; z may be NULL
    uint32_t *labels;        // owned, [count]; NULL: there are none
};

enum vv_codes_kind { VV_CODES_NONE, VV_CODES_NPZ, VV_CODES_NPY, VV_CODES_CSV };

// By a file's name.
enum vv_codes_kind vv_codes_kind(const char *path);

// Atomically. .npz: all arrays under their names; .npy: z where there is one, else mu; .csv: a line for
// each, in decimal digits that give the same float again.
bool vv_codes_write(struct vv_context *ctx, const char *path, const struct vv_codes *codes);
void vv_codes_finish(struct vv_codes *codes);  // takes a zeroed one

// Codes to decode: a .npy as vv_npy_read has it; of an .npz the array `name`, or where that is NULL z if
// it is there, else mu. VV_USAGE where it has no such array.
bool vv_codes_read(struct vv_context *ctx, const char *path, const char *name, struct vv_array *array);

#endif
