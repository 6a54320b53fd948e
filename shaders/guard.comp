// Latches the present step when x holds a NaN, an infinity, or what is too large: without their sign, floats are
// ordered as their bits are. An integer minimum, so the order of invocations does not matter.   ops/training.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(constant_id = 1) const bool WIDE = false;

layout(push_constant) uniform Args { vv_args_guard args; };
layout(std430, binding = 0) buffer Clock { vv_clock now; };
layout(std430, binding = 1) readonly buffer X { uint x[]; };
layout(std430, binding = 1) readonly buffer XWide { uvec4 x_wide[]; };

void main() {
    const uint magnitude = 0x7fffffffu;
    uint stride = gl_WorkGroupSize.x * gl_NumWorkGroups.x * gl_NumWorkGroups.y;
    bool bad = false;
    if (WIDE) {
        for (uint i = flat_index(); i < args.n; i += stride) {
            uvec4 size = x_wide[args.base[1] / 4 + i] & magnitude;
            bad = bad || any(greaterThanEqual(size, uvec4(args.limit)));
        }
    } else {
        for (uint i = flat_index(); i < args.n; i += stride)
            bad = bad || (x[args.base[1] + i] & magnitude) >= args.limit;
    }
    if (bad) atomicMin(now.bad_step, now.step);
}
