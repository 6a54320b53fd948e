// adam.comp on four elements an invocation, which are loaded as image texels: on CPU drivers the loads of
// storage buffers are loops over the lanes, and those of images are not, whereas stores of images are the slower
// ones. An operand is bound both ways where it is read and written; an invocation reads its own element before it
// writes it, and no other's.   ops/adam.c
#include "common.glsl"
#include "stored.glsl"

layout(constant_id = 1) const bool DECAYS = false;

layout(push_constant) uniform Args { vv_args_adam args; };
layout(rgba32f, binding = 0) readonly uniform imageBuffer p;
layout(rgba32f, binding = 1) readonly uniform imageBuffer g;
layout(rgba32f, binding = 2) readonly uniform imageBuffer m;
layout(rgba32f, binding = 3) readonly uniform imageBuffer v;
layout(std140, binding = 4) uniform Clock { vv_clock now; };
layout(std430, binding = 5) writeonly buffer P { STORED p_out[]; };
layout(std430, binding = 6) writeonly buffer M { STORED m_out[]; };
layout(std430, binding = 7) writeonly buffer V { STORED v_out[]; };

void main() {
    uint i = flat_index();
    if (i >= args.n || VV_STANDS(now)) return;
    vec4 gradient = imageLoad(g, int(args.base[1] / 4 + i));
    vec4 first = args.beta1 * imageLoad(m, int(args.base[2] / 4 + i)) + args.rest1 * gradient;
    vec4 second = args.beta2 * imageLoad(v, int(args.base[3] / 4 + i)) + args.rest2 * gradient * gradient;
    vec4 value = imageLoad(p, int(args.base[0] / 4 + i));
    if (DECAYS) value -= now.decay * value;
    value -= now.adam_scale * first / (sqrt(second) * now.adam_root + args.epsilon);
    m_out[args.base[6] / 4 + i] = stored(first);
    v_out[args.base[7] / 4 + i] = stored(second);
    p_out[args.base[5] / 4 + i] = stored(value);
}
