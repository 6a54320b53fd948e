// The functions of one tensor, for the kernels that compute them.
#include "exact_activation.h"

layout(constant_id = 1) const uint FUNCTION = 0;  // enum vv_unary

layout(push_constant) uniform Args { vv_args_unary args; };

float apply(float v) {
    switch (FUNCTION) {
    case 1: return vv_exp(v);
    case 2: return vv_sigmoid(v);
    case 3: return vv_softplus(v);
    case 4: return v < 0.0 ? 0.0 : v;
    case 5: return v * v;
    case 6: return vv_leaky_relu(v);
    case 7: return vv_elu(v);
    case 8: return vv_tanh(v);
    case 9: return vv_silu(v);
    case 10: return vv_gelu(v);
    case 11: return vv_log(v);
    case 12: return vv_reciprocal(v);
    default: return args.scale * v + args.shift;
    }
}

vec4 apply_wide(vec4 v) {
    return vec4(apply(v.x), apply(v.y), apply(v.z), apply(v.w));
}
