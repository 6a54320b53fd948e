// binary.comp on four elements an invocation, loaded as image texels.   ops/launches.c
#include "common.glsl"
#include "stored.glsl"
#include "binary.glsl"

// Texels after which an operand begins anew: one that is broadcast along its first dimensions; 0: never.
layout(constant_id = 2) const uint PERIOD_A = 0;
layout(constant_id = 3) const uint PERIOD_B = 0;

layout(push_constant) uniform Args { vv_args_binary args; };
layout(rgba32f, binding = 0) readonly uniform imageBuffer a;
layout(rgba32f, binding = 1) readonly uniform imageBuffer b;
layout(std430, binding = 2) writeonly buffer Y { STORED y[]; };

void main() {
    uint i = flat_index();
    if (i >= args.n) return;
    uint at_a = PERIOD_A == 0 ? i : i % PERIOD_A, at_b = PERIOD_B == 0 ? i : i % PERIOD_B;
    vec4 p = imageLoad(a, int(args.base[0] / 4 + at_a)), q = imageLoad(b, int(args.base[1] / 4 + at_b));
    y[args.base[2] / 4 + i] = stored(apply_wide(p, q));
}
