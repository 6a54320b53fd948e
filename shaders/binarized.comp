// y = 1 where the element's uniform number, a function of (seed, step, first + row, column), is below x, else 0. An
// invocation makes the four columns of one block of the generator.   ops/random.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact.h"

layout(push_constant) uniform Args { vv_args_noise args; };
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std140, binding = 1) uniform Clock { vv_clock now; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };

void main() {
    uint blocks = (args.columns - 1) / 4 + 1;
    uint row = flat_index() / blocks, block = flat_index() % blocks;
    if (row >= args.rows) return;
    uvec4 words = vv_random4(block, now.first + row, now.step, args.stream, args.seed_low, args.seed_high);
    uint column = 4 * block, at = row * args.columns + column;
    for (uint i = 0; i < 4 && column + i < args.columns; i++)
        y[args.base[2] + at + i] = vv_uniform(words[i]) < x[args.base[0] + at + i] ? 1.0 : 0.0;
}
