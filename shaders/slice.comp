// y[outer][i][inner] = x[outer][start + i][inner].   ops/slice.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(push_constant) uniform Args { vv_args_slice args; };
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };

void main() {
    uint i = flat_index(), run = args.narrow * args.inner;
    if (i >= args.outer * run) return;
    uint at = i / run * args.wide * args.inner + args.start * args.inner + i % run;
    y[args.base[1] + i] = x[args.base[0] + at];
}
