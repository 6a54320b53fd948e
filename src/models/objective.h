// What is minimised: the negative evidence lower bound (Kingma & Welling 2013, equation 3), or what
// weighs its KL divergence otherwise.
#ifndef VV_MODELS_OBJECTIVE_H
#define VV_MODELS_OBJECTIVE_H

#include "model.h"

// How the KL divergence counts in a gradient.
struct vv_kl_rule {
    double beta;  // a constant weight (Higgins et al. 2017), unless `weights` is set
    // Not NULL: the weight and the capacity are those of the clock's row (ops/kl.h), which leaves here
    // what becomes of them, [1,latent], and in the log, [rows], what the divergence costs.
    struct vv_state *weights, *log;
    double free;  // nats that each latent has free
};

struct vv_elbo {
    vv_ref recon, kl;  // nats of each image, [B]; recon: the mean over the draws
    vv_ref head;       // mu, logvar   [B,2 latent]
};

// Encodes x [B,pixels], draws z with eps [B draws,latent], decodes. eps NULL: an autoencoder, z = mu,
// and kl is 0.
struct vv_elbo vv_elbo_append(struct vv_pass *pass, vv_ref x, vv_ref eps);

// The same values, and the gradient of the loss below, with the KL divergence as pass->kl has it, with
// respect to each block of the model in `grad`, with ops that compute a value and its gradient, or two
// gradients, at once. NULL: of a block whose gradient is zero by nature.
struct vv_elbo vv_elbo_append_with_gradient(struct vv_pass *pass, vv_ref x, vv_ref eps, vv_ref *grad);

// The loss: the mean over the batch of recon + kl, one element.
vv_ref vv_elbo_loss(struct vv_tape *t, const struct vv_elbo *e);

#endif
