// Elementwise functions of two tensors with broadcasting: y = f(a, b).   ops/elementwise.c,
// ops/nonlinear.c, ops/reduce.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "binary.glsl"

layout(constant_id = 2) const bool WIDE = false;  // four elements an invocation, no broadcasting

layout(push_constant) uniform Args { vv_args_binary args; };
layout(std430, binding = 0) readonly buffer A { float a[]; };
layout(std430, binding = 0) readonly buffer AWide { vec4 a_wide[]; };
layout(std430, binding = 1) readonly buffer B { float b[]; };
layout(std430, binding = 1) readonly buffer BWide { vec4 b_wide[]; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };
layout(std430, binding = 2) writeonly buffer YWide { vec4 y_wide[]; };

void main() {
    uint i = flat_index();
    if (i >= args.n) return;
    if (WIDE) {
        vec4 p = a_wide[args.base[0] / 4 + i], q = b_wide[args.base[1] / 4 + i];
        y_wide[args.base[2] / 4 + i] = apply_wide(p, q);
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
