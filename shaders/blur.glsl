// A mean of neighbours along one axis, under the window's weights, or its transpose.   ops/blur.c
#include "common.glsl"
#include "stored.glsl"

layout(constant_id = 1) const bool TRANSPOSED = false;
layout(constant_id = 2) const bool WIDE = false;  // four elements an invocation
layout(constant_id = 3) const uint TAPS = 1;

layout(push_constant) uniform Args { vv_args_blur args; };
#ifdef TEXEL
layout(rgba32f, binding = 0) readonly uniform imageBuffer x_texels;
#else
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 0) readonly buffer XWide { vec4 x_wide[]; };
#endif
layout(std430, binding = 1) writeonly buffer Y { float y[]; };
layout(std430, binding = 1) writeonly buffer YWide { STORED y_wide[]; };

vec4 load(uint at) {
#ifdef TEXEL
    return imageLoad(x_texels, int(args.base[0] / 4 + at));
#else
    return WIDE ? x_wide[args.base[0] / 4 + at] : vec4(x[args.base[0] + at]);
#endif
}

void main() {
    uint at = flat_index();
    if (at >= args.n) return;
    uint n = at % args.inner, line = at / args.inner, i = line % args.to, outer = line / args.to;
    vec4 sum = vec4(0.0);
    for (uint k = 0; k < TAPS; k++) {
        uint place = TRANSPOSED ? i - k : i + k;  // below 0 it is none, too
        bool there = place < args.from;
        vec4 value = load((outer * args.from + (there ? place : 0)) * args.inner + n);
        sum += there ? args.weight[k] * value : vec4(0.0);
    }
    if (WIDE)
        y_wide[args.base[1] / 4 + at] = stored(sum);
    else
        y[args.base[1] + at] = sum.x;
}
