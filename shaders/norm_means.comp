// What dx takes of a channel: mean, a, beta, then the mean of a d over its group and of a d (x - mean) rstd^2, both 0
// where the moments are constants.   ops/norm_launch.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(push_constant) uniform Args { vv_args_columns args; };  // columns: channels
layout(std430, binding = 0) readonly buffer Sums { float sums[]; };  // norm_sums
layout(std430, binding = 1) writeonly buffer Table { float table[]; };

void main() {
    uint i = flat_index(), columns = args.columns, outer = i / columns, c = i % columns;
    if (outer >= args.outer) return;
    uint from = args.base[0] + outer * 6 * columns, width = columns / args.groups;
    float level = 0.0, tilt = 0.0;
    for (uint k = c / width * width; k < (c / width + 1) * width && args.own != 0; k++) {
        level += sums[from + k] * sums[from + 4 * columns + k];
        tilt += sums[from + columns + k] * sums[from + 4 * columns + k];
    }
    float share = 1.0 / (float(args.rows) * float(width));
    uint to = args.base[1] + outer * 5 * columns + c;
    table[to] = sums[from + 2 * columns + c];
    table[to + columns] = sums[from + 4 * columns + c];
    table[to + 2 * columns] = sums[from + 5 * columns + c];
    table[to + 3 * columns] = level * share;
    table[to + 4 * columns] = tilt * share * sums[from + 3 * columns + c];
}
