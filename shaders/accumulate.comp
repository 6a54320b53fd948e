// sum = share x where the clock's row begins a step, else sum += share x. Nothing is written once the latch is
// set.   ops/accumulate.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(constant_id = 1) const bool WIDE = false;

layout(push_constant) uniform Args { vv_args_lerp args; };
layout(std430, binding = 0) buffer Sum { float sum[]; };
layout(std430, binding = 0) buffer SumWide { vec4 sum_wide[]; };
layout(std430, binding = 1) readonly buffer X { float x[]; };
layout(std430, binding = 1) readonly buffer XWide { vec4 x_wide[]; };
layout(std140, binding = 2) uniform Clock { vv_clock now; };

void main() {
    uint i = flat_index();
    if (i >= args.n || now.bad_step != VV_NO_BAD_STEP) return;
    bool begins = (now.flags & VV_STEP_BEGINS) != 0u;
    if (WIDE) {
        vec4 part = now.share * x_wide[args.base[1] / 4 + i];
        uint at = args.base[0] / 4 + i;
        sum_wide[at] = begins ? part : sum_wide[at] + part;
    } else {
        float part = now.share * x[args.base[1] + i];
        uint at = args.base[0] + i;
        sum[at] = begins ? part : sum[at] + part;
    }
}
