// d logits = (sigmoid(l) - x) dy.   ops/bernoulli.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact.h"

layout(push_constant) uniform Args { vv_args_rows args; };
layout(std430, binding = 0) readonly buffer Logits { float logits[]; };
layout(std430, binding = 1) readonly buffer X { float x[]; };
layout(std430, binding = 2) readonly buffer Dy { float dy[]; };
layout(std430, binding = 3) writeonly buffer Dlogits { float dlogits[]; };

void main() {
    uint i = flat_index();
    if (i >= args.rows * args.columns) return;
    float d = vv_sigmoid(logits[args.base[0] + i]) - x[args.base[1] + i];
    dlogits[args.base[3] + i] = d * dy[args.base[2] + i / args.columns];
}
