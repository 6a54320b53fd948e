// Elementwise functions of one tensor: y = f(x).   ops/elementwise.c, ops/nonlinear.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact_activation.h"

layout(constant_id = 1) const uint FUNCTION = 0;  // enum vv_unary
layout(constant_id = 2) const bool WIDE = false;  // four elements an invocation

layout(push_constant) uniform Args { vv_args_unary args; };
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 0) readonly buffer XWide { vec4 x_wide[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };
layout(std430, binding = 1) writeonly buffer YWide { vec4 y_wide[]; };

float apply(float v) {
    switch (FUNCTION) {
    case 1: return vv_exp(v);
    case 2: return vv_sigmoid(v);
    case 3: return vv_softplus(v);
    case 4: return v < 0.0 ? 0.0 : v;
    case 5: return v * v;
    case 6: return vv_leaky_relu(v);
    case 7: return vv_elu(v);
    case 8: return vv_tanh(v);
    case 9: return vv_silu(v);
    case 10: return vv_gelu(v);
    default: return args.scale * v + args.shift;
    }
}

void main() {
    uint i = flat_index();
    if (i >= args.n) return;
    if (WIDE) {
        vec4 v = x_wide[args.base[0] / 4 + i];
        y_wide[args.base[1] / 4 + i] = vec4(apply(v.x), apply(v.y), apply(v.z), apply(v.w));
    } else {
        y[args.base[1] + i] = apply(x[args.base[0] + i]);
    }
}
