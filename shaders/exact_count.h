// Counting with exact.h's arithmetic: what probabilities of counts need.
#ifndef VV_EXACT_COUNT_H
#define VV_EXACT_COUNT_H

#include "exact.h"

#ifdef VULKAN
#define vv_whole(x) uint(x)
#else
#define vv_whole(x) ((vv_word)(x))
#define precise
#endif

#if !defined(VULKAN) && defined(VV_REAL_IS_DOUBLE)

VV_FN double vv_log_factorial(double n) {
    return lgamma(n + 1);
}

#else

// log n! below 8: there the series is not good enough.
VV_FN float vv_log_small_factorial(float n) {
    precise float result = n < 2.5f ? 0.693147181f : 1.79175947f;
    result = n < 1.5f ? 0.0f : result;
    result = n > 3.5f ? 3.17805383f : result;
    result = n > 4.5f ? 4.78749174f : result;
    result = n > 5.5f ? 6.57925121f : result;
    result = n > 6.5f ? 8.52516136f : result;
    return result;
}

// log n!, to 3e-7 of its value, for whole n from 0 to 2^24. With z = n + 1 it is Stirling's series
// (Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.41)
// (z - 1/2) log z - z + log(2 pi)/2 + 1/(12 z) - 1/(360 z^3), of which what is left out is below
// 3e-8 from z = 8 on. 1/z is exp(-log z): there is no division that is the same everywhere.
VV_FN float vv_log_factorial(float n) {
    precise float z = n + 1.0f;
    precise float log_z = vv_log_normal(z);
    precise float r = vv_exp_normal(-log_z);
    precise float rest = r * (0.0833333358f - r * r * 0.00277777785f);
    precise float result = ((z - 0.5f) * (log_z - 1.0f) + 0.418938533f) + rest;
    precise float small = vv_log_small_factorial(n);
    result = n < 7.5f ? small : result;
    return result;
}

#endif

// Which of `kinds` kinds a byte b stands for that is given as b / 255; no number gives one beyond.
VV_FN vv_word vv_kind_of(VV_EXACT_REAL x, vv_word kinds) {
    precise VV_EXACT_REAL whole = x * 255.0f + 0.5f;
    vv_word kind = whole > 0.0f ? vv_whole(whole < 65535.0f ? whole : 65535.0f) : 0u;
    return kind < kinds ? kind : kinds - 1u;
}

#ifndef VULKAN
#undef precise
#endif

#endif
