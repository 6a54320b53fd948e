// y = x, in vec4s: what a device's memory can move.   peak/device.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(push_constant) uniform Args { vv_args_rows args; };
layout(std430, binding = 0) readonly buffer X { vec4 x[]; };
layout(std430, binding = 1) writeonly buffer Y { vec4 y[]; };

void main() {
    uint i = flat_index();
    if (i < args.rows) y[args.base[1] / 4 + i] = x[args.base[0] / 4 + i];
}
