// Element types and shapes.
#ifndef VV_TAPE_SHAPE_H
#define VV_TAPE_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

// The host's real type. The gradient tests build these rooms a second time in double.
#ifdef VV_REAL_IS_DOUBLE
typedef double vv_real;
#else
typedef float vv_real;
#endif

enum vv_type { VV_F32, VV_U32, VV_U8 };

#define VV_MAX_RANK 4

struct vv_shape {
    uint32_t rank;  // 1 to 4
    uint32_t dim[VV_MAX_RANK];
};

// Bytes of one element on the host: VV_F32 is a vv_real.
uint32_t vv_type_bytes(enum vv_type type);
const char *vv_type_name(enum vv_type type);

static inline struct vv_shape vv_shape1(uint32_t a) {
    return (struct vv_shape){1, {a}};
}
static inline struct vv_shape vv_shape2(uint32_t a, uint32_t b) {
    return (struct vv_shape){2, {a, b}};
}
static inline struct vv_shape vv_shape3(uint32_t a, uint32_t b, uint32_t c) {
    return (struct vv_shape){3, {a, b, c}};
}
static inline struct vv_shape vv_shape4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
    return (struct vv_shape){4, {a, b, c, d}};
}

// Elements of a shape that was checked when its tensor was made (see vv_shape_check).
static inline uint64_t vv_shape_count(struct vv_shape shape) {
    uint64_t n = 1;
    for (uint32_t i = 0; i < shape.rank; i++) n *= shape.dim[i];
    return n;
}

// The i-th dimension counted from the last (0 = last); 1 where the shape has fewer.
static inline uint32_t vv_shape_from_last(struct vv_shape shape, uint32_t i) {
    return i < shape.rank ? shape.dim[shape.rank - 1 - i] : 1;
}

bool vv_shape_equal(struct vv_shape a, struct vv_shape b);

// True when the rank is 1 to 4, no dimension is 0, and the elements number at most 2^32 - 1.
bool vv_shape_check(struct vv_shape shape);

// "[128,784]" in text (which holds 64 bytes); returns text.
#define VV_SHAPE_TEXT 64
const char *vv_shape_print(struct vv_shape shape, char text[VV_SHAPE_TEXT]);

#endif
