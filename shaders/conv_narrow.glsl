// FORWARD and INPUT for a result of few channels, at most ROWS: rows are these channels, columns are pixels, four for
// each lane, so that no lane is without work. The weights are spread over the lanes.
#define PIXELS 4
uint pixel_of(uint i);
#include "conv_pixels.glsl"

uint pixel_of(uint i) { return gl_SubgroupInvocationID * 4 + i; }

uint a_at[SHARE], a_step;
vec4 c[ROWS];

// FORWARD: vec4 q of four k is that of row q; INPUT: rows 4 (q % (ROWS / 4)) on, of k + q / (ROWS / 4).
void start_tap(uint tap) {
    uint at = weights_at + tap * quads;
    a_step = FORM == FORM_FORWARD ? 1 : 4 * weight_quads;
    [[unroll]] for (uint i = 0; i < SHARE; i++) {
        uint q = min(i * LANES + gl_SubgroupInvocationID, ROWS - 1);
        a_at[i] = at + (FORM == FORM_FORWARD ? min(q, columns - 1) * weight_quads
                                             : q / (ROWS / 4) * weight_quads + min(q % (ROWS / 4), columns / 4 - 1));
    }
}

void step4(uint quad) {
    vec4 a[SHARE];
    [[unroll]] for (uint i = 0; i < SHARE; i++) a[i] = load_b(a_at[i] + quad * a_step);
    mat4 b;
    [[unroll]] for (uint i = 0; i < 4; i++) b[i] = load_source(i, quad);
    b = transpose(b);
    [[unroll]] for (uint r = 0; r < ROWS; r++) {
        vec4 sum = c[r];
        [[unroll]] for (uint i = 0; i < 4; i++) {
            uint q = FORM == FORM_FORWARD ? r : i * (ROWS / 4) + r / 4;
            sum += subgroupShuffle(a[q / LANES][FORM == FORM_FORWARD ? i : r % 4], q % LANES) * b[i];
        }
        c[r] = sum;
    }
}

void main() {
    if (!find_place(gl_WorkGroupID.z * gl_NumWorkGroups.x + gl_WorkGroupID.x, 4 * LANES)) return;
    [[unroll]] for (uint r = 0; r < ROWS; r++) c[r] = vec4(0);
    add_taps();
    [[unroll]] for (uint quad = 0; quad < ROWS / 4; quad++) {
        vec4 shift = vec4(0);
        if (WITH_BIAS) shift = bias4[args.base[3] / 4 + min(quad, columns / 4 - 1)];
        [[unroll]] for (uint i = 0; i < 4; i++) {
            vec4 y = vec4(c[quad * 4][i], c[quad * 4 + 1][i], c[quad * 4 + 2][i], c[quad * 4 + 3][i]) + shift;
            if (result_at[i] != ~0u && quad * 4 < columns) result4[result_at[i] + quad] = stored(y);
        }
    }
}
