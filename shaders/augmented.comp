// Pictures flipped, shifted, brightened, with noise: a workgroup a picture, an invocation the four elements of one
// block of the generator at a time.   ops/random.c
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "common.glsl"
#include "exact_augment.h"

layout(constant_id = 1) const bool VALUES = false;  // are changed, too
layout(constant_id = 2) const bool NOISE = false;

layout(push_constant) uniform Args { vv_args_augment args; };
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std140, binding = 1) uniform Clock { vv_clock now; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };

void main() {
    uint r = flat_group();
    if (r >= args.rows) return;
    uint row = args.width * args.channels, size = args.height * row, sample_ = now.first + r;
    vv_change change = vv_draw_change(args, sample_, now.step);
    for (uint block = gl_LocalInvocationID.x; 4 * block < size; block += gl_WorkGroupSize.x) {
        vec4 noise = vec4(0.0);
        if (NOISE) noise = vv_normal4(block, sample_, now.step, VV_STREAM_AUGMENT_NOISE, args.seed_low, args.seed_high);
        [[unroll]] for (uint k = 0; k < 4; k++) {
            uint d = 4 * block + k;
            if (d >= size) break;
            uint i = vv_source(d / row, change.down, args.height, (change.flips & 2u) != 0u);
            uint j = vv_source(d % row / args.channels, change.right, args.width, (change.flips & 1u) != 0u);
            float v = x[args.base[0] + r * size + i * row + j * args.channels + d % args.channels];
            if (VALUES) v = vv_changed(v, change.scale, change.shift, vv_scaled(noise[k], args.noise));
            y[args.base[2] + r * size + d] = v;
        }
    }
}
