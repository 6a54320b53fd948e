// a += weight (b - a), with a weight of its own or the clock's. Nothing is written once the latch is set, nor while
// gradients are added up.   ops/lerp.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(constant_id = 1) const bool WIDE = false;
layout(constant_id = 2) const bool SCHEDULED = false;

layout(push_constant) uniform Args { vv_args_lerp args; };
layout(std430, binding = 0) buffer A { float a[]; };
layout(std430, binding = 0) buffer AWide { vec4 a_wide[]; };
layout(std430, binding = 1) readonly buffer B { float b[]; };
layout(std430, binding = 1) readonly buffer BWide { vec4 b_wide[]; };
layout(std140, binding = 2) uniform Clock { vv_clock now; };

void main() {
    uint i = flat_index();
    if (i >= args.n || VV_STANDS(now)) return;
    float weight = SCHEDULED ? now.ema_rest : args.weight;
    if (WIDE) {
        vec4 old = a_wide[args.base[0] / 4 + i];
        a_wide[args.base[0] / 4 + i] = old + weight * (b_wide[args.base[1] / 4 + i] - old);
    } else {
        float old = a[args.base[0] + i];
        a[args.base[0] + i] = old + weight * (b[args.base[1] + i] - old);
    }
}
