// What all convolutions share. Their forms, with h = oh stride - pad + i dilation, and w so from ow and j:
//
//   FORWARD  y[b,oh,ow,o] = bias[o] + sum over i, j, c of x[b,h,w,c] w[o,i,j,c]
//   INPUT    x[b,h,w,c]   = bias[c] + sum over i, j, o of y[b,oh,ow,o] w[o,i,j,c]
//   WEIGHT   w[o,i,j,c]   = sum over b, oh, ow of x[b,h,w,c] y[b,oh,ow,o]
//
// where what lies outside of a picture counts as zero.
#include "common.glsl"

#define FORM_FORWARD 0u
#define FORM_INPUT 1u
#define FORM_WEIGHT 2u

layout(constant_id = 1) const uint FORM = FORM_FORWARD;
layout(constant_id = 2) const bool WITH_BIAS = false;

layout(push_constant) uniform Args { vv_args_conv args; };

layout(binding = 2) writeonly buffer Result { float result[]; };
layout(binding = 3) readonly buffer Bias { float bias[]; };  // bound to the first input where there is none
