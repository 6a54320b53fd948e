// How much each latent tells of the pictures to test on: collapse is seen here.
#ifndef VV_TRAIN_LATENTS_H
#define VV_TRAIN_LATENTS_H

#include "exec.h"

struct vv_latents {
    struct vv_state *sums;  // of mu, mu^2 and KL_j over the pictures   [1,3 latent]
    float *kl;              // mean of KL_j, nats   [latent]
    float *mean;            // of mu_j   [latent]
    uint32_t count;         // latents; 0: it is not watched
    uint32_t active;        // units: Var(mu_j) > 0.01 over the pictures (Burda et al. 2016, section 5.2)
};

#define VV_ACTIVE_VARIANCE 0.01

bool vv_latents_init(struct vv_latents *l, struct vv_store *store, uint32_t count);
void vv_latents_finish(struct vv_latents *l);  // takes a zeroed one

// Adds a batch to the sums, in a fixed order.   head [B,2 latent]
void vv_latents_append(const struct vv_latents *l, struct vv_tape *t, vv_ref head);

// Before the first batch, and behind the last of `images`.
bool vv_latents_begin(const struct vv_latents *l, struct vv_exec *exec);
bool vv_latents_end(struct vv_latents *l, struct vv_exec *exec, uint32_t images);

#endif
