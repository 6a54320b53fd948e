// binary.comp on four elements an invocation, loaded as image texels.   ops/launches.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "binary.glsl"

layout(push_constant) uniform Args { vv_args_binary args; };
layout(rgba32f, binding = 0) readonly uniform imageBuffer a;
layout(rgba32f, binding = 1) readonly uniform imageBuffer b;
layout(std430, binding = 2) writeonly buffer Y { vec4 y[]; };

void main() {
    uint i = flat_index();
    if (i >= args.n) return;
    vec4 p = imageLoad(a, int(args.base[0] / 4 + i)), q = imageLoad(b, int(args.base[1] / 4 + i));
    y[args.base[2] / 4 + i] = apply_wide(p, q);
}
