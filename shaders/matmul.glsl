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
layout(constant_id = 2) const uint EPILOGUE = 0;  // bit 0: + bias, bit 1: ReLU

const bool WITH_BIAS = (EPILOGUE & 1u) != 0, WITH_RELU = (EPILOGUE & 2u) != 0;

layout(push_constant) uniform Args { vv_args_matmul args; };

layout(binding = 2) writeonly buffer Result { float result[]; };
layout(binding = 3) readonly buffer Bias { float bias[]; };  // bound to A where there is none

// The stored shapes of A and B, from m, n, k.
uint a_rows() { return FORM == FORM_TN ? args.k : args.m; }
uint a_columns() { return FORM == FORM_TN ? args.m : args.k; }
uint b_rows() { return FORM == FORM_NT ? args.n : args.k; }
uint b_columns() { return FORM == FORM_NT ? args.k : args.n; }

// Of column c < n.
float bias_at(uint c) { return WITH_BIAS ? bias[args.base[3] + c] : 0.0; }

// NaN stays NaN, for the latch to see.
float activate(float x) { return WITH_RELU && x < 0.0 ? 0.0 : x; }
