// dx = a d - level - tilt (x - mean), d = dy f'.   ops/norm_launch.c
#include "norm_columns.glsl"

INPUT(0, X, x);
INPUT(1, Dy, dy);
INPUT(2, Table, table);  // mean, a, beta, level, tilt
OUTPUT(3, Dx, dx);

void main() {
    walk w = find_walk();
    if (w.count == 0) return;
    uint at = args.base[2] / UNIT + w.outer * 5 * args.columns + w.column;
    VALUE mean = LOAD(table, at), a = LOAD(table, at + args.columns), beta = LOAD(table, at + 2 * args.columns);
    VALUE level = LOAD(table, at + 3 * args.columns), tilt = LOAD(table, at + 4 * args.columns);
    uint i = args.base[0] / UNIT + w.at, j = args.base[1] / UNIT + w.at, to = args.base[3] / UNIT + w.at;
    for (uint k = 0; k < w.count; k++, i += w.stride, j += w.stride, to += w.stride) {
        VALUE off = LOAD(x, i) - mean;
        dx[to] = stored(a * (LOAD(dy, j) * slope(a * off + beta)) - level - tilt * off);
    }
}
