// y = value everywhere.   ops/elementwise.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(push_constant) uniform Args { vv_args_unary args; };
layout(std430, binding = 0) writeonly buffer Y { float y[]; };

void main() {
    uint i = flat_index();
    if (i < args.n) y[args.base[0] + i] = args.shift;
}
