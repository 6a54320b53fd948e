// log[current row][column] = sum of x, in a fixed order, unless the latch is set. One workgroup.
// ops/training.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "row_sum.glsl"

layout(push_constant) uniform Args { vv_args_record args; };
layout(std430, binding = 0) buffer Log { float log_rows[]; };
layout(std430, binding = 1) readonly buffer X { float x[]; };
layout(std140, binding = 2) uniform Clock { vv_clock now; };

void main() {
    float sum = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < args.n; i += gl_WorkGroupSize.x) sum += x[args.base[1] + i];
    sum = row_sum(sum);
    bool write = now.bad_step == VV_NO_BAD_STEP && now.current < args.rows;
    if (gl_LocalInvocationID.x == 0 && write)
        log_rows[args.base[0] + now.current * args.columns + args.column] = sum;
}
