// FORWARD and INPUT as products: rows are pixels of the result, spread over the lanes; columns are its channels, four
// for each lane; k runs over taps, and over the channels of the picture that is read.
#define PIXELS SHARE
uint pixel_of(uint i);
#include "conv_pixels.glsl"

uint pixel_of(uint i) { return min(i * LANES + gl_SubgroupInvocationID, ROWS - 1); }

uint column, b_at[4], b_step;
vec4 c[ROWS];

void start_tap(uint tap) {
    uint at = weights_at + tap * quads;
    b_step = FORM == FORM_FORWARD ? 1 : 4 * weight_quads;
    [[unroll]] for (uint i = 0; i < 4; i++)
        b_at[i] = at + (FORM == FORM_FORWARD ? (column + i) * weight_quads : i * weight_quads + column / 4);
}

// C += A[., k to k + 3] B[k to k + 3, .]
void step4(uint quad) {
    vec4 a[SHARE];
    [[unroll]] for (uint i = 0; i < SHARE; i++) a[i] = load_source(i, quad);
    mat4 b;
    [[unroll]] for (uint i = 0; i < 4; i++) b[i] = load_b(b_at[i] + quad * b_step);
    if (FORM == FORM_FORWARD) b = transpose(b);
    [[unroll]] for (uint r = 0; r < ROWS; r++) {
        vec4 sum = c[r];
        [[unroll]] for (uint i = 0; i < 4; i++) sum += subgroupShuffle(a[r / LANES][i], r % LANES) * b[i];
        c[r] = sum;
    }
}

void main() {
    uint own = (gl_WorkGroupID.y * LANES + gl_SubgroupInvocationID) * 4;
    if (!find_place(gl_WorkGroupID.z * gl_NumWorkGroups.x + gl_WorkGroupID.x, ROWS)) return;
    column = min(own, columns - 4);
    [[unroll]] for (uint r = 0; r < ROWS; r++) c[r] = vec4(0);
    add_taps();
    vec4 shift = vec4(0);
    if (WITH_BIAS) shift = bias4[(args.base[3] + column) / 4];
    [[unroll]] for (uint r = 0; r < ROWS; r++) {
        uint at = subgroupShuffle(result_at[r / LANES], r % LANES);
        if (at != ~0u && own < columns) result4[at + own / 4] = stored(c[r] + shift);
    }
}
