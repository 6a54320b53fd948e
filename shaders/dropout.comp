// y = x scale where the element's word, a function of (seed, stream, step, first + row, column), is not below `least`,
// else 0. An invocation makes the four columns of one block of the generator.   ops/random.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact.h"

layout(constant_id = 1) const bool WIDE = false;  // rows are whole vec4s

layout(push_constant) uniform Args { vv_args_dropout args; };
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 0) readonly buffer XWide { vec4 x_wide[]; };
layout(std140, binding = 1) uniform Clock { vv_clock now; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };
layout(std430, binding = 2) writeonly buffer YWide { vec4 y_wide[]; };

void main() {
    uint blocks = (args.columns - 1) / 4 + 1;
    uint row = flat_index() / blocks, block = flat_index() % blocks;
    if (row >= args.rows) return;
    uvec4 words = vv_random4(block, now.first + row, now.step, args.stream, args.seed_low, args.seed_high);
    bvec4 kept = greaterThanEqual(words, uvec4(args.least));
    if (WIDE) {
        vec4 v = x_wide[args.base[0] / 4 + flat_index()];
        y_wide[args.base[2] / 4 + flat_index()] = mix(vec4(0.0), v * args.scale, kept);
        return;
    }
    uint column = 4 * block, at = row * args.columns + column;
    for (uint i = 0; i < 4 && column + i < args.columns; i++)
        y[args.base[2] + at + i] = kept[i] ? x[args.base[0] + at + i] * args.scale : 0.0;
}
