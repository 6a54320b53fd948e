// y[i][v] = 1 where x[i] stands for v, else 0.   ops/categorical.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact_count.h"

layout(push_constant) uniform Args { vv_args_categorical args; };
layout(std430, binding = 0) readonly buffer X { float x[]; };   // [rows]
layout(std430, binding = 1) writeonly buffer Y { float y[]; };  // [rows,classes]

void main() {
    uint i = flat_index();
    if (i >= args.rows * args.classes) return;
    uint kind = vv_kind_of(x[args.base[0] + i / args.classes], args.classes);
    y[args.base[1] + i] = i % args.classes == kind ? 1.0 : 0.0;
}
