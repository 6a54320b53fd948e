// The functions of two tensors, for the kernels that compute them.
#include "exact_activation.h"

layout(constant_id = 1) const uint FUNCTION = 0;  // enum vv_binary

float apply(float p, float q) {
    switch (FUNCTION) {
    case 0: return p + q;
    case 1: return p * q;
    case 2: return p > 0.0 ? q : 0.0;
    case 4: return vv_leaky_relu_slope(p) * q;
    case 5: return vv_elu_slope(p) * q;
    case 6: return vv_tanh_slope(p) * q;
    case 7: return vv_sigmoid_slope(p) * q;
    case 8: return vv_sigmoid(p) * q;
    case 9: return vv_silu_slope(p) * q;
    case 10: return vv_gelu_slope(p) * q;
    default: return p;
    }
}

vec4 apply_wide(vec4 p, vec4 q) {
    return vec4(apply(p.x, q.x), apply(p.y, q.y), apply(p.z, q.z), apply(p.w, q.w));
}
