// The Gaussian posterior of Kingma & Welling (2013). `head` is [batch, 2 latent]: mu, then logvar, which
// counts as it is up to a magnitude of 20 and is bounded softly by 30 beyond (shaders/exact_gaussian.h).
#ifndef VV_OPS_GAUSSIAN_H
#define VV_OPS_GAUSSIAN_H

#include "tape.h"

// z[batch, latent] = mu + exp(logvar / 2) eps (section 2.4). eps: [batch, latent].
vv_ref vv_reparameterise(struct vv_tape *t, vv_ref head, vv_ref eps);
// The same z, for a loss that holds `scale` times the sum of the KL divergences below: the gradient of
// that part with respect to the head is added where z's own passes, in one op.
vv_ref vv_reparameterise_with_kl(struct vv_tape *t, vv_ref head, vv_ref eps, double scale);
vv_ref vv_reparameterise_grad(struct vv_tape *t, vv_ref head, vv_ref eps, vv_ref dz,
                              double scale);  // d head; scale 0: of z alone

// KL(q || N(0, 1)) of each image, [batch], nats: sum of (mu^2 + e^logvar - 1 - logvar) / 2 (appendix B).
vv_ref vv_gaussian_kl(struct vv_tape *t, vv_ref head);
// d head; dy: [batch], or [1, latent] where it is each latent's own.
vv_ref vv_gaussian_kl_grad(struct vv_tape *t, vv_ref head, vv_ref dy);

// Of ops whose first input is a head: it is one, and their result is f32.
bool vv_check_head(struct vv_tape *t, vv_ref y);

extern const struct vv_op vv_op_reparameterise, vv_op_reparameterise_grad, vv_op_gaussian_kl,
    vv_op_gaussian_kl_grad;

#endif
