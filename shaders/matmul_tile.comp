#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Matrix products for GPUs: a workgroup computes ROWS x COLUMNS of C from tiles of A and B, DEPTH of k at a time,
// that it keeps in shared memory; an invocation owns OWN_ROWS x OWN_COLUMNS of it in registers, in blocks of 4 x 4.
// The next tiles are loaded while the present ones are multiplied. No subgroup operation: any device runs it.
//
// k may be split into parts of args.part: each is a layer of the result of its own, to be added up by
// matmul_sum.comp. A multiple of 4, so that no vec4 lies in two parts.
#include "matmul.glsl"

layout(constant_id = 3) const uint ROWS = 32;
layout(constant_id = 4) const uint COLUMNS = 32;
layout(constant_id = 5) const uint DEPTH = 16;
layout(constant_id = 6) const uint OWN_ROWS = 4;
layout(constant_id = 7) const uint OWN_COLUMNS = 4;
layout(constant_id = 8) const bool ALIGNED = false;  // the stored rows of A and B are whole vec4s
layout(constant_id = 9) const bool VEC4_STORE = false;
layout(constant_id = 10) const uint BUFFERS = 1;  // of tiles: with 2, one barrier a step does

layout(binding = 0) readonly buffer A { float a[]; };
layout(binding = 0) readonly buffer A4 { vec4 a4[]; };
layout(binding = 1) readonly buffer B { float b[]; };
layout(binding = 1) readonly buffer B4 { vec4 b4[]; };
layout(binding = 2) writeonly buffer Result4 { vec4 result4[]; };

const uint SIZE = gl_WorkGroupSize.x;  // = ROWS / OWN_ROWS * COLUMNS / OWN_COLUMNS
const uint WIDE = COLUMNS / OWN_COLUMNS, HIGH = ROWS / OWN_ROWS;
const uint BLOCKS_M = OWN_ROWS / 4, BLOCKS_N = OWN_COLUMNS / 4;
// Vec4s of a tile for each invocation to load.
const uint SHARE_A = ROWS * DEPTH / 4 / SIZE, SHARE_B = COLUMNS * DEPTH / 4 / SIZE;
const uint UNROLL = 4;  // divides DEPTH

// Tiles as [k][row or column]. Four floats more a line, or neighbours along k would share a bank.
const uint PITCH_A = ROWS + 4, PITCH_B = COLUMNS + 4;
shared float tile_a[BUFFERS * DEPTH * PITCH_A], tile_b[BUFFERS * DEPTH * PITCH_B];

vec4 next_a[SHARE_A], next_b[SHARE_B];  // loaded, and not yet in shared memory
vec4 c[OWN_ROWS * BLOCKS_N];
uint k_end;

vec4 load4(bool from_b, uvec4 i) {
    if (ALIGNED) {
        if (from_b) return b4[i.x / 4];
        return a4[i.x / 4];
    }
    if (from_b) return vec4(b[i.x], b[i.y], b[i.z], b[i.w]);
    return vec4(a[i.x], a[i.y], a[i.z], a[i.w]);
}

const uvec4 FOUR = uvec4(0, 1, 2, 3);

// Vec4 number q of a tile that is `size` rows or columns wide, from `line` and k on, of a matrix with `lines` of
// them. What lies beyond the last one is not stored, so anything will do; beyond the last k there must be zeros.
vec4 load_along_k(bool from_b, uint q, uint line, uint lines, uint k) {
    uint at = args.base[from_b ? 1 : 0] + min(line + q / (DEPTH / 4), lines - 1) * args.k;
    k += q % (DEPTH / 4) * 4;
    uvec4 i = ALIGNED ? uvec4(min(k, args.k - 4)) : min(k + FOUR, uvec4(args.k - 1));
    return mix(vec4(0), load4(from_b, at + i), lessThan(k + FOUR, uvec4(k_end)));
}
vec4 load_across_k(bool from_b, uint q, uint size, uint line, uint lines, uint k) {
    k += q / (size / 4);
    line += q % (size / 4) * 4;
    uint at = args.base[from_b ? 1 : 0] + min(k, args.k - 1) * lines;
    uvec4 i = ALIGNED ? uvec4(min(line, lines - 4)) : min(line + FOUR, uvec4(lines - 1));
    return mix(vec4(0), load4(from_b, at + i), bvec4(k < k_end));
}

void load_next(uint row, uint column, uint k) {
    uint id = gl_LocalInvocationID.x;
    [[unroll]] for (uint i = 0; i < SHARE_A; i++) {
        if (FORM == FORM_TN) next_a[i] = load_across_k(false, i * SIZE + id, ROWS, row, args.m, k);
        else next_a[i] = load_along_k(false, i * SIZE + id, row, args.m, k);
    }
    [[unroll]] for (uint i = 0; i < SHARE_B; i++) {
        if (FORM == FORM_NT) next_b[i] = load_along_k(true, i * SIZE + id, column, args.n, k);
        else next_b[i] = load_across_k(true, i * SIZE + id, COLUMNS, column, args.n, k);
    }
}

// Where number e of the four floats of vec4 q goes.
uint place(bool along_k, uint q, uint e, uint size, uint pitch) {
    return along_k ? (q % (DEPTH / 4) * 4 + e) * pitch + q / (DEPTH / 4)
                   : q / (size / 4) * pitch + q % (size / 4) * 4 + e;
}

void keep_next(uint buffer_index) {
    uint id = gl_LocalInvocationID.x, at_a = buffer_index * DEPTH * PITCH_A, at_b = buffer_index * DEPTH * PITCH_B;
    [[unroll]] for (uint e = 0; e < 4; e++) {
        [[unroll]] for (uint i = 0; i < SHARE_A; i++)
            tile_a[at_a + place(FORM != FORM_TN, i * SIZE + id, e, ROWS, PITCH_A)] = next_a[i][e];
        [[unroll]] for (uint i = 0; i < SHARE_B; i++)
            tile_b[at_b + place(FORM == FORM_NT, i * SIZE + id, e, COLUMNS, PITCH_B)] = next_b[i][e];
    }
}

// Block i of an invocation lies HIGH * 4 rows below block i - 1, and so with columns: what neighbours read of
// shared memory at a time is one piece.
void multiply_line(uint at_a, uint at_b) {
    vec4 x[BLOCKS_M], y[BLOCKS_N];
    [[unroll]] for (uint i = 0; i < BLOCKS_M; i++)
        [[unroll]] for (uint e = 0; e < 4; e++) x[i][e] = tile_a[at_a + i * HIGH * 4 + e];
    [[unroll]] for (uint j = 0; j < BLOCKS_N; j++)
        [[unroll]] for (uint e = 0; e < 4; e++) y[j][e] = tile_b[at_b + j * WIDE * 4 + e];
    [[unroll]] for (uint r = 0; r < OWN_ROWS; r++)
        [[unroll]] for (uint j = 0; j < BLOCKS_N; j++) c[r * BLOCKS_N + j] += x[r / 4][r % 4] * y[j];
}

void multiply(uint buffer_index) {
    uint id = gl_LocalInvocationID.x;
    uint at_a = buffer_index * DEPTH * PITCH_A + id / WIDE * 4, at_b = buffer_index * DEPTH * PITCH_B + id % WIDE * 4;
    for (uint k = 0; k < DEPTH; k += UNROLL)
        [[unroll]] for (uint u = 0; u < UNROLL; u++)
            multiply_line(at_a + (k + u) * PITCH_A, at_b + (k + u) * PITCH_B);
}

void store(uint row, uint column, uint layer) {
    uint id = gl_LocalInvocationID.x;
    row += id / WIDE * 4;
    column += id % WIDE * 4;
    [[unroll]] for (uint j = 0; j < BLOCKS_N; j++) {
        uint col = column + j * WIDE * 4;
        vec4 shift = bias_at(min(col + FOUR, uvec4(args.n - 1)));
        [[unroll]] for (uint r = 0; r < OWN_ROWS; r++) {
            uint line = row + r / 4 * HIGH * 4 + r % 4;
            uint at = args.base[2] + (layer * args.m + line) * args.n + col;
            vec4 y = activate(c[r * BLOCKS_N + j] + shift);
            if (VEC4_STORE) {
                if (line < args.m && col < args.n) result4[at / 4] = y;
            } else {
                [[unroll]] for (uint e = 0; e < 4; e++)
                    if (line < args.m && col + e < args.n) result[at + e] = y[e];
            }
        }
    }
}

void main() {
    // Rows along x, folded over z; columns along y, once for each part of k.
    uint tiles_n = (args.n + COLUMNS - 1) / COLUMNS, layer = gl_WorkGroupID.y / tiles_n;
    uint row = (gl_WorkGroupID.z * gl_NumWorkGroups.x + gl_WorkGroupID.x) * ROWS;
    uint column = gl_WorkGroupID.y % tiles_n * COLUMNS;
    if (row >= args.m) return;  // the whole workgroup: no barrier is missed

    uint k = layer * args.part, present = 0;
    k_end = min(k + args.part, args.k);
    [[unroll]] for (uint i = 0; i < OWN_ROWS * BLOCKS_N; i++) c[i] = vec4(0);
    load_next(row, column, k);
    keep_next(0);
    barrier();
    for (; k < k_end; k += DEPTH) {
        bool more = k + DEPTH < k_end;
        if (more) load_next(row, column, k + DEPTH);
        multiply(present);
        if (BUFFERS == 1) barrier();  // until all have read
        else present = 1 - present;
        if (more) keep_next(present);
        barrier();
    }
    store(row, column, layer);
}
