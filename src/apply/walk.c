#include "walk.h"

#include <math.h>

// The root x of Phi(x) = p for p <= 1/2, where Phi(x) = erfc(-x / sqrt 2) / 2 loses no digits. Newton's
// method on log Phi, which is concave: from the left of the root no step goes beyond it. The slope of
// log Phi is exp(-x^2 / 2) / sqrt(2 pi) / Phi(x).
static double lower_quantile(double p) {
    const double root_half = 0.70710678118654752, root_tau = 2.5066282746310005;
    const double wanted = log(fmax(p, 1e-300));  // below that, Phi has no digits left
    if (p == 0.5) return 0;
    // Phi(x) <= exp(-x^2 / 2) / 2 for x <= 0: this is left of the root.
    double x = -sqrt(-2 * (wanted + log(2)));
    for (int i = 0; i < 64; i++) {
        const double now = log(0.5 * erfc(-x * root_half));
        const double step = (wanted - now) * root_tau * exp(now + x * x / 2);
        x += step;
        if (fabs(step) <= 1e-16 * fabs(x)) break;
    }
    return x;
}

double vv_normal_quantile(double chance) {
    if (!(chance >= 0 && chance <= 1)) return NAN;
    if (chance == 0) return -INFINITY;
    if (chance == 1) return INFINITY;
    return chance <= 0.5 ? lower_quantile(chance) : -lower_quantile(1 - chance);
}

static void mix(const float *a, const float *b, uint32_t count, double of_a, double of_b, float *z) {
    for (uint32_t i = 0; i < count; i++) z[i] = (float)(of_a * (double)a[i] + of_b * (double)b[i]);
}

void vv_walk_linear(const float *a, const float *b, uint32_t count, double at, float *z) {
    mix(a, b, count, 1 - at, at, z);
}

// Shoemake 1985, "Animating rotation with quaternion curves", section 3.3: with the angle W between
// them, slerp(a, b; t) = a sin((1 - t) W) / sin W + b sin(t W) / sin W.
void vv_walk_spherical(const float *a, const float *b, uint32_t count, double at, float *z) {
    double aa = 0, bb = 0, ab = 0;
    for (uint32_t i = 0; i < count; i++) {
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
        ab += (double)a[i] * (double)b[i];
    }
    const double cosine = ab / sqrt(aa * bb), angle = acos(fmax(-1, fmin(1, cosine)));
    const double sine = sin(angle);
    if (!(sine > 1e-6)) {  // NaN too
        vv_walk_linear(a, b, count, at, z);
        return;
    }
    mix(a, b, count, sin((1 - at) * angle) / sine, sin(at * angle) / sine, z);
}
