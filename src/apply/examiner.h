// What a model makes of pictures: their posteriors, their losses, their reconstructions.
#ifndef VV_APPLY_EXAMINER_H
#define VV_APPLY_EXAMINER_H

#include "exec.h"
#include "model.h"

// What is wanted of each picture.
enum { VV_WANT_HEAD = 1, VV_WANT_LOSS = 2, VV_WANT_MEAN = 4, VV_WANT_Z = 8 };

// z = mu + exp(logvar / 2) eps; the same seed gives the same noise each time.
struct vv_eps {
    uint64_t seed;
    uint32_t stream;  // VV_STREAM_* of abi.h
};

struct vv_examiner {
    struct vv_exec *exec;
    uint32_t rows, pixels, latent, shown;  // shown: numbers of a reconstruction
    unsigned want;
    struct vv_state *x;      // [rows,pixels]
    struct vv_state *clock;  // NULL: z is mu
    struct vv_tape tape;
    vv_ref head, recon, kl, mean, z;
    struct vv_program *program;
};

// What came of `count` pictures; any may be NULL.
struct vv_findings {
    float *mu, *logvar;  // [count,latent]; logvar as it is used, bounded softly beyond 20
    float *recon, *kl;   // [count], nats
    float *mean;         // [count,shown]: the mean of p(x|z)
    float *z;            // [count,latent]
};

// Looks at up to `rows` pictures at a time. eps NULL: z is mu.
bool vv_examiner_init(struct vv_examiner *e, struct vv_exec *exec, const struct vv_model *model,
                      const struct vv_weights *weights, uint32_t rows, unsigned want,
                      const struct vv_eps *eps);
// x [count,pixels], count at most `rows`. The noise of picture i is that of sample first + i in step
// `draw`, whatever the batches are.
bool vv_examiner_run(struct vv_examiner *e, const float *x, uint32_t first, uint32_t count,
                     uint32_t draw, const struct vv_findings *findings);
void vv_examiner_finish(struct vv_examiner *e);  // takes a zeroed or half-built one

#endif
