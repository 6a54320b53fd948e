// As many multiply-adds as a device can do: 16 sums that do not depend on each other, 16 times a turn.   peak/device.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(push_constant) uniform Args { vv_args_rows args; };
layout(std430, binding = 0) writeonly buffer Y { float y[]; };

void main() {
    uint i = flat_index();
    if (i >= args.rows) return;
    const vec4 scale = vec4(0.999, 0.998, 0.997, 0.996), shift = vec4(1e-3, 2e-3, 3e-3, 4e-3);
    vec4 a = vec4(float(i & 7u)), b = a + shift, c = b + shift, d = c + shift;
    for (uint turn = 0; turn < args.columns; turn++) {
        for (int repeat = 0; repeat < 16; repeat++) {
            a = fma(a, scale, shift);
            b = fma(b, scale, shift);
            c = fma(c, scale, shift);
            d = fma(d, scale, shift);
        }
    }
    vec4 sum = (a + b) + (c + d);
    y[args.base[0] + i] = (sum.x + sum.y) + (sum.z + sum.w);
}
