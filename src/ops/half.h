// Values kept as floats of 16 bits, two in a word: half the memory, 11 bits of each. Arithmetic stays
// f32.
#ifndef VV_OPS_HALF_H
#define VV_OPS_HALF_H

#include "tape.h"

// x, f32 of any shape with n elements -> u32 [ceil(n / 2)], as exact_half.h rounds; element 2i is the
// lower half of word i.
vv_ref vv_halve(struct vv_tape *t, vv_ref x);
// Back: u32 [ceil(n / 2)] -> f32 of `shape`, which has n elements.
vv_ref vv_unhalve(struct vv_tape *t, vv_ref words, struct vv_shape shape);

extern const struct vv_op vv_op_halve, vv_op_unhalve;

#endif
