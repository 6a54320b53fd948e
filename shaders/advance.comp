// The clock takes the table's next row, unless its latch is set.   ops/training.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(push_constant) uniform Args { vv_args_rows args; };
layout(std430, binding = 0) buffer Clock { uint now[]; };  // struct vv_clock
layout(std430, binding = 1) readonly buffer Table { uint table[]; };

const uint NEXT = 0, CURRENT = 1, BAD_STEP = 2, ROW = VV_CLOCK_WORDS - VV_ROW_WORDS;

void main() {
    if (flat_index() != 0 || now[BAD_STEP] != VV_NO_BAD_STEP) return;
    uint row = min(now[NEXT], args.rows - 1), at = args.base[1] + row * VV_ROW_WORDS;
    now[CURRENT] = row;
    now[NEXT] = now[NEXT] + 1;
    for (uint i = 0; i < VV_ROW_WORDS; i++) now[ROW + i] = table[at + i];
}
