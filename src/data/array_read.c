#include "array.h"

#include "npy.h"
#include "size.h"

#include <stdlib.h>
#include <string.h>

#define NPY_BYTES_MAX (UINT64_C(1) << 31)

// In place, whatever the order of this machine's bytes is.
static void from_little_endian(float *values, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        unsigned char b[4];
        memcpy(b, values + i, sizeof b);
        const uint32_t bits =
            (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
        memcpy(values + i, &bits, sizeof bits);
    }
}

bool vv_npy_read_source(struct vv_source *source, struct vv_array *array) {
    struct vv_npy npy;
    if (source->size > NPY_BYTES_MAX)
        return vv_fail(
            source->ctx, VV_BAD_DATA,
            "%s: has %llu bytes or more, and at most %llu are read; check that it is the right file",
            source->name, (unsigned long long)source->size, (unsigned long long)NPY_BYTES_MAX);
    if (!vv_npy_open(source, true, &npy)) return false;
    *array = (struct vv_array){.rank = npy.rank, .count = npy.count};
    memcpy(array->dims, npy.dims, sizeof array->dims);
    array->values = vv_alloc(source->ctx, npy.count, sizeof *array->values);
    if (!array->values) return false;
    if (vv_source_read(source, array->values, npy.count * sizeof *array->values)) {
        from_little_endian(array->values, npy.count);
        return true;
    }
    free(array->values);
    array->values = NULL;
    return false;
}

bool vv_npy_read(struct vv_context *ctx, const char *path, struct vv_array *array) {
    struct vv_source source;
    if (!vv_source_open(ctx, path, &source)) return false;
    const bool ok = vv_npy_read_source(&source, array);
    vv_source_close(&source);
    return ok;
}
