// The mean of p(x | out), pixel by pixel.   ops/density.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact_density.h"

layout(constant_id = 1) const uint KIND = 0;   // VV_DENSITY_*
layout(constant_id = 2) const uint SCALE = 0;  // VV_SCALE_*

layout(push_constant) uniform Args { vv_args_unary args; };
layout(std430, binding = 0) readonly buffer Out { float decoded[]; };
layout(std430, binding = 1) readonly buffer LogSigma { float log_sigma[]; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };

void main() {
    uint i = flat_index();
    if (i >= args.n) return;
    bool own = SCALE == VV_SCALE_PIXEL;
    uint from = args.base[0] + (own ? 2 * i : i);
    vv_scale s = vv_scale_of(KIND, own ? decoded[from + 1] : log_sigma[args.base[1]], own || SCALE == VV_SCALE_SHARED);
    y[args.base[2] + i] = vv_density_mean_of(KIND, decoded[from], s);
}
