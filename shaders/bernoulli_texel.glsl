// bernoulli.comp on four pixels at a time, loaded as image texels.   ops/bernoulli.c
#include "common.glsl"
#include "stored.glsl"
#include "bernoulli.glsl"

layout(rgba32f, binding = 0) readonly uniform imageBuffer logits;
layout(rgba32f, binding = 1) readonly uniform imageBuffer x;
layout(std430, binding = 2) writeonly buffer Y { float y[]; };  // GRADIENT ? [rows,columns]; [rows]
layout(std430, binding = 2) writeonly buffer YWide { STORED y_wide[]; };

void main() {
    uint row = flat_group(), texels = args.columns / 4;
    if (row >= args.rows) return;
    float sum = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < texels; i += gl_WorkGroupSize.x) {
        uint at = row * texels + i;
        vec4 l = imageLoad(logits, int(args.base[0] / 4 + at));
        vec4 v = imageLoad(x, int(args.base[1] / 4 + at));
        float a, b, c, d;
        sum += bernoulli(l.x, v.x, a) + bernoulli(l.y, v.y, b) + (bernoulli(l.z, v.z, c) + bernoulli(l.w, v.w, d));
        if (GRADIENT) y_wide[args.base[2] / 4 + at] = stored(vec4(a, b, c, d));
    }
    sum = row_sum(sum);
    if (gl_LocalInvocationID.x != 0) return;
    y[args.base[2] + (GRADIENT ? args.rows * args.columns : 0) + row] = sum;
}
