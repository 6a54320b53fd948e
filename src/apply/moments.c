#include "moments.h"

// Each piece in two passes, since sum(x^2) - sum(x)^2 / n cancels; then joined to those before it by
// equation 1.5 of Chan, Golub and LeVeque, "Algorithms for Computing the Sample Variance" (1983).
void vv_moments_add(struct vv_moments *m, const float *numbers, uint64_t count) {
    double sum = 0, squares = 0;
    if (count == 0) return;
    for (uint64_t i = 0; i < count; i++) sum += numbers[i];
    const double mean = sum / (double)count;
    for (uint64_t i = 0; i < count; i++) squares += (numbers[i] - mean) * (numbers[i] - mean);
    const double before = (double)m->count, all = before + (double)count, apart = mean - m->mean;
    m->mean += apart * ((double)count / all);
    m->squares += squares + apart * apart * (before * (double)count / all);
    m->count += count;
}

double vv_moments_variance(const struct vv_moments *m) {
    return m->count ? m->squares / (double)m->count : 0;
}
