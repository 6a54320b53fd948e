// y = f(a (x - mean) + beta).   ops/norm_launch.c
#include "norm_columns.glsl"

INPUT(0, X, x);
INPUT(1, Table, table);  // mean, rstd, a, beta
OUTPUT(2, Y, y);

void main() {
    walk w = find_walk();
    if (w.count == 0) return;
    uint at = args.base[1] / UNIT + w.outer * 4 * args.columns + w.column;
    VALUE mean = LOAD(table, at), a = LOAD(table, at + 2 * args.columns), beta = LOAD(table, at + 3 * args.columns);
    uint from = args.base[0] / UNIT + w.at, to = args.base[2] / UNIT + w.at;
    for (uint k = 0; k < w.count; k++, from += w.stride, to += w.stride)
        y[to] = stored(activate(a * (LOAD(x, from) - mean) + beta));
}
