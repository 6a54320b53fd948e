// reduce_columns.comp on four columns an invocation, loaded as image texels; each sum has the same order.
// ops/reduce.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(push_constant) uniform Args { vv_args_reduce args; };  // inner: of texels
layout(rgba32f, binding = 0) readonly uniform imageBuffer x;
layout(std430, binding = 1) writeonly buffer Y { vec4 y[]; };

void main() {
    uint i = flat_index();
    if (i >= args.outer * args.inner) return;
    uint at = args.base[0] / 4 + i / args.inner * args.reduce * args.inner + i % args.inner;
    vec4 sum = vec4(0);
    for (uint r = 0; r < args.reduce; r++) sum += imageLoad(x, int(at + r * args.inner));
    y[args.base[1] / 4 + i] = sum;
}
