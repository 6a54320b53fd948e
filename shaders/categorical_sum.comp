// The values of a row's distributions, added up: a workgroup a row.   ops/categorical.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "row_sum.glsl"

layout(push_constant) uniform Args { vv_args_categorical args; };
layout(std430, binding = 0) readonly buffer X { float x[]; };   // [rows,per_row]
layout(std430, binding = 1) writeonly buffer Y { float y[]; };  // [rows], after `values` floats

void main() {
    uint row = flat_group();
    if (row >= args.rows) return;
    float sum = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < args.per_row; i += gl_WorkGroupSize.x)
        sum += x[args.base[0] + row * args.per_row + i];
    sum = row_sum(sum);
    if (gl_LocalInvocationID.x == 0) y[args.base[1] + args.values + row] = sum;
}
