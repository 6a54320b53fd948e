// d mu = dz, d logvar = dz eps exp(logvar / 2) / 2; with KL those of scale times the KL divergence are added, mu
// and (e^logvar - 1) / 2. All of logvar times the slope of its bound.   ops/gaussian.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact_gaussian.h"

layout(constant_id = 1) const bool KL = false;

layout(push_constant) uniform Args { vv_args_rows args; };
layout(std430, binding = 0) readonly buffer Head { float head[]; };
layout(std430, binding = 1) readonly buffer Eps { float eps[]; };
layout(std430, binding = 2) readonly buffer Dz { float dz[]; };
layout(std430, binding = 3) writeonly buffer Dhead { float dhead[]; };

void main() {
    uint i = flat_index();
    if (i >= args.rows * args.columns) return;
    uint mu = i / args.columns * 2 * args.columns + i % args.columns, logvar = mu + args.columns;
    float d = dz[args.base[2] + i];
    float wanted = head[args.base[0] + logvar], log_variance = vv_logvar(wanted);
    float dmu = d, dlogvar = d * eps[args.base[1] + i] * 0.5 * vv_exp(0.5 * log_variance);
    if (KL) {
        dmu += head[args.base[0] + mu] * args.scale;
        dlogvar += 0.5 * (vv_exp(log_variance) - 1.0) * args.scale;
    }
    dhead[args.base[3] + mu] = dmu;
    dhead[args.base[3] + logvar] = dlogvar * vv_logvar_slope(wanted);
}
