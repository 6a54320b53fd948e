// Pictures of other sizes. x [B,H,W,C], f32, channels last.
#ifndef VV_OPS_RESAMPLE_H
#define VV_OPS_RESAMPLE_H

#include "tape.h"

// y [B,height,width,C]: y[i][j] = x[i / 2][j / 2], height in {2H - 1, 2H}, width likewise.
vv_ref vv_upsample_nearest(struct vv_tape *t, vv_ref x, uint32_t height, uint32_t width);

// y [B,ceil(H/2),ceil(W/2),C]: the mean over 2 x 2 pixels, over those that there are at an odd edge
// (torch.nn.AvgPool2d(2, ceil_mode=True)).
vv_ref vv_average_pool(struct vv_tape *t, vv_ref x);

#endif
