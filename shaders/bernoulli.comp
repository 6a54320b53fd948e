// -log p(x | logits) of each image: sum over pixels of max(l, 0) - x l + log(1 + e^-|l|). A workgroup an
// image.   ops/bernoulli.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact.h"
#include "row_sum.glsl"

layout(push_constant) uniform Args { vv_args_rows args; };
layout(std430, binding = 0) readonly buffer Logits { float logits[]; };
layout(std430, binding = 1) readonly buffer X { float x[]; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };

void main() {
    uint row = flat_group();
    if (row >= args.rows) return;
    float sum = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < args.columns; i += gl_WorkGroupSize.x) {
        uint at = row * args.columns + i;
        float l = logits[args.base[0] + at];
        sum += (l < 0.0 ? 0.0 : l) - x[args.base[1] + at] * l + vv_softplus(-abs(l));
    }
    sum = row_sum(sum);
    if (gl_LocalInvocationID.x == 0) y[args.base[2] + row] = sum;
}
