// What the convolutions by subgroups share. As in matmul_subgroup.glsl, one subgroup makes ROWS rows x 4 columns a
// lane: each lane loads its own columns as vec4s, and what all lanes need is loaded once, spread over the lanes, and
// handed round by subgroupShuffle with constant indices. Channels are multiples of 4.
//
// The includer defines load_a(at) and load_b(at), `at` counting vec4s.
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_control_flow_attributes : require
#include "stored.glsl"

layout(constant_id = 3) const uint ROWS = 32;  // a multiple of 4

layout(binding = 2) writeonly buffer Result4 { STORED result4[]; };
layout(binding = 3) readonly buffer Bias4 { vec4 bias4[]; };

const uint LANES = gl_WorkGroupSize.x;          // one subgroup is one workgroup
const uint SHARE = (ROWS + LANES - 1) / LANES;  // of ROWS things, those of each lane

// a / b and the rest: drivers divide whole numbers one lane after the other. Exact for a < 2^31: the first quotient is
// off by less than b in 2^23, the second by one at most.
uvec2 divide(uint a, uint b) {
    uint q = uint(float(a) / float(b));
    int rest = int(a - q * b);
    int more = int(float(rest) / float(b));
    q += uint(more);
    rest -= more * int(b);
    bool below = rest < 0, above = rest >= int(b);
    return uvec2(below ? q - 1 : above ? q + 1 : q, uint(below ? rest + int(b) : above ? rest - int(b) : rest));
}
