// Each invocation's sums of d = dy f' and of d (x - mean).   ops/norm_launch.c
#include "columns.glsl"

INPUT(0, X, x);
INPUT(1, Dy, dy);
INPUT(2, Table, table);  // two rows, then mean, rstd, a, beta
layout(std430, binding = 3) writeonly buffer Partial { VALUE partial[]; };

void main() {
    walk w = find_walk();
    if (w.row >= w.end) return;
    uint at = args.base[2] / UNIT + w.outer * 6 * args.columns + w.column;
    VALUE mean = LOAD(table, at + 2 * args.columns), a = LOAD(table, at + 4 * args.columns);
    VALUE beta = LOAD(table, at + 5 * args.columns), sum = VALUE(0), product = VALUE(0);
    uint i = args.base[0] / UNIT + w.at, j = args.base[1] / UNIT + w.at;
    for (; w.row < w.end; w.row += args.step, i += w.stride, j += w.stride) {
        VALUE off = LOAD(x, i) - mean, d = LOAD(dy, j) * slope(a * off + beta);
        sum += d;
        product += d * off;
    }
    partial[args.base[3] / UNIT + 2 * w.group + w.lane] = sum;
    partial[args.base[3] / UNIT + 2 * w.group + gl_WorkGroupSize.x + w.lane] = product;
}
