// The clock takes the table's next row, unless its latch is set.   ops/training.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(push_constant) uniform Args { vv_args_rows args; };
layout(std430, binding = 0) buffer Clock { vv_clock now; };
layout(std430, binding = 1) readonly buffer Table { uint table[]; };

void main() {
    if (flat_index() != 0 || now.bad_step != VV_NO_BAD_STEP) return;
    uint row = min(now.next, args.rows - 1), at = args.base[1] + row * VV_ROW_WORDS;
    now.current = row;
    now.next = now.next + 1;
    now.first = table[at];
    now.step = table[at + 1];
    now.adam_scale = uintBitsToFloat(table[at + 2]);
    now.adam_root = uintBitsToFloat(table[at + 3]);
}
