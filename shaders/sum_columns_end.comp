// The partial sums of sum_columns.glsl to those of each column: an invocation a column.   ops/reduce.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "columns_end.glsl"

layout(std430, binding = 0) readonly buffer Partial { float partial[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };

void main() {
    channel c = find_channel();
    if (c.outer >= args.outer) return;
    float sum = 0.0;
    for (uint b = 0; b < args.blocks; b++) {
        float block = 0.0;
        for (uint s = 0; s < args.step; s++)
            if (count_of(b, s) > 0) block += partial[args.base[0] + partial_at(c, b, s, 0)];
        sum += block;
    }
    y[args.base[1] + c.outer * args.columns * UNIT + c.number] = sum;
}
