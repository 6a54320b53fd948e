// The partial sums of norm_moments.glsl to each channel's mean and biased variance: an invocation a channel.
// ops/norm_launch.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "columns_end.glsl"

layout(constant_id = 3) const bool GROUPED = false;  // groups follow: the result stays in scratch

layout(std430, binding = 0) readonly buffer Partial { float partial[]; };
layout(std430, binding = 1) writeonly buffer Moments { float moments[]; };

void main() {
    channel c = find_channel();
    if (c.outer >= args.outer) return;
    float total = 0.0, first = partial[args.base[0] + partial_at(c, 0, 0, 0)], spread = 0.0;
    for (uint b = 0; b < args.blocks; b++)
        for (uint s = 0; s < args.step; s++) {
            float n = float(count_of(b, s));
            if (n > 0.0) total += n * (partial[args.base[0] + partial_at(c, b, s, 0)] - first);
        }
    float mean = first + total / float(args.rows);
    for (uint b = 0; b < args.blocks; b++)
        for (uint s = 0; s < args.step; s++) {
            float n = float(count_of(b, s));
            if (n == 0.0) continue;
            float off = partial[args.base[0] + partial_at(c, b, s, 0)] - mean;
            spread += partial[args.base[0] + partial_at(c, b, s, 1)] + n * off * off;
        }
    uint channels = args.columns * UNIT, at = args.base[1] + (GROUPED ? args.offset : 0);
    moments[at + c.outer * 2 * channels + c.number] = mean;
    moments[at + (c.outer * 2 + 1) * channels + c.number] = spread / float(args.rows);
}
