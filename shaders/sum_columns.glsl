// Each invocation's sum of its elements, as four sums side by side.   ops/reduce.c
#include "columns.glsl"

INPUT(0, X, x);
layout(std430, binding = 1) writeonly buffer Partial { VALUE partial[]; };

void main() {
    walk w = find_walk();
    if (w.row >= w.end) return;
    VALUE p = VALUE(0), q = VALUE(0), r = VALUE(0), s = VALUE(0);
    uint i = args.base[0] / UNIT + w.at;
    for (; is_whole(w); w.row += 4 * args.step, i += 4 * w.stride) {
        p += LOAD(x, i);
        q += LOAD(x, i + w.stride);
        r += LOAD(x, i + 2 * w.stride);
        s += LOAD(x, i + 3 * w.stride);
    }
    for (; w.row < w.end; w.row += args.step, i += w.stride) p += LOAD(x, i);
    partial[args.base[1] / UNIT + w.group + w.lane] = (p + q) + (r + s);
}
