// Elementwise functions of two tensors with broadcasting: y = f(a, b).   ops/elementwise.c,
// ops/nonlinear.c, ops/reduce.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact_activation.h"

layout(constant_id = 1) const uint FUNCTION = 0;  // enum vv_binary
layout(constant_id = 2) const bool WIDE = false;  // four elements an invocation, no broadcasting

layout(push_constant) uniform Args { vv_args_binary args; };
layout(std430, binding = 0) readonly buffer A { float a[]; };
layout(std430, binding = 0) readonly buffer AWide { vec4 a_wide[]; };
layout(std430, binding = 1) readonly buffer B { float b[]; };
layout(std430, binding = 1) readonly buffer BWide { vec4 b_wide[]; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };
layout(std430, binding = 2) writeonly buffer YWide { vec4 y_wide[]; };

float apply(float p, float q) {
    switch (FUNCTION) {
    case 0: return p + q;
    case 1: return p * q;
    case 2: return p > 0.0 ? q : 0.0;
    case 4: return vv_leaky_relu_slope(p) * q;
    case 5: return vv_elu_slope(p) * q;
    case 6: return vv_tanh_slope(p) * q;
    case 7: return vv_sigmoid_slope(p) * q;
    case 8: return vv_sigmoid(p) * q;
    case 9: return vv_silu_slope(p) * q;
    case 10: return vv_gelu_slope(p) * q;
    default: return p;
    }
}

void main() {
    uint i = flat_index();
    if (i >= args.n) return;
    if (WIDE) {
        vec4 p = a_wide[args.base[0] / 4 + i], q = b_wide[args.base[1] / 4 + i];
        y_wide[args.base[2] / 4 + i] =
            vec4(apply(p.x, q.x), apply(p.y, q.y), apply(p.z, q.z), apply(p.w, q.w));
        return;
    }
    uint rest = i, at_a = args.base[0], at_b = args.base[1];
    for (int d = 3; d >= 0; d--) {
        uint place = rest % args.dim[d];
        rest /= args.dim[d];
        at_a += place * args.stride_a[d];
        at_b += place * args.stride_b[d];
    }
    y[args.base[2] + i] = apply(a[at_a], b[at_b]);
}
