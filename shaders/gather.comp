// x[r] = data[order[first + r]], rows of any length: bytes out of u32 words, / 255, or floats as they are.
// ops/training.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(constant_id = 1) const bool FLOATS = false;

layout(push_constant) uniform Args { vv_args_gather args; };
layout(std430, binding = 0) readonly buffer Data { uint data[]; };
layout(std430, binding = 1) readonly buffer Order { uint order[]; };
layout(std140, binding = 2) uniform Clock { vv_clock now; };
layout(std430, binding = 3) writeonly buffer X { float x[]; };

void main() {
    uint i = flat_index();
    if (i >= args.rows * args.columns) return;
    uint entry = min(now.first + i / args.columns, args.entries - 1);
    uint row = min(order[args.base[1] + entry], args.count - 1);
    uint at = args.base[0] + row * args.columns + i % args.columns;
    if (FLOATS) {
        x[args.base[3] + i] = uintBitsToFloat(data[at]);
        return;
    }
    uint value = data[at >> 2] >> (8 * (at & 3)) & 255;
    x[args.base[3] + i] = float(value) * (1.0 / 255.0);
}
