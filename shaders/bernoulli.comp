// -log p(x | logits) of each image, the sum over its pixels, and with GRADIENT before them their gradient with
// respect to the logits, times a constant. A workgroup an image.   ops/bernoulli.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "bernoulli.glsl"

layout(std430, binding = 0) readonly buffer Logits { float logits[]; };
layout(std430, binding = 1) readonly buffer X { float x[]; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };  // GRADIENT ? [rows,columns]; [rows]

void main() {
    uint row = flat_group();
    if (row >= args.rows) return;
    float sum = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < args.columns; i += gl_WorkGroupSize.x) {
        uint at = row * args.columns + i;
        float gradient;
        sum += bernoulli(logits[args.base[0] + at], x[args.base[1] + at], gradient);
        if (GRADIENT) y[args.base[2] + at] = gradient;
    }
    sum = row_sum(sum);
    if (gl_LocalInvocationID.x != 0) return;
    y[args.base[2] + (GRADIENT ? args.rows * args.columns : 0) + row] = sum;
}
