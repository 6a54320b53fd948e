// Floats of 16 bits (IEEE 754 binary16) as words, in integers alone, so that the host and every device
// give the same bits: how GLSL's packHalf2x16 rounds is the device's choice.
#ifndef VV_EXACT_HALF_H
#define VV_EXACT_HALF_H

#include "exact.h"

#ifndef VULKAN
#define precise
#endif

#define VV_LARGEST_HALF 0x7bffu  // 65504

// The nearest half of the float with these bits, of two as near the one that is even. A number beyond
// the largest half becomes that; denormal halves are kept, so that from 2^-25 on nothing becomes 0.
// Infinities stay, and NaN stays NaN: whoever looks for them is to find them.
VV_FN vv_word vv_half_of(vv_word bits) {
    vv_word sign = (bits >> 16) & 0x8000u, size = bits & 0x7fffffffu;
    // Normal halves, from 2^-14 on: another bias of the exponent, and 13 bits less.
    vv_word normal = (size - 0x38000000u + 0xfffu + ((size >> 13) & 1u)) >> 13;
    normal = normal < VV_LARGEST_HALF ? normal : VV_LARGEST_HALF;
    // Denormal ones: how often 2^-24 goes in. Below 2^-26 that is never.
    vv_word exponent = size >> 23;
    vv_word cut = exponent > 101u ? 126u - exponent : 25u, digits = (size & 0x007fffffu) | 0x00800000u;
    cut = cut & 31u;  // of a normal half nothing is cut, nor looked at
    vv_word denormal = (digits + (1u << cut) / 2u - 1u + ((digits >> cut) & 1u)) >> cut;
    denormal = exponent > 101u ? denormal : 0u;
    vv_word result = size < 0x38800000u ? denormal : normal;
    result = size == VV_INFINITY_BITS ? 0x7c00u : result;
    result = size > VV_INFINITY_BITS ? 0x7e00u : result;
    return sign | result;
}

// The bits of the float that is the half, exactly.
VV_FN vv_word vv_float_of_half(vv_word half_word) {
    vv_word sign = (half_word & 0x8000u) << 16, size = half_word & 0x7fffu;
    precise float small = vv_convert(size) * 5.96046448e-08f;  // of a denormal half, times 2^-24
    vv_word result = (size << 13) + 0x38000000u;
    result = size < 0x0400u ? vv_bits(small) : result;
    result = size >= 0x7c00u ? VV_INFINITY_BITS | ((size & 0x3ffu) << 13) : result;
    return sign | result;
}

#ifndef VULKAN
#undef precise
#endif

#endif
