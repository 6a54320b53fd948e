// Means of neighbours under a Gaussian window.
#ifndef VV_OPS_BLUR_H
#define VV_OPS_BLUR_H

#include "tape.h"

// y[.., i, ..] = sum over k < taps of w[k] x[.., i + k, ..] along `axis`, which loses taps - 1 places:
// only where the window fits. w[k] goes with exp(-(k - (taps - 1) / 2)^2 / (2 sigma^2)) and sums to 1.
// taps: 1 to 11 (VV_BLUR_MOST). f32.
vv_ref vv_blur(struct vv_tape *t, vv_ref x, uint32_t axis, uint32_t taps, double sigma);
// The transpose, which is the gradient: `axis` gains taps - 1 places.
vv_ref vv_blur_grad(struct vv_tape *t, vv_ref dy, uint32_t axis, uint32_t taps, double sigma);

extern const struct vv_op vv_op_blur, vv_op_blur_grad;

#endif
