// d mu = mu dy, d logvar = (e^logvar - 1) dy / 2 times the slope of logvar's bound; dy is each image's, or with LATENTS
// each latent's.   ops/gaussian.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact_gaussian.h"

layout(constant_id = 1) const bool LATENTS = false;

layout(push_constant) uniform Args { vv_args_rows args; };
layout(std430, binding = 0) readonly buffer Head { float head[]; };
layout(std430, binding = 1) readonly buffer Dy { float dy[]; };
layout(std430, binding = 2) writeonly buffer Dhead { float dhead[]; };

void main() {
    uint i = flat_index();
    if (i >= args.rows * args.columns) return;
    uint row = i / args.columns, mu = row * 2 * args.columns + i % args.columns, logvar = mu + args.columns;
    float d = dy[args.base[1] + (LATENTS ? i % args.columns : row)], wanted = head[args.base[0] + logvar];
    dhead[args.base[2] + mu] = head[args.base[0] + mu] * d;
    dhead[args.base[2] + logvar] = 0.5 * (vv_exp(vv_logvar(wanted)) - 1.0) * d * vv_logvar_slope(wanted);
}
