// Ways through a latent space.
#ifndef VV_APPLY_WALK_H
#define VV_APPLY_WALK_H

#include <stdint.h>

// The number below which a standard normal falls with that chance: -INFINITY at 0, INFINITY at 1, NaN
// beyond. Exactly 0 at 1/2, and odd about it. Chances below 1e-300 count as that.
double vv_normal_quantile(double chance);

// z[count]: the point at `at` (0: a, 1: b, exactly) of the straight line.
void vv_walk_linear(const float *a, const float *b, uint32_t count, double at, float *z);

// The same on the arc from the direction of a to that of b. Where these are the same, opposite, or not
// there at all, it is the straight line.
void vv_walk_spherical(const float *a, const float *b, uint32_t count, double at, float *z);

#endif
