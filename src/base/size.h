// Sizes that cannot overflow silently, and memory taken with them.
#ifndef VV_BASE_SIZE_H
#define VV_BASE_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "context.h"

// *out = a * b, or false and *out untouched when that does not fit.
static inline bool vv_mul_u64(uint64_t a, uint64_t b, uint64_t *out) {
    if (a != 0 && b > UINT64_MAX / a) return false;
    *out = a * b;
    return true;
}

static inline bool vv_add_u64(uint64_t a, uint64_t b, uint64_t *out) {
    if (b > UINT64_MAX - a) return false;
    *out = a + b;
    return true;
}

// value rounded up to a multiple of unit (a power of two). The caller keeps value far from the top.
static inline uint64_t vv_align_up(uint64_t value, uint64_t unit) {
    return (value + unit - 1) & ~(unit - 1);
}

static inline uint64_t vv_div_up(uint64_t value, uint64_t unit) {
    return value / unit + (value % unit != 0);
}

// count * size zeroed bytes (at least one), or NULL with the context's error set. Free with free().
void *vv_alloc(struct vv_context *ctx, uint64_t count, uint64_t size);

// Gives the memory of bytes that nobody reads any more back to the system, as far as it is whole pages;
// what holds them must still be freed.
void vv_discard(void *bytes, uint64_t n);

// Gives back what was freed, where the C library keeps it and can.
void vv_give_back(void);

#endif
