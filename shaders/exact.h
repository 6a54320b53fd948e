// Arithmetic that gives the same bits on every device and on the host, compiled by C and by GLSL.
//
// Integers, and sums and products of floats rounded to nearest, are the same everywhere as long as no
// compiler contracts or reorders them and no value is a denormal (a device may flush those). So nothing
// else is used here: no division, no built-in exp, log, sin or sqrt. In GLSL every local is `precise`
// (at a call that would not reach the callee); C is built with -ffp-contract=off. The polynomials are
// minimax fits (Remez exchange) made for this file. "Within n ulp": the largest error over all floats of
// the range (for activations over each seventh) was below n units in the last place, where correct
// rounding has 0.5; tests/shaders/exact_test.c checks it on a part.
//
// NaN: an argument that is NaN gives the quiet NaN 0x7fc00000, tested and made as bits, since a device
// may compile comparisons of floats as if there were none.
#ifndef VV_EXACT_H
#define VV_EXACT_H

#ifdef VULKAN

#define VV_FN
#define VV_EXACT_REAL                float
#define vv_word                      uint
#define vv_words                     uvec4
#define vv_pair                      vec2
#define vv_normals                   vec4
#define vv_bits(x)                   floatBitsToUint(x)
#define vv_float(u)                  uintBitsToFloat(u)
#define vv_convert(u)                float(u)
#define VV_MULTIPLY(high, low, a, b) umulExtended(a, b, high, low)

#else

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif
#ifdef __FAST_MATH__
#error "exact.h needs IEEE arithmetic: build without -ffast-math"
#endif
#if FLT_EVAL_METHOD != 0
#error "exact.h needs floats that are evaluated as floats"
#endif

#define VV_FN static inline
#define precise

// What vv_exp and the like take and give: the gradient tests build the host in double, with libm.
#ifdef VV_REAL_IS_DOUBLE
#define VV_EXACT_REAL double
#else
#define VV_EXACT_REAL float
#endif

typedef uint32_t vv_word;
typedef struct vv_words {
    vv_word x, y, z, w;
} vv_words;
typedef struct vv_pair {
    float x, y;
} vv_pair;
typedef struct vv_normals {
    float x, y, z, w;
} vv_normals;

VV_FN vv_word vv_bits(float x) {
    vv_word u;
    memcpy(&u, &x, sizeof u);
    return u;
}

VV_FN float vv_float(vv_word u) {
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

#define vv_convert(u) ((float)(u))
#define VV_MULTIPLY(high, low, a, b)                                                                    \
    do {                                                                                                \
        uint64_t product = (uint64_t)(a) * (b);                                                         \
        (high) = (vv_word)(product >> 32);                                                              \
        (low) = (vv_word)product;                                                                       \
    } while (0)

#endif

#define VV_NAN_BITS      0x7fc00000u
#define VV_INFINITY_BITS 0x7f800000u

// Philox4x32-10: Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3 (SC 2011), section 3.3.
VV_FN vv_words vv_philox(vv_words counter, vv_word key_low, vv_word key_high) {
    vv_words c = counter;
    vv_word k0 = key_low, k1 = key_high;
    for (int i = 0; i < 10; i++) {
        vv_word high0, low0, high1, low1;
        VV_MULTIPLY(high0, low0, 0xd2511f53u, c.x);
        VV_MULTIPLY(high1, low1, 0xcd9e8d57u, c.z);
        c.x = high1 ^ c.y ^ k0;
        c.y = low1;
        c.z = high0 ^ c.w ^ k1;
        c.w = low0;
        k0 += 0x9e3779b9u;
        k1 += 0xbb67ae85u;
    }
    return c;
}

// The four words of dimensions 4 block to 4 block + 3: the one layout of counter and key, for all uses
// of randomness. `item` is the sample.
VV_FN vv_words vv_random4(vv_word block, vv_word item, vv_word step, vv_word stream, vv_word seed_low,
                          vv_word seed_high) {
    vv_words counter;
    counter.x = block;
    counter.y = item;
    counter.z = step;
    counter.w = stream;
    return vv_philox(counter, seed_low, seed_high);
}

// Uniform on [0, 1): the word's upper 24 bits, exact.
VV_FN float vv_uniform(vv_word word) {
    precise float u = vv_convert(word >> 8) * 5.96046448e-08f;  // 2^-24
    return u;
}

// log x, within 1.3 ulp, for x normal, positive and finite. x = 2^e m with m in [sqrt(1/2), sqrt(2)) and
// f = m - 1, exactly; log x = e ln2 + f + f^2 q(f), q to 3.0e-8 of the result.
VV_FN float vv_log_normal(float x) {
    vv_word shifted = vv_bits(x) + (0x3f800000u - 0x3f3504f3u);
    precise float e = vv_convert(shifted >> 23) - 127.0f;
    precise float f = vv_float((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    precise float q = 0.087347962f;
    q = q * f - 0.143075138f;
    q = q * f + 0.149179891f;
    q = q * f - 0.165705115f;
    q = q * f + 0.199620709f;
    q = q * f - 0.250017554f;
    q = q * f + 0.333339512f;
    q = q * f - 0.499999911f;
    // ln2 in two parts, the first of 15 bits so that its product with e is exact.
    precise float tail = f * f * q + e * 1.42860677e-06f;
    precise float sum = e * 0.693145752f + (f + tail);
    return sum;
}

// sqrt x, within 1.3 ulp, for x in [2^-100, 2^126]. y is 1/sqrt(x) to 6.5e-4: bits with half the
// exponent, then a Newton step, the three constants chosen together. s = x y is refined by one step of
// third order: s <- s (1 + r/2 + 3 r^2/8), r = 1 - s y.
VV_FN float vv_sqrt(float x) {
    precise float y = vv_float(0x5f200500u - (vv_bits(x) >> 1));
    y = y * (1.6817373f - 0.703730482f * (x * y * y));
    precise float s = x * y;
    precise float r = 1.0f - s * y;
    s = s + s * (r * (0.5f + 0.375f * r));
    return s;
}

// Two independent standard normals from two words: Box, Muller, A Note on the Generation of Random
// Normal Deviates (1958). The radius is sqrt(-2 log u), u in (0, 1) from all 32 bits, so that the tail
// reaches 6.7; the minimum keeps u from rounding to 1. Of the angle's word two bits choose the quadrant
// and 23 an odd multiple t of 2^-23 in (-1, 1), an angle t pi/4 from the quadrant's middle: no sine is
// 0, and no normal. sine = t p(t^2) to 3.3e-9, cosine = 1 + t^2 p(t^2) to 3.3e-8; a normal is within
// 4e-7 of its value.
VV_FN vv_pair vv_normal_pair(vv_word radius_word, vv_word angle_word) {
    vv_word w = radius_word < 0xffffff7fu ? radius_word : 0xffffff7fu;
    precise float u = vv_convert(w >> 8) + (vv_convert(w & 255u) * 0.00390625f + 0.001953125f);
    u = u * 5.96046448e-08f;
    precise float radius = vv_sqrt(-2.0f * vv_log_normal(u));

    precise float t = vv_convert(((angle_word >> 6) & 0x00ffffffu) | 1u) - 8388608.0f;
    t = t * 1.1920929e-07f;
    precise float t2 = t * t;
    precise float sine =
        t * (0.785398185f + t2 * (-0.0807454363f + t2 * (0.00249000103f - t2 * 3.5950452e-05f)));
    precise float cosine = 1.0f + t2 * (-0.308424503f + t2 * (0.0158503968f - t2 * 0.000319160172f));

    // Turned by quarters, (c, s) becomes (-s, c), (-c, -s), (s, -c).
    vv_word quadrant = angle_word >> 30;
    bool odd = (quadrant & 1u) != 0u;
    precise float x = vv_float(vv_bits(odd ? sine : cosine) ^ (((quadrant + 1u) & 2u) << 30));
    precise float y = vv_float(vv_bits(odd ? cosine : sine) ^ ((quadrant & 2u) << 30));
    vv_pair normals;
    x = radius * x;
    y = radius * y;
    normals.x = x;
    normals.y = y;
    return normals;
}

// The standard normals of dimensions 4 block to 4 block + 3.
VV_FN vv_normals vv_normal4(vv_word block, vv_word item, vv_word step, vv_word stream, vv_word seed_low,
                            vv_word seed_high) {
    vv_words words = vv_random4(block, item, step, stream, seed_low, seed_high);
    vv_pair low = vv_normal_pair(words.x, words.y);
    vv_pair high = vv_normal_pair(words.z, words.w);
    vv_normals normals;
    normals.x = low.x;
    normals.y = low.y;
    normals.z = high.x;
    normals.w = high.y;
    return normals;
}

#if !defined(VULKAN) && defined(VV_REAL_IS_DOUBLE)

// The gradient tests' build: derivatives are compared there, not bits.
VV_FN double vv_exp(double x) {
    return exp(x);
}

VV_FN double vv_log(double x) {
    return log(x);
}

VV_FN double vv_reciprocal(double x) {
    return 1 / x;
}

VV_FN double vv_sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

VV_FN double vv_softplus(double x) {
    return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}

VV_FN double vv_expm1_below(double x) {
    return expm1(-fabs(x));
}

VV_FN double vv_tanh(double x) {
    return tanh(x);
}

VV_FN double vv_bell(double x) {
    return fabs(x) > 13.1 ? 0 : exp(-0.5 * x * x);
}

VV_FN double vv_mills(double t) {
    return 0.5 * erfc(t * 0.70710678118654752) * exp(0.5 * t * t);
}

VV_FN double vv_or_nan(double result, double x) {
    return isnan(x) ? x : result;
}

VV_FN double vv_settle(double result, double x) {
    return vv_or_nan(result, x);
}

#else

VV_FN bool vv_is_nan(float x) {
    return (vv_bits(x) & 0x7fffffffu) > VV_INFINITY_BITS;
}

// exp x, within 1.0 ulp, for x in [-87, 88.7228317]: x = n ln2 + r, exp x = 2^n (1 + r + r^2 q(r)), q
// to 3.1e-9 of the result. Adding 1.5 2^23 rounds to an integer, which then stands in the low bits.
VV_FN float vv_exp_normal(float x) {
    precise float shifted = x * 1.44269502f + 12582912.0f;
    precise float n = shifted - 12582912.0f;
    precise float r = (x - n * 0.693145752f) - n * 1.42860677e-06f;
    precise float q = 0.00138145417f;
    q = q * r + 0.00836874545f;
    q = q * r + 0.041668389f;
    q = q * r + 0.166665211f;
    q = q * r + 0.49999994f;
    precise float power = 1.0f + (r + r * r * q);
    return vv_float(vv_bits(power) + (vv_bits(shifted) << 23));
}

// exp(-|x|), exactly 0 beyond 87 (not a denormal); of NaN, anything.
VV_FN float vv_exp_below(float x) {
    precise float below = vv_float(vv_bits(x) | 0x80000000u);
    precise float t = vv_exp_normal(below);  // outside the selection, which would become a branch
    t = below < -87.0f ? 0.0f : t;
    return t;
}

// exp x, within 1.0 ulp; exactly 0 for x < -87 (below 1.6e-38, near the least normal number), infinite
// where it passes the largest float: the latch for NaN and Inf is to see an overflow.
VV_FN float vv_exp(float x) {
    vv_word result = vv_bits(vv_exp_normal(x));
    result = x < -87.0f ? 0u : result;
    result = x > 88.7228317f ? VV_INFINITY_BITS : result;
    result = vv_is_nan(x) ? VV_NAN_BITS : result;
    return vv_float(result);
}

// log x, within 1.3 ulp; -infinity for 0 and denormals of either sign, NaN for other negative x.
VV_FN float vv_log(float x) {
    vv_word word = vv_bits(x);
    vv_word result = vv_bits(vv_log_normal(x));
    result = word >= VV_INFINITY_BITS ? VV_NAN_BITS : result;
    result = word == VV_INFINITY_BITS ? word : result;
    result = (word & 0x7fffffffu) < 0x00800000u ? 0x80000000u | VV_INFINITY_BITS : result;
    return vv_float(result);
}

// 1 / x, within 1.0 ulp, for |x| in [2^-126, 2^125); a zero beyond, infinite for zeros and denormals,
// each with the sign of x. x = 2^e d with d in [1, 2), y = 1/d as in vv_sigmoid_by, and 2^-e.
VV_FN float vv_reciprocal(float x) {
    vv_word word = vv_bits(x), size = word & 0x7fffffffu;
    precise float d = vv_float((word & 0x007fffffu) | 0x3f800000u);
    precise float y = 2.12121201f + d * (-1.4545455f + d * 0.323232323f);
    y = y + y * (1.0f - d * y);
    y = y + y * ((1.0f - y) - (d - 1.0f) * y);
    vv_word result = vv_bits(y) + 0x3f800000u - (size & 0x7f800000u);
    result = size < 0x00800000u ? VV_INFINITY_BITS : result;
    result = size >= 0x7e000000u ? 0u : result;
    result = result | (word & 0x80000000u);
    result = size > VV_INFINITY_BITS ? VV_NAN_BITS : result;
    return vv_float(result);
}

// 1 / (1 + exp(-x)), within 1.0 ulp for x > 0 and 2.1 ulp for x < 0; exactly 0 for x < -87. With
// t = exp(-|x|) and d = 1 + t in [1, 2] it is y = 1/d, or t y for x < 0. y: a quadratic to 1.0e-2, then
// Newton's y + y (1 - d y) twice, the second time without the rounding of d. The form with t is for
// callers that have it.
VV_FN float vv_sigmoid_by(float x, float t) {
    precise float d = 1.0f + t;
    precise float y = 2.12121201f + d * (-1.4545455f + d * 0.323232323f);
    y = y + y * (1.0f - d * y);
    y = y + y * ((1.0f - y) - t * y);
    precise float lower = t * y;
    vv_word result = vv_bits(x < 0.0f ? lower : y);
    result = vv_is_nan(x) ? VV_NAN_BITS : result;
    return vv_float(result);
}
VV_FN float vv_sigmoid(float x) {
    return vv_sigmoid_by(x, vv_exp_below(x));
}

// log(1 + exp x), within 2.8 ulp for x > 0 and 2.5 ulp for x < 0 (relative to its value for x far below
// 0, too); exactly 0 for x < -87. It is max(x, 0) + log1p t with t = exp(-|x|) in [0, 1], and
// log1p t = t + t^2 q(t), q to 3.3e-8 of the result. The form with t is for callers that have it.
VV_FN float vv_softplus_by(float x, float t) {
    precise float q = 0.0053647859f;
    q = q * t - 0.0300656371f;
    q = q * t + 0.0792042837f;
    q = q * t - 0.137537807f;
    q = q * t + 0.191536456f;
    q = q * t - 0.248571619f;
    q = q * t + 0.33321321f;
    q = q * t - 0.499996483f;
    precise float sum = (x > 0.0f ? x : 0.0f) + (t + t * t * q);
    vv_word result = vv_bits(sum);
    result = vv_is_nan(x) ? VV_NAN_BITS : result;
    return vv_float(result);
}
VV_FN float vv_softplus(float x) {
    return vv_softplus_by(x, vv_exp_below(x));
}

// The result, but NaN where x is NaN.
VV_FN float vv_or_nan(float result, float x) {
    return vv_float(vv_is_nan(x) ? VV_NAN_BITS : vv_bits(result));
}

// The same for an f with f(0) = 0, near which products would be denormals: for |x| < 2^-100 a zero with
// the sign of x.
VV_FN float vv_settle(float result, float x) {
    vv_word word = vv_bits(x);
    vv_word settled = (word & 0x7fffffffu) < 0x0d800000u ? word & 0x80000000u : vv_bits(result);
    return vv_or_nan(vv_float(settled), x);
}

// exp(-|x|) - 1, within 1.0 ulp for |x| in [2^-100, 87], -1 beyond; of NaN, anything. As in
// vv_exp_normal -|x| = n ln2 + r and exp r = 1 + r + r^2 q(r); here 2^n - 1, which is exact or nearly,
// is added last, so that nothing cancels near 0.
VV_FN float vv_expm1_below(float x) {
    precise float below = vv_float(vv_bits(x) | 0x80000000u);
    below = below < -87.0f ? -87.0f : below;
    precise float shifted = below * 1.44269502f + 12582912.0f;
    precise float n = shifted - 12582912.0f;
    precise float r = (below - n * 0.693145752f) - n * 1.42860677e-06f;
    precise float q = 0.00138145417f;
    q = q * r + 0.00836874545f;
    q = q * r + 0.041668389f;
    q = q * r + 0.166665211f;
    q = q * r + 0.49999994f;
    precise float power = vv_float((vv_bits(shifted) << 23) + 0x3f800000u);
    precise float result = (power - 1.0f) + power * (r + r * r * q);
    return result;
}

// tanh x, within 2.8 ulp for |x| >= 2^-100 (relative to its value for x near 0, too), a zero below.
// With m = exp(-2|x|) - 1 and d = 2 + m in [1, 2] it is -m / d: the quotient as in vv_sigmoid.
VV_FN float vv_tanh(float x) {
    precise float size = vv_float(vv_bits(x) & 0x7fffffffu);
    size = size > 40.0f ? 40.0f : size;
    precise float m = vv_expm1_below(2.0f * size);
    precise float d = 2.0f + m;
    precise float y = 2.12121201f + d * (-1.4545455f + d * 0.323232323f);
    y = y + y * (1.0f - d * y);
    y = y + y * ((1.0f - 2.0f * y) - m * y);
    precise float quotient = m * y;
    vv_word result = (vv_bits(quotient) & 0x7fffffffu) | (vv_bits(x) & 0x80000000u);
    return vv_settle(vv_float(result), x);
}

// exp(-x^2/2), within 1.5 ulp; exactly 0 for |x| > 13.1; of NaN, anything. The rounding of x^2, which
// the exponential would magnify, is found exactly from the halves of x (Dekker 1971, A Floating-Point
// Technique for Extending the Available Precision) and taken off to first order.
VV_FN float vv_bell(float x) {
    precise float size = vv_float(vv_bits(x) & 0x7fffffffu);
    precise float t = size > 13.1f ? 13.1f : size;
    precise float high = vv_float(vv_bits(t) & 0xfffff000u);
    precise float low = t - high;
    precise float square = t * t;
    precise float rest = ((high * high - square) + 2.0f * (high * low)) + low * low;
    precise float y = vv_exp_normal(-0.5f * square);
    y = 16777216.0f * y;  // 2^24, so that no product is a denormal
    y = y - y * (0.5f * rest);
    y = 5.96046448e-08f * y;
    y = size > 13.1f ? 0.0f : y;
    return y;
}

// Mills' ratio over sqrt(2 pi): the normal distribution's tail beyond t, divided by exp(-t^2/2), within
// 4.1 ulp for t in [0, 13.1]. It is u p(v), u = 1 / (1 + t/4), v = 2u - 1, p to 7.3e-9 of the
// result; u: a quadratic to 8.5e-2, then Newton's steps.
VV_FN float vv_mills(float t) {
    precise float d = 1.0f + 0.25f * t;
    precise float u = 1.44580519f + d * (-0.606630266f + d * 0.0766673312f);
    u = u + u * (1.0f - d * u);
    u = u + u * (1.0f - d * u);
    u = u + u * ((1.0f - u) - (0.25f * t) * u);
    precise float v = 2.0f * u - 1.0f;
    precise float p = 3.11998811e-05f;
    p = p * v + 4.87952857e-05f;
    p = p * v - 0.000394099625f;
    p = p * v - 0.000879807165f;
    p = p * v + 0.00188242574f;
    p = p * v + 0.0151011422f;
    p = p * v + 0.046630688f;
    p = p * v + 0.0967842191f;
    p = p * v + 0.151974156f;
    p = p * v + 0.188821286f;
    p = u * p;
    return p;
}

#endif

#ifndef VULKAN
#undef precise
#endif

#endif
