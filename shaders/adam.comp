// Adam; Kingma & Ba (2015), algorithm 1, with the bias corrections in the clock's row. With DECAYS AdamW; Loshchilov &
// Hutter (2019), algorithm 2: a share of each weight is taken off first. Nothing is written once the latch is set, nor
// while gradients are added up.   ops/adam.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(constant_id = 1) const bool WIDE = false;
layout(constant_id = 2) const bool DECAYS = false;

layout(push_constant) uniform Args { vv_args_adam args; };
layout(std430, binding = 0) buffer P { float p[]; };
layout(std430, binding = 0) buffer PWide { vec4 p_wide[]; };
layout(std430, binding = 1) readonly buffer G { float g[]; };
layout(std430, binding = 1) readonly buffer GWide { vec4 g_wide[]; };
layout(std430, binding = 2) buffer M { float m[]; };
layout(std430, binding = 2) buffer MWide { vec4 m_wide[]; };
layout(std430, binding = 3) buffer V { float v[]; };
layout(std430, binding = 3) buffer VWide { vec4 v_wide[]; };
layout(std140, binding = 4) uniform Clock { vv_clock now; };

vec4 update(vec4 value, vec4 first, vec4 second) {
    if (DECAYS) value -= now.decay * value;
    return value - now.adam_scale * first / (sqrt(second) * now.adam_root + args.epsilon);
}

void main() {
    uint i = flat_index();
    if (i >= args.n || VV_STANDS(now)) return;
    if (WIDE) {
        vec4 gradient = g_wide[args.base[1] / 4 + i];
        vec4 first = args.beta1 * m_wide[args.base[2] / 4 + i] + args.rest1 * gradient;
        vec4 second = args.beta2 * v_wide[args.base[3] / 4 + i] + args.rest2 * gradient * gradient;
        m_wide[args.base[2] / 4 + i] = first;
        v_wide[args.base[3] / 4 + i] = second;
        p_wide[args.base[0] / 4 + i] = update(p_wide[args.base[0] / 4 + i], first, second);
    } else {
        float gradient = g[args.base[1] + i];
        float first = args.beta1 * m[args.base[2] + i] + args.rest1 * gradient;
        float second = args.beta2 * v[args.base[3] + i] + args.rest2 * gradient * gradient;
        m[args.base[2] + i] = first;
        v[args.base[3] + i] = second;
        p[args.base[0] + i] = update(vec4(p[args.base[0] + i]), vec4(first), vec4(second)).x;
    }
}
