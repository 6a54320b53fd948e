// Pictures of other sizes. x [B,H,W,C], f32, channels last.
#ifndef VV_OPS_RESAMPLE_H
#define VV_OPS_RESAMPLE_H

#include "tape.h"

// y [B,height,width,C]: y[i][j] = x[i / 2][j / 2], height in {2H - 1, 2H}, width likewise.
vv_ref vv_upsample_nearest(struct vv_tape *t, vv_ref x, uint32_t height, uint32_t width);

// y [B,ceil(H/2),ceil(W/2),C]: the mean over 2 x 2 pixels, over those that there are at an odd edge
// (torch.nn.AvgPool2d(2, ceil_mode=True)).
vv_ref vv_average_pool(struct vv_tape *t, vv_ref x);

// Their transposes, which are their gradients: the sum over those 2 x 2 pixels; each pixel's share of
// the mean's adjoint, for pictures of height x width.
vv_ref vv_upsample_nearest_grad(struct vv_tape *t, vv_ref dy);
vv_ref vv_average_pool_grad(struct vv_tape *t, vv_ref dy, uint32_t height, uint32_t width);

extern const struct vv_op vv_op_upsample_nearest, vv_op_average_pool, vv_op_upsample_nearest_grad,
    vv_op_average_pool_grad;

#endif
