// What all matrix products share: C[m,n] = op(A) op(B), + bias[n], activation.
//
//   form  stored A  stored B  C[r,c] = sum over k of
//   NN    [m,k]     [k,n]     A[r,k] B[k,c]
//   NT    [m,k]     [n,k]     A[r,k] B[c,k]
//   TN    [k,m]     [k,n]     A[k,r] B[k,c]
#include "common.glsl"

#define FORM_NN 0u
#define FORM_NT 1u
#define FORM_TN 2u

layout(constant_id = 1) const uint FORM = FORM_NN;
layout(constant_id = 2) const bool WITH_BIAS = false;

layout(push_constant) uniform Args { vv_args_matmul args; };

layout(binding = 2) writeonly buffer Result { float result[]; };
layout(binding = 3) readonly buffer Bias { float bias[]; };  // bound to A where there is none

// Of columns c < n.
vec4 bias_at(uvec4 c) {
    if (!WITH_BIAS) return vec4(0);
    c += args.base[3];
    return vec4(bias[c.x], bias[c.y], bias[c.z], bias[c.w]);
}

// Relu where args.lower is 0, nothing where it is -Inf: no kernel of its own. NaN stays NaN, to be seen.
vec4 activate(vec4 x) { return mix(x, vec4(args.lower), lessThan(x, vec4(args.lower))); }
