// One call of vkvae_evaluate, and the parts that it is made of.
#ifndef VV_API_EVALUATION_H
#define VV_API_EVALUATION_H

#include "used.h"

struct vv_evaluation {
    struct vv_used used;
    const vkvae_evaluate_options *options;
    vkvae_evaluate_result result;
    double *kl_per_latent;  // [latent]; NULL of an autoencoder
    // --frechet-features: the run whose encoder it is.
    vkvae_use features_use;
    struct vv_used features;
    uint64_t done, all;  // pictures, for progress: encoded or decoded
};

// So many more are done.
void vv_evaluation_tell(struct vv_evaluation *e, uint64_t more);

// --nll: whether the run can have it; what it will look at; the result. All of them are true where it is
// not asked for.
bool vv_evaluation_check_nll(const struct vv_evaluation *e);
bool vv_evaluation_plan_nll(struct vv_evaluation *e);
bool vv_evaluation_nll(struct vv_evaluation *e);

// --frechet: the same.
bool vv_evaluation_check_frechet(struct vv_evaluation *e);
bool vv_evaluation_plan_frechet(struct vv_evaluation *e);
bool vv_evaluation_frechet(struct vv_evaluation *e);

// --disentanglement: likewise.
bool vv_evaluation_plan_factors(struct vv_evaluation *e);
bool vv_evaluation_factors(struct vv_evaluation *e);

// Mean and standard error; of a single number no error is known.
vkvae_estimate vv_estimate(const double *numbers, uint32_t count);

#endif
