// Of each latent of each image mu, mu^2 and its part of KL(q || N(0, 1)), (mu^2 + e^logvar - 1 - logvar) / 2; Kingma &
// Welling (2013), appendix B.   ops/kl.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact_gaussian.h"

layout(push_constant) uniform Args { vv_args_rows args; };
layout(std430, binding = 0) readonly buffer Head { float head[]; };
layout(std430, binding = 1) writeonly buffer Terms { float terms[]; };  // [rows][mu, mu^2, KL]

void main() {
    uint i = flat_index();
    if (i >= args.rows * args.columns) return;
    uint row = i / args.columns, latent = i % args.columns;
    uint from = args.base[0] + row * 2 * args.columns + latent, to = args.base[1] + row * 3 * args.columns + latent;
    float mu = head[from], logvar = vv_logvar(head[from + args.columns]);
    terms[to] = mu;
    terms[to + args.columns] = mu * mu;
    terms[to + 2 * args.columns] = 0.5 * (mu * mu + vv_exp(logvar) - 1.0 - logvar);
}
