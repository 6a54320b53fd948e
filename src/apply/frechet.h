// The Fréchet distance between two sets of features, as if they were normally distributed.
#ifndef VV_APPLY_FRECHET_H
#define VV_APPLY_FRECHET_H

#include <stdint.h>

#include "context.h"

// A mean [size] and a covariance [size,size]; owned.
struct vv_normal {
    uint32_t size;
    double *mean, *covariance;
};

// That of `count` rows, at least two, with count - 1.   rows [count,size]
bool vv_normal_fit(struct vv_context *ctx, const float *rows, uint64_t count, uint32_t size,
                   struct vv_normal *normal);
void vv_normal_finish(struct vv_normal *normal);  // takes a zeroed one

// |mean a - mean b|^2 + tr(A + B - 2 (A B)^(1/2)): Heusel, Ramsauer, Unterthiner, Nessler, Hochreiter,
// GANs trained by a two time-scale update rule converge to a local Nash equilibrium (2017), equation 6;
// Dowson & Landau 1982. The trace of the root is that of (A^(1/2) B A^(1/2))^(1/2), which is symmetric.
bool vv_frechet(struct vv_context *ctx, const struct vv_normal *a, const struct vv_normal *b,
                double *distance);

#endif
