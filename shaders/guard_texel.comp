// guard.comp with image loads, which CPU drivers do not turn into loops over the lanes. A turn takes four texels;
// behind the end it takes the last one again.   ops/training.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(push_constant) uniform Args { vv_args_guard args; };
layout(std430, binding = 0) buffer Clock { vv_clock now; };
layout(rgba32f, binding = 1) readonly uniform imageBuffer x;

uvec4 size_of(uint i) {
    return floatBitsToUint(imageLoad(x, int(args.base[1] / 4 + min(i, args.n - 1)))) & 0x7fffffffu;
}

void main() {
    uint stride = gl_WorkGroupSize.x * gl_NumWorkGroups.x * gl_NumWorkGroups.y;
    uvec4 largest = uvec4(0);
    for (uint i = flat_index(); i < args.n; i += 4 * stride)
        largest = max(max(max(largest, size_of(i)), max(size_of(i + stride), size_of(i + 2 * stride))),
                      size_of(i + 3 * stride));
    if (any(greaterThanEqual(largest, uvec4(args.limit)))) atomicMin(now.bad_step, now.step);
}
