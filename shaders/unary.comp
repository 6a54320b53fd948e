// Elementwise functions of one tensor: y = f(x).   ops/elementwise.c, ops/nonlinear.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "unary.glsl"

layout(constant_id = 2) const bool WIDE = false;  // four elements an invocation

layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 0) readonly buffer XWide { vec4 x_wide[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };
layout(std430, binding = 1) writeonly buffer YWide { vec4 y_wide[]; };

void main() {
    uint i = flat_index();
    if (i >= args.n) return;
    if (WIDE)
        y_wide[args.base[1] / 4 + i] = apply_wide(x_wide[args.base[0] / 4 + i]);
    else
        y[args.base[1] + i] = apply(x[args.base[0] + i]);
}
