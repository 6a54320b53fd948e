// Densities of pixels in [0, 1], given the decoder's numbers: one family, its kinds in
// shaders/exact_density.h.
#ifndef VV_OPS_DENSITY_H
#define VV_OPS_DENSITY_H

#include "tape.h"

struct vv_density {
    uint32_t kind;   // VV_DENSITY_* of abi.h
    uint32_t scale;  // VV_SCALE_*: with VV_SCALE_PIXEL the decoder has two numbers for each pixel,
                     // location and log sigma, else one
};

// Numbers of the decoder for each pixel.
uint32_t vv_density_outputs(const struct vv_density *density);

// -log p(x | out) of each image, [batch], nats. out: [batch, pixels outputs], x: [batch, pixels].
// log_sigma: f32 [1] with VV_SCALE_GIVEN and VV_SCALE_SHARED, else NULL. There is no gradient with
// respect to x, nor to a log sigma that is given.
vv_ref vv_density_of(struct vv_tape *t, struct vv_density density, vv_ref out, vv_ref x,
                     vv_ref log_sigma);
// All in one pass: one after the other, the gradient of the values times `scale` with respect to out
// [batch, pixels outputs], the values [batch], and, with VV_SCALE_SHARED, the gradient of each row's
// value times `scale` with respect to log_sigma [batch].
vv_ref vv_density_both(struct vv_tape *t, struct vv_density density, vv_ref out, vv_ref x,
                       vv_ref log_sigma, double scale);
// The mean of p(x | out).   out: [batch, pixels outputs] -> [batch, pixels]
vv_ref vv_density_mean(struct vv_tape *t, struct vv_density density, vv_ref out, vv_ref log_sigma);

extern const struct vv_op vv_op_density, vv_op_density_both, vv_op_density_mean;

#endif
