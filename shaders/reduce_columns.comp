// y[outer][inner] = sum over r of x[outer][r][inner]: an invocation a result.   ops/reduce.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(push_constant) uniform Args { vv_args_reduce args; };
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };

void main() {
    uint i = flat_index();
    if (i >= args.outer * args.inner) return;
    uint at = args.base[0] + i / args.inner * args.reduce * args.inner + i % args.inner;
    float sum = 0.0;
    for (uint r = 0; r < args.reduce; r++) sum += x[at + r * args.inner];
    y[args.base[1] + i] = sum;
}
