// y = f(a (x - mean) + beta).   ops/norm_launch.c
#include "columns.glsl"

INPUT(0, X, x);
INPUT(1, Table, table);  // mean, rstd, a, beta
OUTPUT(2, Y, y);

void main() {
    walk w = find_walk();
    if (w.row >= w.end) return;
    uint at = args.base[1] / UNIT + w.outer * 4 * args.columns + w.column;
    VALUE mean = LOAD(table, at), a = LOAD(table, at + 2 * args.columns), beta = LOAD(table, at + 3 * args.columns);
    uint from = args.base[0] / UNIT + w.at, to = args.base[2] / UNIT + w.at;
#define VALUE_OF(x) stored(activate(a * ((x) - mean) + beta))
    for (; is_whole(w); w.row += 4 * args.step, from += 4 * w.stride, to += 4 * w.stride) {
        VALUE v[4];
        for (uint k = 0; k < 4; k++) v[k] = LOAD(x, from + k * w.stride);
        for (uint k = 0; k < 4; k++) y[to + k * w.stride] = VALUE_OF(v[k]);
    }
    for (; w.row < w.end; w.row += args.step, from += w.stride, to += w.stride) y[to] = VALUE_OF(LOAD(x, from));
}
