// density.comp on four pixels at a time, loaded as image texels.   ops/density.c
#include "common.glsl"
#include "stored.glsl"
#include "density.glsl"

layout(rgba32f, binding = 0) readonly uniform imageBuffer decoded;
layout(rgba32f, binding = 1) readonly uniform imageBuffer x;
layout(std430, binding = 2) readonly buffer LogSigma { float log_sigma[]; };
layout(std430, binding = 3) writeonly buffer Y { float y[]; };  // GRADIENT ? [rows,columns outputs]; [rows]; [rows]
layout(std430, binding = 3) writeonly buffer YWide { STORED y_wide[]; };

void main() {
    uint row = flat_group(), texels = args.columns / 4;
    if (row >= args.rows) return;
    vv_scale whole = whole_scale(SCALE == VV_SCALE_PIXEL ? 0.0 : log_sigma[args.base[2]]);
    float sum = 0.0, by_scale = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < texels; i += gl_WorkGroupSize.x) {
        uint at = row * texels + i, to = args.base[3] / 4 + OUTPUTS * at;
        int from = int(args.base[0] / 4 + OUTPUTS * at);
        vec4 v = imageLoad(x, int(args.base[1] / 4 + at)), first = imageLoad(decoded, from), second = first;
        vv_point a, b, c, d;
        if (SCALE == VV_SCALE_PIXEL) {  // mu and log sigma of two pixels a texel
            second = imageLoad(decoded, from + 1);
            a = vv_density_point(KIND, v.x, first.x, own_scale(first.y));
            b = vv_density_point(KIND, v.y, first.z, own_scale(first.w));
            c = vv_density_point(KIND, v.z, second.x, own_scale(second.y));
            d = vv_density_point(KIND, v.w, second.z, own_scale(second.w));
        } else {
            a = vv_density_point(KIND, v.x, first.x, whole);
            b = vv_density_point(KIND, v.y, first.y, whole);
            c = vv_density_point(KIND, v.z, first.z, whole);
            d = vv_density_point(KIND, v.w, first.w, whole);
        }
        sum += a.value + b.value + (c.value + d.value);
        by_scale += a.by_scale + b.by_scale + (c.by_scale + d.by_scale);
        if (!GRADIENT) continue;
        if (SCALE == VV_SCALE_PIXEL) {
            y_wide[to] = stored(vec4(a.by_location, a.by_scale, b.by_location, b.by_scale) * args.scale);
            y_wide[to + 1] = stored(vec4(c.by_location, c.by_scale, d.by_location, d.by_scale) * args.scale);
        } else {
            y_wide[to] = stored(vec4(a.by_location, b.by_location, c.by_location, d.by_location) * args.scale);
        }
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
