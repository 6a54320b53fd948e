// Words of two halves to floats.   ops/half.c
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

uvec2 floats(uint word) {
    return uvec2(vv_float_of_half(word & 0xffffu), vv_float_of_half(word >> 16));
}

void store(uint at, uvec2 low, uvec2 high) {
#ifdef INT64
    y_wide[at] = u64vec2(pack64(low), pack64(high));
#else
    y_wide[at] = uvec4(low, high);
#endif
}

void main() {
    uint i = flat_index();
    if (i >= args.n) return;
    if (WIDE) {
#ifdef TEXEL
        uvec4 words = floatBitsToUint(imageLoad(x_texels, int(args.base[0] / 4 + i)));
#else
        uvec4 words = x_wide[args.base[0] / 4 + i];
#endif
        uint at = args.base[1] / 4 + 2 * i;
        store(at, floats(words.x), floats(words.y));
        store(at + 1, floats(words.z), floats(words.w));
        return;
    }
#ifndef TEXEL
    uvec2 pair = floats(x[args.base[0] + i]);
    y[args.base[1] + 2 * i] = pair.x;
    if (2 * i + 1 < args.count) y[args.base[1] + 2 * i + 1] = pair.y;
#endif
}
