#include "pictures.h"

#include <stdlib.h>
#include <string.h>

#include "gaussian.h"
#include "likelihood.h"
#include "noise.h"
#include "size.h"
#include "slice.h"
#include "training.h"

// The first pictures in order, and a clock that stands still.
static bool set_up(struct vv_reconstructor *r, struct vv_state *order, struct vv_state *clock) {
    uint32_t *first = vv_alloc(r->exec->ctx, r->rows, sizeof *first);
    if (!first) return false;
    for (uint32_t i = 0; i < r->rows; i++) first[i] = i;
    const struct vv_clock start = {.bad_step = VV_NO_BAD_STEP};
    bool ok = vv_exec_write(r->exec, order, 0, first, order->bytes) &&
              vv_exec_write(r->exec, clock, 0, &start, sizeof start);
    free(first);
    return ok;
}

bool vv_reconstructor_init(struct vv_reconstructor *r, struct vv_exec *exec,
                           const struct vv_model *model, const struct vv_weights *weights,
                           struct vv_state *data, uint32_t rows, const uint64_t *seed) {
    *r = (struct vv_reconstructor){.exec = exec, .rows = rows, .pixels = model->size.pixels};
    struct vv_state *order = vv_store_add(exec->store, "shown.order", VV_U32, vv_shape1(rows));
    struct vv_state *state = vv_store_add(exec->store, "shown.clock", VV_U32, vv_shape1(VV_CLOCK_WORDS));
    if (!order || !state) return false;
    struct vv_tape *t = &r->tape;
    vv_tape_init(t, exec->store, "reconstruct");
    struct vv_pass pass;
    if (!vv_pass_begin(&pass, t, model, weights)) return false;
    vv_ref clock = vv_use(t, state);
    r->original = vv_gather(t, vv_use(t, data), vv_use(t, order), clock, rows);  // [rows,pixels]
    vv_ref head = vv_pass_encode(&pass, r->original);                            // [rows,2 latent]
    const uint32_t latent = model->size.latent;
    vv_ref z = seed
                   ? vv_reparameterise(t, head, vv_noise(t, clock, rows, latent, *seed, VV_STREAM_SHOWN))
                   : vv_slice(t, head, 1, 0, latent);
    r->result = vv_likelihood_of(model)->mean(&pass, model->decode(&pass, z));
    r->original->keep = r->result->keep = true;
    r->program = vv_exec_compile(exec, t);
    return r->program && set_up(r, order, state);
}

bool vv_reconstructor_run(struct vv_reconstructor *r, float *out) {
    return vv_exec_submit_parts(r->exec, r->program, VV_ALL_PARTS) &&
           vv_exec_read_node(r->exec, r->program, r->original, out) &&
           vv_exec_read_node(r->exec, r->program, r->result, out + (size_t)r->rows * r->pixels);
}

void vv_reconstructor_finish(struct vv_reconstructor *r) {
    if (r->exec) vv_program_destroy(r->exec, r->program);
    vv_tape_finish(&r->tape);
    *r = (struct vv_reconstructor){0};
}
