// What a channel is normalised with: mean, rstd = 1 / sqrt(var + epsilon), a = gamma rstd, beta, in four rows of
// a table for each outer part.   ops/norm_launch.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(constant_id = 1) const uint TABLE = 4;  // rows of the table
layout(constant_id = 2) const uint FIRST = 0;  // of these four

layout(push_constant) uniform Args { vv_args_columns args; };  // columns: channels
layout(std430, binding = 0) readonly buffer Moments { float moments[]; };
layout(std430, binding = 1) readonly buffer Gamma { float gamma[]; };
layout(std430, binding = 2) readonly buffer Beta { float beta[]; };
layout(std430, binding = 3) writeonly buffer Table { float table[]; };

void main() {
    uint i = flat_index(), outer = i / args.columns, c = i % args.columns;
    if (outer >= args.outer) return;
    uint from = args.base[0] + outer * 2 * args.groups + c / (args.columns / args.groups);
    float rstd = 1.0 / sqrt(moments[from + args.groups] + args.epsilon);
    uint to = args.base[3] + (outer * TABLE + FIRST) * args.columns + c;
    table[to] = moments[from];
    table[to + args.columns] = rstd;
    table[to + 2 * args.columns] = gamma[args.base[1] + c] * rstd;
    table[to + 3 * args.columns] = beta[args.base[2] + c];
}
