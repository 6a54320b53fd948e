// The log-variance of a Gaussian as it is used: bounded softly, so that neither its exponential nor a
// gradient of it overflows. One source for kernels, reference and, in double, the gradient tests.
//
// For |x| <= 20 it is x itself, to the bit: variances from 2e-9 to 5e8, beyond all that is of use.
// Further out it is, with the sign of x, 20 + u / (1 + u / 10), u = |x| - 20: it nears 30 and has the
// slope 1 / (1 + u / 10)^2, which is 1 at the seam and never 0, so that training finds back from there.
#ifndef VV_EXACT_GAUSSIAN_H
#define VV_EXACT_GAUSSIAN_H

#include "exact.h"

#ifndef VULKAN
#define precise
#endif

#if !defined(VULKAN) && defined(VV_REAL_IS_DOUBLE)

VV_FN double vv_logvar(double x) {
    const double u = fabs(x) - 20;
    return u > 0 ? copysign(20 + u / (1 + u / 10), x) : x;
}

VV_FN double vv_logvar_slope(double x) {
    const double u = fabs(x) - 20, r = u > 0 ? 1 / (1 + u / 10) : 1;
    return r * r;
}

#else

// How far |x| is beyond 20, at most 2^40, where the bound is the limit already; 0 within.
VV_FN float vv_logvar_excess(float x) {
    precise float size = vv_float(vv_bits(x) & 0x7fffffffu);
    precise float u = size - 20.0f;
    u = size > 20.0f ? u : 0.0f;
    u = u > 1.09951163e12f ? 1.09951163e12f : u;
    return u;
}

// 1 / (1 + u / 10): a guess from the bits to 13 %, then Newton's steps.
VV_FN float vv_logvar_shrink(float u) {
    precise float d = 1.0f + 0.1f * u;
    precise float r = vv_float(0x7ef311c7u - vv_bits(d));
    r = r + r * (1.0f - d * r);
    r = r + r * (1.0f - d * r);
    r = r + r * (1.0f - d * r);
    r = r + r * (1.0f - d * r);
    return r;
}

// Within 1.8 ulp.
VV_FN float vv_logvar(float x) {
    precise float u = vv_logvar_excess(x);
    precise float bound = 20.0f + u * vv_logvar_shrink(u);
    vv_word size = vv_bits(x) & 0x7fffffffu;
    vv_word beyond = vv_bits(bound) | (vv_bits(x) & 0x80000000u);
    vv_word result = size > 0x41a00000u ? beyond : vv_bits(x);  // 20
    result = size > VV_INFINITY_BITS ? VV_NAN_BITS : result;
    return vv_float(result);
}

// Exactly 1 for |x| <= 20, beyond within 6.6 ulp.
VV_FN float vv_logvar_slope(float x) {
    precise float u = vv_logvar_excess(x);
    precise float r = vv_logvar_shrink(u);
    precise float slope = r * r;
    slope = u > 0.0f ? slope : 1.0f;
    return vv_or_nan(slope, x);
}

#endif

#ifndef VULKAN
#undef precise
#endif

#endif
