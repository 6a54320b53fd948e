// dx = a d - level - tilt (x - mean), d = dy f'.   ops/norm_launch.c
#include "columns.glsl"

INPUT(0, X, x);
INPUT(1, Dy, dy);
INPUT(2, Table, table);  // mean, a, beta, level, tilt
OUTPUT(3, Dx, dx);

void main() {
    walk w = find_walk();
    if (w.row >= w.end) return;
    uint at = args.base[2] / UNIT + w.outer * 5 * args.columns + w.column;
    VALUE mean = LOAD(table, at), a = LOAD(table, at + args.columns), beta = LOAD(table, at + 2 * args.columns);
    VALUE level = LOAD(table, at + 3 * args.columns), tilt = LOAD(table, at + 4 * args.columns);
    uint i = args.base[0] / UNIT + w.at, j = args.base[1] / UNIT + w.at, to = args.base[3] / UNIT + w.at;
#define GRADIENT(off, d) stored(a * ((d) * slope(a * (off) + beta)) - level - tilt * (off))
    for (; is_whole(w); w.row += 4 * args.step, i += 4 * w.stride, j += 4 * w.stride, to += 4 * w.stride) {
        VALUE off[4], d[4];
        for (uint k = 0; k < 4; k++) {
            off[k] = LOAD(x, i + k * w.stride) - mean;
            d[k] = LOAD(dy, j + k * w.stride);
        }
        for (uint k = 0; k < 4; k++) dx[to + k * w.stride] = GRADIENT(off[k], d[k]);
    }
    for (; w.row < w.end; w.row += args.step, i += w.stride, j += w.stride, to += w.stride) {
        VALUE off = LOAD(x, i) - mean;
        dx[to] = GRADIENT(off, LOAD(dy, j));
    }
}
