// eps[row, column] ~ N(0, 1), a function of (seed, stream, step, first + row, column) alone. An invocation
// makes the four columns of one block of the generator.   ops/noise.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact.h"

layout(push_constant) uniform Args { vv_args_noise args; };
layout(std140, binding = 0) uniform Clock { vv_clock now; };
layout(std430, binding = 1) writeonly buffer Eps { float eps[]; };

void main() {
    uint blocks = (args.columns - 1) / 4 + 1;
    uint row = flat_index() / blocks, block = flat_index() % blocks;
    if (row >= args.rows) return;
    vec4 z = vv_normal4(block, now.first + row, now.step, args.stream, args.seed_low, args.seed_high);
    uint column = 4 * block, at = args.base[1] + row * args.columns + column;
    eps[at] = z.x;
    if (column + 1 < args.columns) eps[at + 1] = z.y;
    if (column + 2 < args.columns) eps[at + 2] = z.z;
    if (column + 3 < args.columns) eps[at + 3] = z.w;
}
