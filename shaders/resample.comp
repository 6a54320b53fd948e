// Between pictures and ones of half their size: each coarse pixel goes with 2 x 2 fine ones, fewer at an odd edge.
// ops/resample.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(constant_id = 1) const uint FUNCTION = 0;  // 0 upsample, 1 its gradient, 2 average pool, 3 its gradient
layout(constant_id = 2) const bool WIDE = false;  // four channels an invocation

layout(push_constant) uniform Args { vv_args_resample args; };
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 0) readonly buffer XWide { vec4 x_wide[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };
layout(std430, binding = 1) writeonly buffer YWide { vec4 y_wide[]; };

vec4 load(uint at) {
    if (WIDE) return x_wide[args.base[0] / 4 + at];
    return vec4(x[args.base[0] + at]);
}

void main() {
    const bool to_fine = FUNCTION == 0 || FUNCTION == 3;
    uint at = flat_index();
    uint height = to_fine ? args.fine_height : args.coarse_height, width = to_fine ? args.fine_width : args.coarse_width;
    uint c = at % args.channels, pixel = at / args.channels;
    uint j = pixel % width, line = pixel / width;
    uint i = line % height, b = line / height;
    if (b >= args.batch) return;
    vec4 value;
    if (to_fine) {
        value = load(((b * args.coarse_height + i / 2) * args.coarse_width + j / 2) * args.channels + c);
        if (FUNCTION == 3 && (i | 1) < args.fine_height) value *= 0.5;
        if (FUNCTION == 3 && (j | 1) < args.fine_width) value *= 0.5;
    } else {
        bool right = 2 * j + 1 < args.fine_width, below = 2 * i + 1 < args.fine_height;
        uint first = ((b * args.fine_height + 2 * i) * args.fine_width + 2 * j) * args.channels + c;
        uint second = first + args.fine_width * args.channels;
        value = load(first);
        if (right) value += load(first + args.channels);
        if (below) value += right ? load(second) + load(second + args.channels) : load(second);
        if (FUNCTION == 2) value *= (right ? 0.5 : 1.0) * (below ? 0.5 : 1.0);
    }
    if (WIDE)
        y_wide[args.base[1] / 4 + at] = value;
    else
        y[args.base[1] + at] = value.x;
}
