// log[current row] = sum of a, sum of b, in a fixed order, unless the latch is set; guarded, a value or a sum that is
// not finite sets it. One workgroup.   ops/training.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "row_sum.glsl"

layout(constant_id = 1) const bool GUARDED = false;

layout(push_constant) uniform Args { vv_args_record args; };
layout(std430, binding = 0) buffer Log { float log_rows[]; };
layout(std430, binding = 1) readonly buffer A { float a[]; };
layout(std430, binding = 2) readonly buffer B { float b[]; };
layout(std430, binding = 3) buffer Clock { vv_clock now; };

bool is_finite(float x) {
    return (floatBitsToUint(x) & 0x7fffffffu) < 0x7f800000u;
}

void main() {
    float sum_a = 0.0, sum_b = 0.0, bad = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < args.n; i += gl_WorkGroupSize.x) {
        float p = a[args.base[1] + i], q = b[args.base[2] + i];
        sum_a += p;
        sum_b += q;
        if (GUARDED && !(is_finite(p) && is_finite(q))) bad = 1.0;
    }
    sum_a = row_sum(sum_a);
    barrier();  // before the next sum takes the same memory
    sum_b = row_sum(sum_b);
    barrier();
    bad = row_sum(bad);
    if (gl_LocalInvocationID.x != 0) return;
    if (GUARDED && !(is_finite(sum_a) && is_finite(sum_b))) bad = 1.0;
    if (bad > 0.0) now.bad_step = min(now.bad_step, now.step);
    if (now.bad_step != VV_NO_BAD_STEP || now.current >= args.rows) return;
    log_rows[args.base[0] + now.current * 2] = sum_a;
    log_rows[args.base[0] + now.current * 2 + 1] = sum_b;
}
