// How unlikely a model finds pictures.
#ifndef VV_APPLY_SCORER_H
#define VV_APPLY_SCORER_H

#include "examiner.h"

struct vv_scorer {
    struct vv_examiner at_mean;  // z = mu
    struct vv_examiner drawn;
    uint32_t draws;  // 0: none, as of an autoencoder
    float *room;     // owned, [rows]
};

// What came of pictures, in nats; any may be NULL.
struct vv_scored {
    double *recon;  // -log p(x|z) at z = mu
    double *kl;     // KL(q(z|x) || N(0, I))
    // The reconstruction probability: the mean over draws z of q(z|x) of log p(x|z) (An & Cho 2015,
    // algorithm 4). Less kl it is the evidence lower bound (Kingma & Welling 2013, equation 3).
    double *probability;
    float *mean;  // [count,shown], the reconstruction at z = mu, where `pictures` were asked for
};

// Up to `rows` pictures at a time, with `draws` of z each. seed: of VV_STREAM_SCORE.
bool vv_scorer_init(struct vv_scorer *s, struct vv_exec *exec, const struct vv_model *model,
                    const struct vv_weights *weights, uint32_t rows, uint32_t draws, uint64_t seed,
                    bool pictures);
// x [count,pixels]; they are number first, ... of the set, by which their noise goes.
bool vv_scorer_run(struct vv_scorer *s, const float *x, uint32_t first, uint32_t count,
                   const struct vv_scored *scored);
void vv_scorer_finish(struct vv_scorer *s);  // takes a zeroed or half-built one

#endif
