// -log p(x | out) of each image, the sum over its pixels; with GRADIENT before them their gradient with respect to
// out, times a constant, and behind them each row's with respect to the one log sigma, where there is one. A
// workgroup an image.   ops/density.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "density.glsl"

layout(std430, binding = 0) readonly buffer Out { float decoded[]; };
layout(std430, binding = 1) readonly buffer X { float x[]; };
layout(std430, binding = 2) readonly buffer LogSigma { float log_sigma[]; };
layout(std430, binding = 3) writeonly buffer Y { float y[]; };  // GRADIENT ? [rows,columns outputs]; [rows]; [rows]

void main() {
    uint row = flat_group();
    if (row >= args.rows) return;
    vv_scale s = whole_scale(SCALE == VV_SCALE_PIXEL ? 0.0 : log_sigma[args.base[2]]);
    float sum = 0.0, by_scale = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < args.columns; i += gl_WorkGroupSize.x) {
        uint at = row * args.columns + i, from = args.base[0] + OUTPUTS * at, to = args.base[3] + OUTPUTS * at;
        if (SCALE == VV_SCALE_PIXEL) s = own_scale(decoded[from + 1]);
        vv_point p = vv_density_point(KIND, x[args.base[1] + at], decoded[from], s);
        sum += p.value;
        by_scale += p.by_scale;
        if (GRADIENT) y[to] = p.by_location * args.scale;
        if (GRADIENT && SCALE == VV_SCALE_PIXEL) y[to + 1] = p.by_scale * args.scale;
    }
    sum = row_sum(sum);
    if (GRADIENT && SCALE == VV_SCALE_SHARED) {
        barrier();
        by_scale = row_sum(by_scale);
    }
    if (gl_LocalInvocationID.x != 0) return;
    uint values = args.base[3] + (GRADIENT ? OUTPUTS * args.rows * args.columns : 0) + row;
    y[values] = sum;
    if (GRADIENT && SCALE == VV_SCALE_SHARED) y[values + args.rows] = by_scale * args.scale;
}
