// -log p(x | logits) of one categorical distribution, or of counts under a multinomial one, and its gradient with
// respect to the logits. With m the largest logit, d = l - m and s = log sum e^d:
//     categorical: s - d_x; gradient e^(d - s) - [v = x]
//     multinomial: n s - sum c d + sum log c! - log n!, n = sum c; gradient n e^(d - s) - c
// A workgroup a distribution. The includer defines UNIT, how many logits are taken at once, and for number i of these
// largest(i), add(i, m, sums) and put(i, m, s, n).
#include "exact_count.h"
#include "row_sum.glsl"
#include "row_max.glsl"

layout(constant_id = 1) const bool GRADIENT = false;
layout(constant_id = 2) const bool COUNTS = false;

layout(push_constant) uniform Args { vv_args_categorical args; };
layout(std430, binding = 1) readonly buffer X { float x[]; };            // [rows,per_row], COUNTS ? [rows,classes]
layout(std430, binding = 3) writeonly buffer Values { float values[]; };  // [rows,per_row]

float count_at(uint at) { return float(vv_kind_of(x[args.base[1] + at], 256u)); }

// What class number `at` adds: x: e^d, y: c, z: c d, w: log c!.
vec4 terms(float d, uint at) {
    if (!COUNTS) return vec4(vv_exp(d), 0.0, 0.0, 0.0);
    float c = count_at(at);
    return vec4(vv_exp(d), c, c == 0.0 ? 0.0 : c * d, vv_log_factorial(c));
}

float slope(float d, float s, float n, uint at) {
    float seen;
    if (COUNTS)
        seen = count_at(at);
    else
        seen = at % args.classes == vv_kind_of(x[args.base[1] + at / args.classes], args.classes) ? 1.0 : 0.0;
    return (n * vv_exp(d - s) - seen) * args.scale;
}

float largest(uint i);
void add(uint i, float m, inout vec4 sums);
void put(uint i, float m, float s, float n);
float logit(uint at);

void main() {
    uint number = flat_group(), lane = gl_LocalInvocationID.x, group = gl_WorkGroupSize.x;
    if (number >= args.rows * args.per_row) return;
    uint first = number * (args.classes / UNIT), end = first + args.classes / UNIT;
    float m = uintBitsToFloat(0xff800000u);
    for (uint i = first + lane; i < end; i += group) m = max(m, largest(i));
    m = row_max(m);
    vec4 sums = vec4(0.0);
    for (uint i = first + lane; i < end; i += group) add(i, m, sums);
    float s = vv_log(next_sum(sums.x)), n = 1.0, value;
    if (COUNTS) {
        n = next_sum(sums.y);
        float paid = next_sum(sums.z), ways = next_sum(sums.w);
        value = (n * s - paid) + (ways - vv_log_factorial(n));
    } else {
        value = s - (logit(number * args.classes + vv_kind_of(x[args.base[1] + number], args.classes)) - m);
    }
    if (lane == 0) values[args.base[3] + args.values + number] = value;
    if (!GRADIENT) return;
    for (uint i = first + lane; i < end; i += group) put(i, m, s, n);
}
