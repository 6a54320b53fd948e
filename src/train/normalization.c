#include "normalization.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "size.h"
#include "tensors.h"

const char vv_normalization_key[] = "data.normalize";
static const char low_name[] = "data.low", high_name[] = "data.high";

uint32_t vv_normalization_save(const struct vv_normalization *n, struct vv_tensor *list,
                               uint32_t count) {
    if (n->count == 0) return count;
    list[count] = vv_tensor_of(low_name, VV_DTYPE_F32, vv_shape1(n->count), n->low);
    list[count + 1] = vv_tensor_of(high_name, VV_DTYPE_F32, vv_shape1(n->count), n->high);
    return count + VV_NORMALIZATION_TENSORS;
}

// One for all, or one for each number of a picture.
static bool is_of(const struct vv_tensor *tensor, const struct vv_model_size *size) {
    return tensor && tensor->dtype == VV_DTYPE_F32 && tensor->rank == 1 &&
           (tensor->dim[0] == 1 || tensor->dim[0] == size->pixels);
}

static bool copy_bounds(const struct vv_tensor *low, const struct vv_tensor *high,
                        struct vv_normalization *n) {
    memcpy(n->low, low->data, n->count * sizeof *n->low);
    memcpy(n->high, high->data, n->count * sizeof *n->high);
    for (uint32_t i = 0; i < n->count; i++)
        if (!isfinite(n->low[i]) || !isfinite(n->high[i])) return false;
    return true;
}

bool vv_normalization_read(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                           const struct vv_model_size *size, struct vv_normalization *n) {
    const char *kind = vv_safetensors_meta(file, vv_normalization_key);
    const struct vv_tensor *low = vv_safetensors_find(file, low_name);
    const struct vv_tensor *high = vv_safetensors_find(file, high_name);
    *n = (struct vv_normalization){0};
    if (!kind) return true;
    bool sound = is_of(low, size) && is_of(high, size) && low->dim[0] == high->dim[0] &&
                 strlen(kind) < sizeof n->kind;
    if (sound) {
        n->count = low->dim[0];
        (void)snprintf(n->kind, sizeof n->kind, "%s", kind);
        n->low = vv_alloc(ctx, n->count, sizeof *n->low);
        n->high = vv_alloc(ctx, n->count, sizeof *n->high);
        if (!n->low || !n->high) return false;
        sound = copy_bounds(low, high, n);
    }
    return sound || vv_fail(ctx, VV_BAD_DATA,
                            "%s: the tensors data.low and data.high are missing or not those of its "
                            "pictures; restore it from a copy, or start again",
                            path);
}
