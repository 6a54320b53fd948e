// -log p(x | logits): max(l, 0) - x l + log(1 + e^-|l|), and its gradient with respect to l, sigmoid(l) - x; both
// of one e^-|l|.
#include "exact.h"
#include "row_sum.glsl"

layout(constant_id = 1) const bool GRADIENT = false;

layout(push_constant) uniform Args { vv_args_rows args; };

float bernoulli(float l, float x, out float gradient) {
    float t = vv_exp_below(l);
    gradient = GRADIENT ? (vv_sigmoid_by(l, t) - x) * args.scale : 0.0;
    return (l < 0.0 ? 0.0 : l) - x * l + vv_softplus_by(-abs(l), t);
}
