#version 450
#extension GL_GOOGLE_include_directive : require
// Matrix products through storage buffers: see matmul_subgroup.glsl. For drivers whose texel buffers are too
// small, and for rows that are not whole vec4s.
#include "matmul.glsl"

layout(constant_id = 6) const bool ALIGNED = false;

layout(binding = 0) readonly buffer A { float a[]; };
layout(binding = 0) readonly buffer A4 { vec4 a4[]; };
layout(binding = 1) readonly buffer B { float b[]; };
layout(binding = 1) readonly buffer B4 { vec4 b4[]; };

vec4 load_a(uint at) {
    if (ALIGNED) return a4[at];
    uvec4 i = min(at + uvec4(0, 1, 2, 3), uvec4(args.base[0] + args.m * args.k - 1));
    return vec4(a[i.x], a[i.y], a[i.z], a[i.w]);
}

vec4 load_b(uint at) {
    if (ALIGNED) return b4[at];
    uvec4 i = min(at + uvec4(0, 1, 2, 3), uvec4(args.base[1] + args.n * args.k - 1));
    return vec4(b[i.x], b[i.y], b[i.z], b[i.w]);
}

#include "matmul_subgroup.glsl"
