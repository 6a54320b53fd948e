// The Bernoulli likelihood from logits (Kingma & Welling 2013, appendix C.1).
#ifndef VV_OPS_BERNOULLI_H
#define VV_OPS_BERNOULLI_H

#include "tape.h"

// -log p(x | logits) of each image, [batch], nats: sum over pixels of softplus(l) - x l, computed as
// max(l, 0) - x l + log(1 + e^-|l|). logits, x: [batch, pixels].
vv_ref vv_bernoulli(struct vv_tape *t, vv_ref logits, vv_ref x);
// Both in one pass: the elements of [batch, pixels] and [batch] one after the other, first the gradient
// of the values times `scale` with respect to the logits, then the values.
vv_ref vv_bernoulli_both(struct vv_tape *t, vv_ref logits, vv_ref x, double scale);
vv_ref vv_bernoulli_grad(struct vv_tape *t, vv_ref logits, vv_ref x, vv_ref dy);  // (sigmoid(l) - x) dy

extern const struct vv_op vv_op_bernoulli, vv_op_bernoulli_both, vv_op_bernoulli_grad;

#endif
