// KL(q || N(0, 1)) of each image: sum of (mu^2 + e^logvar - 1 - logvar) / 2; Kingma & Welling (2013),
// appendix B. A workgroup an image.   ops/gaussian.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact_gaussian.h"
#include "row_sum.glsl"

layout(push_constant) uniform Args { vv_args_rows args; };
layout(std430, binding = 0) readonly buffer Head { float head[]; };
layout(std430, binding = 1) writeonly buffer Kl { float kl[]; };

void main() {
    uint row = flat_group();
    if (row >= args.rows) return;
    float sum = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < args.columns; i += gl_WorkGroupSize.x) {
        uint at = args.base[0] + row * 2 * args.columns + i;
        float mu = head[at], logvar = vv_logvar(head[at + args.columns]);
        sum += 0.5 * (mu * mu + vv_exp(logvar) - 1.0 - logvar);
    }
    sum = row_sum(sum);
    if (gl_LocalInvocationID.x == 0) kl[args.base[1] + row] = sum;
}
