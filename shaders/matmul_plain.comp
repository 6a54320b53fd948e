#version 450
#extension GL_GOOGLE_include_directive : require
// Matrix products for any device: each invocation owns 4 rows x 4 columns of C in registers. Neighbours share
// their rows and read adjacent columns. Beyond the edges it reads the last row or column again and stores
// nothing. k may be split into parts, as in matmul_tile.comp.
#include "matmul.glsl"

layout(constant_id = 3) const bool SPLIT = false;

layout(binding = 0) readonly buffer A { float a[]; };
layout(binding = 1) readonly buffer B { float b[]; };

// Where row or column i of op(A), op(B) starts, and the way from one k to the next.
uint a_start(uint i) { return args.base[0] + (FORM == FORM_TN ? i : i * args.k); }
uint b_start(uint i) { return args.base[1] + (FORM == FORM_NT ? i * args.k : i); }
uint a_step() { return FORM == FORM_TN ? args.m : 1; }
uint b_step() { return FORM == FORM_NT ? 1 : args.n; }

mat4 tile(uint row, uint column, uint layer) {
    uvec4 rows = min(row + uvec4(0, 1, 2, 3), uvec4(args.m - 1));
    uvec4 columns = min(column + uvec4(0, 1, 2, 3), uvec4(args.n - 1));
    uvec4 at_a = uvec4(a_start(rows.x), a_start(rows.y), a_start(rows.z), a_start(rows.w));
    uvec4 at_b = uvec4(b_start(columns.x), b_start(columns.y), b_start(columns.z), b_start(columns.w));
    vec4 c0 = vec4(0), c1 = vec4(0), c2 = vec4(0), c3 = vec4(0);
    uint count = args.k;
    if (SPLIT) {
        uint first = layer * args.part;
        at_a += first * a_step();
        at_b += first * b_step();
        count = min(args.part, args.k - first);
    }
    for (uint k = 0; k < count; k++) {
        vec4 y = vec4(b[at_b.x], b[at_b.y], b[at_b.z], b[at_b.w]);
        c0 += a[at_a.x] * y;
        c1 += a[at_a.y] * y;
        c2 += a[at_a.z] * y;
        c3 += a[at_a.w] * y;
        at_a += a_step();
        at_b += b_step();
    }
    return mat4(c0, c1, c2, c3);
}

void main() {
    uint tiles_n = (args.n + 3) / 4;
    uint line = flat_index() / tiles_n, tiles_m = (args.m + 3) / 4, layer = SPLIT ? line / tiles_m : 0;
    uint row = (line - layer * tiles_m) * 4, column = flat_index() % tiles_n * 4;
    if (row >= args.m || SPLIT && layer * args.part >= args.k) return;
    mat4 c = tile(row, column, layer);
    vec4 shift = bias_at(min(column + uvec4(0, 1, 2, 3), uvec4(args.n - 1)));
    for (uint r = 0; r < 4 && row + r < args.m; r++) {
        vec4 y = activate(c[r] + shift);
        for (uint i = 0; i < 4 && column + i < args.n; i++)
            result[args.base[2] + (layer * args.m + row + r) * args.n + column + i] = y[i];
    }
}
