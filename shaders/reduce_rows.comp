// y[outer] = sum over r of x[outer][r]: a workgroup a row.   ops/reduce.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "row_sum.glsl"

layout(push_constant) uniform Args { vv_args_reduce args; };
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };

void main() {
    uint row = flat_group();
    if (row >= args.outer) return;
    float sum = 0.0;
    for (uint r = gl_LocalInvocationID.x; r < args.reduce; r += gl_WorkGroupSize.x)
        sum += x[args.base[0] + row * args.reduce + r];
    sum = row_sum(sum);
    if (gl_LocalInvocationID.x == 0) y[args.base[1] + row] = sum;
}
