// What is minimised: the negative evidence lower bound (Kingma & Welling 2013, equation 3).
#ifndef VV_MODELS_OBJECTIVE_H
#define VV_MODELS_OBJECTIVE_H

#include "model.h"

struct vv_elbo {
    vv_ref recon, kl;  // nats of each image, [B]
};

// Encodes x [B,pixels], draws z with eps [B,latent], decodes.
struct vv_elbo vv_elbo_append(struct vv_pass *pass, vv_ref x, vv_ref eps);

// The same values, and the gradient of the loss below with respect to each block of the model in `grad`,
// with ops that compute a value and its gradient, or two gradients, at once. NULL: of a block whose
// gradient is zero by nature.
struct vv_elbo vv_elbo_append_with_gradient(struct vv_pass *pass, vv_ref x, vv_ref eps, vv_ref *grad);

// The loss: the mean over the batch of recon + kl, one element.
vv_ref vv_elbo_loss(struct vv_tape *t, const struct vv_elbo *e);

#endif
