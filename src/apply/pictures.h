// Pictures out of a model: reconstructions.
#ifndef VV_APPLY_PICTURES_H
#define VV_APPLY_PICTURES_H

#include "exec.h"
#include "model.h"

// Pixels are the means of p(x|z), which may pass 0 and 1. The same seed gives the same noise each
// time.

// The first `rows` pictures of a set and their reconstructions, through a sampled z.
struct vv_reconstructor {
    struct vv_exec *exec;
    uint32_t rows, pixels;
    struct vv_tape tape;
    vv_ref original, result;
    struct vv_program *program;
};

// `data`: u8 state [count, pixels]; rows is at most count. seed: of the noise; NULL: z is mu.
bool vv_reconstructor_init(struct vv_reconstructor *r, struct vv_exec *exec,
                           const struct vv_model *model, const struct vv_weights *weights,
                           struct vv_state *data, uint32_t rows, const uint64_t *seed);
// out: the originals, [rows, pixels], then their reconstructions, as samples are.
bool vv_reconstructor_run(struct vv_reconstructor *r, float *out);
void vv_reconstructor_finish(struct vv_reconstructor *r);

#endif
