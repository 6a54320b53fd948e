// What a gradient is multiplied with, min(1, most / (norm + 1e-6)), behind the sums that it is made of. A norm that is
// no finite number sets the latch. One workgroup.   ops/clip.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "row_sum.glsl"

layout(push_constant) uniform Args { vv_args_clip args; };
layout(std430, binding = 0) buffer Sums { float sums[]; };
layout(std430, binding = 1) buffer Clock { vv_clock now; };

void main() {
    if (VV_STANDS(now)) return;
    float sum = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < args.parts; i += gl_WorkGroupSize.x) sum += sums[args.base[0] + i];
    sum = row_sum(sum);
    if (gl_LocalInvocationID.x != 0) return;
    if ((floatBitsToUint(sum) & 0x7fffffffu) >= 0x7f800000u) now.bad_step = min(now.bad_step, now.step);
    sums[args.base[0] + args.parts] = min(1.0, args.most / (sqrt(sum) + 1e-6));
}
