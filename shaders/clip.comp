// A gradient times the factor that clip_factor.comp left, where that is below 1.   ops/clip.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(constant_id = 1) const bool WIDE = false;

layout(push_constant) uniform Args { vv_args_clip args; };
layout(std430, binding = 0) buffer G { float g[]; };
layout(std430, binding = 0) buffer GWide { vec4 g_wide[]; };
layout(std140, binding = 1) uniform Clock { vv_clock now; };
layout(std430, binding = 2) readonly buffer Sums { float sums[]; };

void main() {
    uint i = flat_index();
    if (i >= args.n || VV_STANDS(now)) return;
    float factor = sums[args.base[2] + args.parts];
    if (factor >= 1.0) return;
    if (WIDE)
        g_wide[args.base[0] / 4 + i] *= factor;
    else
        g[args.base[0] + i] *= factor;
}
