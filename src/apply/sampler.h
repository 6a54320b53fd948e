// Decoded z: draws from the prior, or what the caller has.
#ifndef VV_APPLY_SAMPLER_H
#define VV_APPLY_SAMPLER_H

#include "exec.h"
#include "model.h"

// N(0, temperature^2). The same seed gives the same noise each time.
struct vv_prior {
    uint64_t seed;
    double temperature;
};

struct vv_sampler {
    struct vv_exec *exec;
    uint32_t rows, latent;
    uint32_t pixels;         // numbers of a sample: of text the probabilities of all tokens
    struct vv_state *clock;  // of one that draws
    struct vv_state *given;  // z [rows,latent] of one that decodes what the caller has
    struct vv_tape tape;
    vv_ref z, result;
    struct vv_program *program;
};

// Decodes up to `rows` z at a time: draws from `prior`, or, where
// that is NULL, what the caller has. Pixels are the means of p(x|z), which may pass 0 and 1.
bool vv_sampler_init(struct vv_sampler *s, struct vv_exec *exec, const struct vv_model *model,
                     const struct vv_weights *weights, uint32_t rows, const struct vv_prior *prior);
// Draws number first .. first + count - 1 into out [count,pixels], and z [count,latent] unless it is
// NULL.
bool vv_sampler_draw(struct vv_sampler *s, uint32_t first, uint32_t count, float *out, float *z);
// z [count,latent] -> out [count,pixels].
bool vv_sampler_decode(struct vv_sampler *s, const float *z, uint32_t count, float *out);
void vv_sampler_finish(struct vv_sampler *s);  // takes a zeroed or half-built one

#endif
