// How the KL divergence counts in what is minimised, and what it is made of.
#ifndef VV_OPS_KL_H
#define VV_OPS_KL_H

#include "tape.h"

// Of each latent mu, mu^2, and KL_j = (mu^2 + e^logvar - 1 - logvar) / 2, its part of the divergence
// (Kingma & Welling 2013, appendix B): one row [mu, mu^2, KL] an image.   head [B,2L] -> [B,3L]
vv_ref vv_gaussian_terms(struct vv_tape *t, vv_ref head);

// With K_j the mean of KL_j over the batch, w and C the clock's kl_weight and capacity, a step's KL
// costs
//   w |sum over j of max(free, K_j) - C|:
// free bits (Kingma et al. 2016, "Improving variational inference with inverse autoregressive flow",
// appendix C.8) and a capacity (Burgess et al. 2018, "Understanding disentangling in beta-VAE", section
// 5), each of which may be 0.
struct vv_kl_weighing {
    vv_ref sums;     // of KL_j over the batch   [L]
    vv_ref weights;  // state: receives the cost's derivative by KL_j of an image   [1,L]
    vv_ref log;      // state: receives, at the clock's row, the cost times the batch   [rows]
    vv_ref clock;
    uint32_t batch;
    double free;  // nats
};
vv_ref vv_kl_weigh(struct vv_tape *t, const struct vv_kl_weighing *w);

// The head itself; its gradient has that of the weighed KL_j of all images added.   weights: [1,L]
vv_ref vv_kl_term(struct vv_tape *t, vv_ref head, vv_ref weights);

extern const struct vv_op vv_op_gaussian_terms, vv_op_kl_weigh, vv_op_kl_term;

#endif
