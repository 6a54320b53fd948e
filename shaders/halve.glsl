// Two floats to a word of two halves; an odd last one has a zero beside it. As integers from end to end: a float that
// went through a register might lose what a NaN says.   ops/half.c
#include "common.glsl"
#include "exact_half.h"

layout(constant_id = 1) const bool WIDE = false;  // four words an invocation

layout(push_constant) uniform Args { vv_args_half args; };
#ifdef TEXEL
layout(rgba32f, binding = 0) readonly uniform imageBuffer x_texels;
#else
layout(std430, binding = 0) readonly buffer X { uint x[]; };
layout(std430, binding = 0) readonly buffer XWide { uvec4 x_wide[]; };
#endif
#ifdef INT64
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
layout(std430, binding = 1) writeonly buffer YWide { u64vec2 y_wide[]; };
#else
layout(std430, binding = 1) writeonly buffer YWide { uvec4 y_wide[]; };
#endif
layout(std430, binding = 1) writeonly buffer Y { uint y[]; };

uint halves(uint low, uint high) {
    return vv_half_of(low) | vv_half_of(high) << 16;
}

void store(uint at, uvec4 words) {
#ifdef INT64
    y_wide[at] = u64vec2(pack64(words.xy), pack64(words.zw));
#else
    y_wide[at] = words;
#endif
}

uvec4 load(uint at) {
#ifdef TEXEL
    return floatBitsToUint(imageLoad(x_texels, int(args.base[0] / 4 + at)));
#else
    return x_wide[args.base[0] / 4 + at];
#endif
}

void main() {
    uint i = flat_index();
    if (i >= args.n) return;
    if (WIDE) {
        uvec4 a = load(2 * i), b = load(2 * i + 1);
        store(args.base[1] / 4 + i, uvec4(halves(a.x, a.y), halves(a.z, a.w), halves(b.x, b.y), halves(b.z, b.w)));
        return;
    }
#ifndef TEXEL
    uint high = 2 * i + 1 < args.count ? x[args.base[0] + 2 * i + 1] : 0;
    y[args.base[1] + i] = halves(x[args.base[0] + 2 * i], high);
#endif
}
