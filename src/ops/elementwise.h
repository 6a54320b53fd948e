// Ops on each element alone, with broadcasting for the binary ones. All f32.
#ifndef VV_OPS_ELEMENTWISE_H
#define VV_OPS_ELEMENTWISE_H

#include "tape.h"

// A dimension of 1 is broadcast, on either side; shapes are aligned at the last dimension.
vv_ref vv_add(struct vv_tape *t, vv_ref a, vv_ref b);
vv_ref vv_mul(struct vv_tape *t, vv_ref a, vv_ref b);

vv_ref vv_affine(struct vv_tape *t, vv_ref x, double scale, double shift);  // scale x + shift
vv_ref vv_exp_of(struct vv_tape *t, vv_ref x);
vv_ref vv_log_of(struct vv_tape *t, vv_ref x);    // -infinity at 0 and for denormals
vv_ref vv_recip_of(struct vv_tape *t, vv_ref x);  // 1 / x
vv_ref vv_square(struct vv_tape *t, vv_ref x);

// A tensor of one value.
vv_ref vv_fill(struct vv_tape *t, struct vv_shape shape, double value);

extern const struct vv_op vv_op_add, vv_op_mul, vv_op_affine, vv_op_exp, vv_op_log, vv_op_recip,
    vv_op_square, vv_op_fill;

#endif
