// y[outer][start + i][inner] = x[outer][i][inner], zeros elsewhere.   ops/slice.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(push_constant) uniform Args { vv_args_slice args; };
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };

void main() {
    uint i = flat_index(), run = args.wide * args.inner;
    if (i >= args.outer * run) return;
    uint place = i % run, begin = args.start * args.inner, length = args.narrow * args.inner;
    bool inside = place >= begin && place < begin + length;
    y[args.base[1] + i] = inside ? x[args.base[0] + i / run * length + place - begin] : 0.0;
}
