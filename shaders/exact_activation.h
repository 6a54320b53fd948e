// Activations and their slopes out of exact.h's functions: one source for kernels, reference and, in
// double, the gradient tests. A slope is d activation(x) / dx as a function of x, or of y =
// activation(x) where that is enough: then x need not be kept for the gradient.
//
// Infinities give the limit, as relu's do, NaN gives NaN, and |x| < 2^-100 a zero with the sign of x:
// the bounds on errors are for larger ones. Slopes are within 2e-7 of their value.
#ifndef VV_EXACT_ACTIVATION_H
#define VV_EXACT_ACTIVATION_H

#include "exact.h"

#ifdef VULKAN
#define VV_AS_REAL(x) float(x)
#else
#define VV_AS_REAL(x) ((VV_EXACT_REAL)(x))
#define precise
#endif

VV_FN VV_EXACT_REAL vv_sigmoid_slope(VV_EXACT_REAL y) {
    precise VV_EXACT_REAL slope = y * (1.0f - y);
    return slope;
}

VV_FN VV_EXACT_REAL vv_tanh_slope(VV_EXACT_REAL y) {
    precise VV_EXACT_REAL slope = (1.0f - y) * (1.0f + y);
    return slope;
}

// max(x, 0) + 0.01 min(x, 0), within 0.9 ulp: Maas et al., Rectifier Nonlinearities Improve Neural
// Network Acoustic Models (2013), with their slope.
#define VV_LEAKY_SLOPE VV_AS_REAL(0.01)

VV_FN VV_EXACT_REAL vv_leaky_relu(VV_EXACT_REAL x) {
    precise VV_EXACT_REAL below = VV_LEAKY_SLOPE * x;
    return vv_settle(x < 0.0f ? below : x, x);
}

VV_FN VV_EXACT_REAL vv_leaky_relu_slope(VV_EXACT_REAL y) {
    return vv_or_nan(y > 0.0f ? 1.0f : VV_LEAKY_SLOPE, y);
}

// x for x > 0, else exp x - 1, within 1.0 ulp: Clevert et al., Fast and Accurate Deep Network Learning
// by Exponential Linear Units (2015), equation 15 with alpha 1.
VV_FN VV_EXACT_REAL vv_elu(VV_EXACT_REAL x) {
    precise VV_EXACT_REAL below = vv_expm1_below(x);
    return vv_settle(x > 0.0f ? x : below, x);
}

VV_FN VV_EXACT_REAL vv_elu_slope(VV_EXACT_REAL y) {
    precise VV_EXACT_REAL below = y + 1.0f;
    return vv_or_nan(y > 0.0f ? 1.0f : below, y);
}

// x sigmoid(x), within 2.9 ulp; exactly 0 for x < -87: Hendrycks & Gimpel, Gaussian Error Linear Units
// (2016), section 2.
VV_FN VV_EXACT_REAL vv_silu(VV_EXACT_REAL x) {
    precise VV_EXACT_REAL product = x * vv_sigmoid(x);
    return vv_settle(x < -87.0f ? 0.0f : product, x);
}

// s + x s (1 - s) with s = sigmoid(x) and 1 - s = sigmoid(-x).
VV_FN VV_EXACT_REAL vv_silu_slope(VV_EXACT_REAL x) {
    precise VV_EXACT_REAL low = x < -88.0f ? -88.0f : x;
    precise VV_EXACT_REAL near = low > 88.0f ? 88.0f : low;  // 0 and 1 beyond
    precise VV_EXACT_REAL s = vv_sigmoid(near);
    precise VV_EXACT_REAL slope = s * (1.0f + near * vv_sigmoid(-near));
    return vv_or_nan(slope, x);
}

// x Phi(x), Phi the standard normal distribution, within 4.2 ulp for x > 0 and 5.9 ulp for x < 0;
// exactly 0 for x < -13.1: Hendrycks & Gimpel (2016), equation 1. It is this, the erf form, not the
// approximation by tanh (their section 2), which differs by up to 5e-4. With t = |x| and the tail
// Phi(-t) = mills(t) bell(t) it is max(x, 0) - t Phi(-t): the tail keeps its relative accuracy.
VV_FN VV_EXACT_REAL vv_gelu(VV_EXACT_REAL x) {
    precise VV_EXACT_REAL size = x < 0.0f ? -x : x;
    precise VV_EXACT_REAL t = size > 13.1f ? 13.1f : size;
    precise VV_EXACT_REAL y = (x > 0.0f ? x : 0.0f) - (t * vv_mills(t)) * vv_bell(x);
    return vv_settle(y, x);
}

// Phi(x) + x bell(x) / sqrt(2 pi); for x < 0 that is bell (mills - t / sqrt(2 pi)), and 1 less that for
// x > 0.
VV_FN VV_EXACT_REAL vv_gelu_slope(VV_EXACT_REAL x) {
    precise VV_EXACT_REAL size = x < 0.0f ? -x : x;
    precise VV_EXACT_REAL t = size > 13.1f ? 13.1f : size;
    precise VV_EXACT_REAL tail = vv_bell(x) * (vv_mills(t) - VV_AS_REAL(0.3989422804014327) * t);
    precise VV_EXACT_REAL slope = x > 0.0f ? 1.0f - tail : tail;
    return vv_or_nan(slope, x);
}

#ifndef VULKAN
#undef precise
#endif

#endif
