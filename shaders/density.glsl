// -log p(x | the decoder's numbers) and its derivatives, for the kernels that compute them.
#include "exact_density.h"
#include "row_sum.glsl"

layout(constant_id = 1) const bool GRADIENT = false;
layout(constant_id = 2) const uint KIND = 0;   // VV_DENSITY_*
layout(constant_id = 3) const uint SCALE = 0;  // VV_SCALE_*

layout(push_constant) uniform Args { vv_args_rows args; };

const uint OUTPUTS = SCALE == VV_SCALE_PIXEL ? 2 : 1;

vv_scale own_scale(float log_sigma) { return vv_scale_of(KIND, log_sigma, true); }
vv_scale whole_scale(float log_sigma) { return vv_scale_of(KIND, log_sigma, SCALE == VV_SCALE_SHARED); }
