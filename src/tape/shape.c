#include "shape.h"

#include <stdio.h>

uint32_t vv_type_bytes(enum vv_type type) {
    static const uint32_t bytes[] = {[VV_F32] = sizeof(vv_real), [VV_U32] = 4, [VV_U8] = 1};
    return bytes[type];
}

const char *vv_type_name(enum vv_type type) {
    static const char *const names[] = {[VV_F32] = "f32", [VV_U32] = "u32", [VV_U8] = "u8"};
    return names[type];
}

bool vv_shape_equal(struct vv_shape a, struct vv_shape b) {
    if (a.rank != b.rank) return false;
    for (uint32_t i = 0; i < a.rank; i++)
        if (a.dim[i] != b.dim[i]) return false;
    return true;
}

bool vv_shape_check(struct vv_shape shape) {
    if (shape.rank < 1 || shape.rank > VV_MAX_RANK) return false;
    uint64_t n = 1;
    for (uint32_t i = 0; i < shape.rank; i++) {
        n *= shape.dim[i];
        if (n == 0 || n > UINT32_MAX) return false;
    }
    return true;
}

const char *vv_shape_print(struct vv_shape shape, char text[VV_SHAPE_TEXT]) {
    size_t at = 0;
    for (uint32_t i = 0; i < shape.rank && i < VV_MAX_RANK; i++)
        at += (size_t)snprintf(text + at, VV_SHAPE_TEXT - at, "%c%u", i ? ',' : '[', shape.dim[i]);
    (void)snprintf(text + at, VV_SHAPE_TEXT - at, "%s", shape.rank ? "]" : "[]");
    return text;
}
