// z = mu + exp(logvar / 2) eps; Kingma & Welling (2013), section 2.4.   ops/gaussian.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact_gaussian.h"

layout(push_constant) uniform Args { vv_args_rows args; };
layout(std430, binding = 0) readonly buffer Head { float head[]; };  // [rows][mu, logvar]
layout(std430, binding = 1) readonly buffer Eps { float eps[]; };
layout(std430, binding = 2) writeonly buffer Z { float z[]; };

void main() {
    uint i = flat_index();
    if (i >= args.rows * args.columns) return;
    uint mu = args.base[0] + i / args.columns * 2 * args.columns + i % args.columns;
    float sigma = vv_exp(0.5 * vv_logvar(head[mu + args.columns]));
    z[args.base[2] + i] = head[mu] + sigma * eps[args.base[1] + i];
}
