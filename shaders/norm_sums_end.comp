// The partial sums of norm_sums.glsl to those of each channel: an invocation a channel.   ops/norm_launch.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "columns_end.glsl"

layout(std430, binding = 0) readonly buffer Partial { float partial[]; };
layout(std430, binding = 1) buffer Table { float table[]; };  // two rows, then mean, rstd, a, beta

void main() {
    channel c = find_channel();
    if (c.outer >= args.outer) return;
    float sum = 0.0, product = 0.0;
    for (uint b = 0; b < args.blocks; b++)
        for (uint s = 0; s < args.step; s++) {
            if (count_of(b, s) == 0) continue;
            sum += partial[args.base[0] + partial_at(c, b, s, 0)];
            product += partial[args.base[0] + partial_at(c, b, s, 1)];
        }
    uint channels = args.columns * UNIT, at = args.base[1] + c.outer * 6 * channels + c.number;
    table[at] = sum;
    table[at + channels] = product * table[at + 3 * channels];
}
