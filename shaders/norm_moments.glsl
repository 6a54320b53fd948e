// Mean and sum of squares about it of each invocation's elements, by four at a time: Chan, Golub & LeVeque, Algorithms
// for Computing the Sample Variance (1983), equation 2.1. One pass, and nothing cancels.   ops/norm_launch.c
#include "columns.glsl"

INPUT(0, X, x);
layout(std430, binding = 1) writeonly buffer Partial { VALUE partial[]; };

void main() {
    walk w = find_walk();
    VALUE mean = VALUE(0), spread = VALUE(0);
    float n = 0.0;
    uint i = args.base[0] / UNIT + w.at;
    for (; w.row + 3 * args.step < w.end; w.row += 4 * args.step, i += 4 * w.stride) {
        VALUE p = LOAD(x, i), q = LOAD(x, i + w.stride);
        VALUE r = LOAD(x, i + 2 * w.stride), s = LOAD(x, i + 3 * w.stride);
        VALUE middle = ((p + q) + (r + s)) * 0.25, off = middle - mean;
        p -= middle;
        q -= middle;
        r -= middle;
        s -= middle;
        float share = 4.0 / (n + 4.0);
        mean += off * share;
        spread += ((p * p + q * q) + (r * r + s * s)) + off * off * (n * share);
        n += 4.0;
    }
    for (; w.row < w.end; w.row += args.step, i += w.stride) {
        VALUE off = LOAD(x, i) - mean;
        float share = 1.0 / (n + 1.0);
        mean += off * share;
        spread += off * off * (n * share);
        n += 1.0;
    }
    if (n == 0.0) return;
    partial[args.base[1] / UNIT + 2 * w.group + w.lane] = mean;
    partial[args.base[1] / UNIT + 2 * w.group + gl_WorkGroupSize.x + w.lane] = spread;
}
