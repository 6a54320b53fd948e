// Sums in a fixed order, and their transposes.
#ifndef VV_OPS_REDUCE_H
#define VV_OPS_REDUCE_H

#include "tape.h"

// Sums x over the dimensions that `shape` lacks or has as 1 (aligned at the last dimension).
vv_ref vv_sum_to(struct vv_tape *t, vv_ref x, struct vv_shape shape);
// Repeats x along dimensions of 1 until it has `shape`.
vv_ref vv_expand(struct vv_tape *t, vv_ref x, struct vv_shape shape);

extern const struct vv_op vv_op_sum, vv_op_expand;

#endif
