// Partial sums of squares of a gradient, one a workgroup, in a fixed order.   ops/clip.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "row_sum.glsl"

layout(constant_id = 1) const bool WIDE = false;

layout(push_constant) uniform Args { vv_args_clip args; };
layout(std430, binding = 0) readonly buffer G { float g[]; };
layout(std430, binding = 0) readonly buffer GWide { vec4 g_wide[]; };
layout(std140, binding = 1) uniform Clock { vv_clock now; };
layout(std430, binding = 2) writeonly buffer Sums { float sums[]; };

void main() {
    if (VV_STANDS(now)) return;
    uint stride = gl_WorkGroupSize.x * args.parts;
    float sum = 0.0;
    for (uint i = flat_index(); i < args.n; i += stride) {
        if (WIDE) {
            vec4 value = g_wide[args.base[0] / 4 + i];
            sum += dot(value, value);
        } else {
            float value = g[args.base[0] + i];
            sum += value * value;
        }
    }
    sum = row_sum(sum);
    if (gl_LocalInvocationID.x == 0) sums[args.base[2] + flat_group()] = sum;
}
