// p_v = e^(l_v) / sum e^l of each distribution or, with MEAN, the mean sum p_v v / (classes - 1). A workgroup a
// distribution.   ops/categorical.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exact.h"
#include "row_sum.glsl"
#include "row_max.glsl"

layout(constant_id = 1) const bool MEAN = false;

layout(push_constant) uniform Args { vv_args_categorical args; };
layout(std430, binding = 0) readonly buffer Logits { float logits[]; };  // [rows,classes]
layout(std430, binding = 1) writeonly buffer Y { float y[]; };           // MEAN ? [rows] : as the logits

void main() {
    uint row = flat_group(), lane = gl_LocalInvocationID.x, group = gl_WorkGroupSize.x;
    if (row >= args.rows) return;
    uint first = args.base[0] + row * args.classes, to = args.base[1] + row * args.classes;
    float m = uintBitsToFloat(0xff800000u);
    for (uint i = lane; i < args.classes; i += group) m = max(m, logits[first + i]);
    m = row_max(m);
    float sum = 0.0, mean = 0.0;
    for (uint i = lane; i < args.classes; i += group) {
        float power = vv_exp(logits[first + i] - m);
        sum += power;
        mean += power * float(i);
    }
    float s = vv_log(next_sum(sum));
    if (MEAN) {
        mean = next_sum(mean);
        if (lane == 0) y[args.base[1] + row] = mean * vv_exp(-s) * args.scale;
        return;
    }
    for (uint i = lane; i < args.classes; i += group) y[to + i] = vv_exp((logits[first + i] - m) - s);
}
