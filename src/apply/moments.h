// Mean and variance of numbers that come in pieces.
#ifndef VV_APPLY_MOMENTS_H
#define VV_APPLY_MOMENTS_H

#include <stdint.h>

// Starts as zeros. The same numbers in the same pieces give the same bytes.
struct vv_moments {
    uint64_t count;
    double mean, squares;  // squares: the sum of squared distances from the mean
};

void vv_moments_add(struct vv_moments *m, const float *numbers, uint64_t count);
// The population's: squares / count; 0 of no numbers.
double vv_moments_variance(const struct vv_moments *m);

#endif
