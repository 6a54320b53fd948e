// Each channel's moments, all of as many elements, to those of groups of channels.   ops/norm_launch.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(push_constant) uniform Args { vv_args_columns args; };  // columns: channels
layout(std430, binding = 0) readonly buffer Channels { float channels[]; };
layout(std430, binding = 1) writeonly buffer Moments { float moments[]; };

void main() {
    uint i = flat_index(), outer = i / args.groups, group = i % args.groups;
    if (outer >= args.outer) return;
    uint width = args.columns / args.groups;
    uint at = args.base[0] + args.offset + outer * 2 * args.columns + group * width;
    float first = channels[at], total = 0.0, spread = 0.0;
    for (uint c = 1; c < width; c++) total += channels[at + c] - first;
    float mean = first + total / float(width);
    for (uint c = 0; c < width; c++) {
        float off = channels[at + c] - mean;
        spread += channels[at + args.columns + c] + off * off;
    }
    uint to = args.base[1] + outer * 2 * args.groups + group;
    moments[to] = mean;
    moments[to + args.groups] = spread / float(width);
}
