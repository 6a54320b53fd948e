// What a step's KL divergence costs, w |sum over latents of max(free, KL_j) - C| with w and C of the clock's row, and
// the weight that this gives KL_j of each image; free bits: Kingma et al. (2016), appendix C.8; C: Burgess et
// al. (2018), section 5. One workgroup. Nothing is written once the latch is set.   ops/kl.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "row_sum.glsl"

layout(push_constant) uniform Args { vv_args_kl_weigh args; };
layout(std430, binding = 0) readonly buffer Sums { float sums[]; };  // of KL_j over the batch
layout(std430, binding = 1) writeonly buffer Weights { float weights[]; };
layout(std430, binding = 2) writeonly buffer Log { float log_rows[]; };
layout(std140, binding = 3) uniform Clock { vv_clock now; };

void main() {
    float held = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < args.latent; i += gl_WorkGroupSize.x)
        held += max(args.free, sums[args.base[0] + i] * args.mean);
    held = row_sum(held);
    if (now.bad_step != VV_NO_BAD_STEP) return;
    bool below = held < now.capacity;
    float slope = (below ? -now.kl_weight : now.kl_weight) * args.mean;
    for (uint i = gl_LocalInvocationID.x; i < args.latent; i += gl_WorkGroupSize.x) {
        bool counts = args.free == 0.0 || sums[args.base[0] + i] * args.mean >= args.free;
        weights[args.base[1] + i] = counts ? slope : 0.0;
    }
    if (gl_LocalInvocationID.x == 0 && now.current < args.rows)
        log_rows[args.base[2] + now.current] = now.kl_weight * abs(held - now.capacity) * args.images;
}
