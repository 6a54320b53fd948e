#version 450
#extension GL_GOOGLE_include_directive : require
// The second half of a product whose k was split: adds the layers up in their order, then bias and activation. The
// same bytes each time, whichever part was done first.
#include "matmul.glsl"

layout(constant_id = 3) const bool WIDE = false;  // n is a multiple of 4: an invocation makes four results

layout(binding = 0) readonly buffer Layers { float layers[]; };
layout(binding = 0) readonly buffer Layers4 { vec4 layers4[]; };
layout(binding = 2) writeonly buffer Result4 { vec4 result4[]; };

void main() {
    uint count = args.m * args.n / (WIDE ? 4 : 1), i = flat_index(), parts = (args.k + args.part - 1) / args.part;
    if (i >= count) return;
    vec4 sum = vec4(0);
    for (uint p = 0; p < parts; p++) {
        uint at = args.base[0] / (WIDE ? 4 : 1) + p * count + i;
        if (WIDE) sum += layers4[at];
        else sum.x += layers[at];
    }
    uint column = WIDE ? i * 4 % args.n : i % args.n;
    vec4 y = activate(sum + bias_at(min(column + uvec4(0, 1, 2, 3), uvec4(args.n - 1))));
    if (WIDE) result4[args.base[2] / 4 + i] = y;
    else result[args.base[2] + i] = y.x;
}
