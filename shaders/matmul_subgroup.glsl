// One subgroup owns ROWS rows x 4 columns a lane of C. Each lane loads its own columns of B, four floats at a
// time; the floats of A that all lanes need are loaded once, spread over the lanes, and handed round by
// subgroupShuffle with constant indices. Made for CPU drivers, where a shuffle is a register move.
//
// The includer says whether the stored rows of A and B are whole vec4s (ALIGNED), and defines load_a(at) and
// load_b(at): four floats from there on; `at` counts vec4s where ALIGNED, else floats.
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_control_flow_attributes : require
#include "stored.glsl"

layout(constant_id = 3) const uint ROWS = 16;         // a multiple of 4
layout(constant_id = 4) const bool WITH_TAIL = true;  // k is not a multiple of 4
layout(constant_id = 5) const bool VEC4_STORE = false;

layout(binding = 2) writeonly buffer Result4 { STORED result4[]; };

const uint LANES = gl_WorkGroupSize.x;           // one subgroup is one workgroup
const uint SHARE = (ROWS + LANES - 1) / LANES;   // of the ROWS vec4s of A in four k, loaded by each lane
const uint UNIT = ALIGNED ? 4 : 1;

// Addresses at k = 0 and the way to k + 1, computed once: inside the loop the driver would gather the push
// constants anew.
uint a_at[SHARE], a_k[SHARE], a_step, b_at[4], b_step, k_end;
vec4 c[ROWS];

// NN, NT: vec4 q of A is row q, k to k + 3; TN: rows 4 (q % (ROWS / 4)) on, of k + q / (ROWS / 4). Rows and
// columns beyond the edges are read somewhere inside the matrix; their results are not stored.
void find_operands(uint row, uint column) {
    k_end = args.k;
    a_step = FORM == FORM_TN ? args.m / UNIT : 1;
    b_step = FORM == FORM_NT ? 1 : args.n / UNIT;
    [[unroll]] for (uint i = 0; i < SHARE; i++) {
        uint q = min(i * LANES + gl_SubgroupInvocationID, ROWS - 1);
        uint at = FORM == FORM_TN ? min(row + 4 * (q % (ROWS / 4)), ALIGNED ? args.m - 4 : args.m - 1)
                                  : min(row + q, args.m - 1) * args.k;
        a_at[i] = (args.base[0] + at) / UNIT;
        a_k[i] = FORM == FORM_TN ? q / (ROWS / 4) : 0;
    }
    [[unroll]] for (uint i = 0; i < 4; i++) {
        uint at = FORM == FORM_NT ? min(column + i, args.n - 1) * args.k
                                  : min(column, ALIGNED ? args.n - 4 : args.n - 1);
        b_at[i] = (args.base[1] + at) / UNIT;
    }
}

// A vec4 along k from k on, zero beyond the end.
vec4 cut(vec4 x, uint k) { return mix(vec4(0), x, lessThan(k + uvec4(0, 1, 2, 3), uvec4(k_end))); }

vec4 load_quad(uint i, uint k, bool guard) {
    if (FORM != FORM_TN) {
        vec4 a = load_a(a_at[i] + k / UNIT);
        return guard ? cut(a, k) : a;
    }
    uint at = k + a_k[i];
    vec4 a = load_a(a_at[i] + (guard ? min(at, k_end - 1) : at) * a_step);
    return guard && at >= k_end ? vec4(0) : a;
}

vec4 load_column(uint i, uint k, bool guard) {
    if (FORM == FORM_NT) {
        vec4 b = load_b(b_at[i] + k / UNIT);
        return guard ? cut(b, k) : b;
    }
    vec4 b = load_b(b_at[i] + (guard ? min(k + i, k_end - 1) : k + i) * b_step);
    return guard && k + i >= k_end ? vec4(0) : b;
}

// C += A[., k to k + 3] B[k to k + 3, .], a row of C after the other: the driver keeps C in memory.
void step4(uint k, bool guard) {
    vec4 a[SHARE];
    [[unroll]] for (uint i = 0; i < SHARE; i++) a[i] = load_quad(i, k, guard);
    mat4 b;
    [[unroll]] for (uint i = 0; i < 4; i++) b[i] = load_column(i, k, guard);
    if (FORM == FORM_NT) b = transpose(b);
    [[unroll]] for (uint r = 0; r < ROWS; r++) {
        vec4 sum = c[r];
        [[unroll]] for (uint i = 0; i < 4; i++) {
            uint q = FORM == FORM_TN ? i * (ROWS / 4) + r / 4 : r;
            sum += subgroupShuffle(a[q / LANES][FORM == FORM_TN ? r % 4 : i], q % LANES) * b[i];
        }
        c[r] = sum;
    }
}

void store(uint row, uint column) {
    vec4 shift = bias_at(min(column + uvec4(0, 1, 2, 3), uvec4(args.n - 1)));
    [[unroll]] for (uint r = 0; r < ROWS; r++) {
        vec4 y = activate(c[r] + shift);
        uint at = args.base[2] + (row + r) * args.n + column;
        bool inside = row + r < args.m;
        if (VEC4_STORE) {
            if (inside && column < args.n) result4[at / 4] = stored(y);
        } else {
            [[unroll]] for (uint i = 0; i < 4; i++)
                if (inside && column + i < args.n) result[at + i] = y[i];
        }
    }
}

void main() {
    // Row tiles along x, folded over z: neighbours share columns of B.
    uint row = (gl_WorkGroupID.z * gl_NumWorkGroups.x + gl_WorkGroupID.x) * ROWS;
    uint column = (gl_WorkGroupID.y * LANES + gl_SubgroupInvocationID) * 4;
    if (row >= args.m) return;

    find_operands(row, column);
    [[unroll]] for (uint r = 0; r < ROWS; r++) c[r] = vec4(0);
    uint k = 0;
    for (; k + 4 <= k_end; k += 4) step4(k, false);
    if (WITH_TAIL) step4(k, true);
    store(row, column);
}
