// How the KL divergence counts in what is minimised, from step to step (docs/objective.md):
//
//   recon + w |sum over latents of max(free bits, KL_j) - C|,   KL_j the mean over the batch.
//
// Without a schedule, free bits and a capacity that is recon + beta KL, and -ELBO with beta 1.
#ifndef VV_TRAIN_KL_SCHEDULE_H
#define VV_TRAIN_KL_SCHEDULE_H

#include "settings.h"

// Of a step, counted from 0 since the beginning of the run.
struct vv_kl_step {
    double weight, capacity;  // w; C, in nats
    bool rising;              // the weight is below what it will be
};
struct vv_kl_step vv_kl_schedule(const struct vv_settings *s, uint64_t step);

// z is mu, and there is no KL divergence.
bool vv_is_autoencoder(const struct vv_settings *s);
// The weight is not a constant of the tape: the table has it, or it differs from latent to latent.
bool vv_kl_is_weighed(const struct vv_settings *s);
// What is minimised is not -ELBO. Not so for an autoencoder, which has none.
bool vv_kl_differs(const struct vv_settings *s);
// What the divergence costs where the latents have these means over a set of pictures, `count` of them.
double vv_kl_cost(const struct vv_settings *s, const struct vv_kl_step *step, const float *kl,
                  uint32_t count);

// VV_USAGE, naming the options, where they contradict one another.
bool vv_kl_check(struct vv_context *ctx, const struct vv_settings *s);

#endif
