// Optimisers with one moment (STATE) or none, whose step is a multiple of a direction:
//   sgd       p -= rate g
//   momentum  m = momentum m + g, p -= rate m                    Sutskever et al. (2013), as torch.optim.SGD has it
//   adagrad   v += g^2, p -= rate g / (sqrt(v) + epsilon)        Duchi et al. (2011), figure 1, diagonal
// Nothing is written once the latch is set, nor while gradients are added up.   ops/descent.c
#include "common.glsl"

layout(constant_id = 1) const bool WIDE = false;
layout(constant_id = 2) const bool ADAPTS = false;

layout(push_constant) uniform Args { vv_args_descent args; };
layout(std430, binding = 0) buffer P { float p[]; };
layout(std430, binding = 0) buffer PWide { vec4 p_wide[]; };
layout(std430, binding = 1) readonly buffer G { float g[]; };
layout(std430, binding = 1) readonly buffer GWide { vec4 g_wide[]; };
layout(std140, binding = 2) uniform Clock { vv_clock now; };
#ifdef STATE
layout(std430, binding = 3) buffer S { float s[]; };
layout(std430, binding = 3) buffer SWide { vec4 s_wide[]; };

vec4 next_state(vec4 state, vec4 gradient) {
    return ADAPTS ? state + gradient * gradient : args.momentum * state + gradient;
}

vec4 direction(vec4 state, vec4 gradient) {
    return ADAPTS ? gradient / (sqrt(state) + args.epsilon) : state;
}
#endif

void main() {
    uint i = flat_index();
    if (i >= args.n || VV_STANDS(now)) return;
    vec4 towards = WIDE ? g_wide[args.base[1] / 4 + i] : vec4(g[args.base[1] + i]);
#ifdef STATE
    vec4 state = WIDE ? s_wide[args.base[3] / 4 + i] : vec4(s[args.base[3] + i]);
    state = next_state(state, towards);
    if (WIDE)
        s_wide[args.base[3] / 4 + i] = state;
    else
        s[args.base[3] + i] = state.x;
    towards = direction(state, towards);
#endif
    if (WIDE)
        p_wide[args.base[0] / 4 + i] -= now.rate * towards;
    else
        p[args.base[0] + i] -= now.rate * towards.x;
}
