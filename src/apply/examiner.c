#include "examiner.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "exact_gaussian.h"
#include "gaussian.h"
#include "likelihood.h"
#include "noise.h"
#include "size.h"
#include "slice.h"
#include "training.h"

static bool add_states(struct vv_examiner *e, bool drawn) {
    struct vv_store *store = e->exec->store;
    e->x = vv_store_add(store, "examine.x", VV_F32, vv_shape2(e->rows, e->pixels));
    if (drawn) e->clock = vv_store_add(store, "examine.clock", VV_U32, vv_shape1(VV_CLOCK_WORDS));
    return e->x && (e->clock || !drawn);
}

// z [rows,latent]
static vv_ref make_z(struct vv_examiner *e, const struct vv_eps *eps) {
    struct vv_tape *t = &e->tape;
    if (!eps) return vv_slice(t, e->head, 1, 0, e->latent);
    vv_ref noise = vv_noise(t, vv_use(t, e->clock), e->rows, e->latent, eps->seed, eps->stream);
    return vv_reparameterise(t, e->head, noise);
}

static void decode(struct vv_examiner *e, struct vv_pass *pass, vv_ref x) {
    const struct vv_likelihood *likelihood = vv_likelihood_of(pass->model);
    vv_ref out = pass->model->decode(pass, e->z);  // [rows,pixels outputs]
    if (e->want & VV_WANT_LOSS) {
        e->recon = likelihood->fit(pass, out, x, 0).recon;  // [rows]
        e->kl = vv_gaussian_kl(pass->t, e->head);           // [rows]
        e->recon->keep = e->kl->keep = true;
    }
    if (e->want & VV_WANT_MEAN) {
        e->mean = likelihood->mean(pass, out);  // [rows,shown]
        e->mean->keep = true;
    }
}

bool vv_examiner_init(struct vv_examiner *e, struct vv_exec *exec, const struct vv_model *model,
                      const struct vv_weights *weights, uint32_t rows, unsigned want,
                      const struct vv_eps *eps) {
    *e = (struct vv_examiner){.exec = exec,
                              .rows = rows,
                              .pixels = model->size.pixels,
                              .latent = model->size.latent,
                              .shown = model->size.pixels * model->size.shown,
                              .want = want};
    struct vv_tape *t = &e->tape;
    struct vv_pass pass;
    vv_tape_init(t, exec->store, "examine");
    if (!add_states(e, eps != NULL) || !vv_pass_begin(&pass, t, model, weights)) return false;
    vv_ref x = vv_use(t, e->x);
    e->head = vv_pass_encode(&pass, x);  // [rows,2 latent]
    e->head->keep = true;
    if (want & (VV_WANT_LOSS | VV_WANT_MEAN | VV_WANT_Z)) {
        e->z = make_z(e, eps);
        e->z->keep = true;
    }
    if (want & (VV_WANT_LOSS | VV_WANT_MEAN)) decode(e, &pass, x);
    e->program = vv_exec_compile(exec, t);
    return e->program != NULL;
}

// The first rows of a node.
static bool read_rows(struct vv_examiner *e, vv_ref node, uint32_t count, uint32_t columns, float *out) {
    if (!out) return true;
    float *rows = vv_alloc(e->exec->ctx, (uint64_t)e->rows * columns, sizeof *rows);
    const bool ok = rows && vv_exec_read_node(e->exec, e->program, node, rows);
    if (ok) memcpy(out, rows, (size_t)count * columns * sizeof *out);
    free(rows);
    return ok;
}

static bool read_head(struct vv_examiner *e, uint32_t count, const struct vv_findings *f) {
    const uint32_t latent = e->latent;
    if (!f->mu && !f->logvar) return true;
    float *head = vv_alloc(e->exec->ctx, (uint64_t)count * 2 * latent, sizeof *head);
    const bool ok = head && read_rows(e, e->head, count, 2 * latent, head);
    for (uint32_t i = 0; ok && i < count; i++) {
        const float *row = head + (size_t)i * 2 * latent;
        const size_t at = (size_t)i * latent;
        if (f->mu) memcpy(f->mu + at, row, latent * sizeof *row);
        for (uint32_t k = 0; f->logvar && k < latent; k++)
            f->logvar[at + k] = vv_logvar(row[latent + k]);
    }
    free(head);
    return ok;
}

// Rows behind the last one keep what was there, and nobody reads what becomes of them.
bool vv_examiner_run(struct vv_examiner *e, const float *x, uint32_t first, uint32_t count,
                     uint32_t draw, const struct vv_findings *f) {
    assert(count <= e->rows);
    const struct vv_clock clock = {.bad_step = VV_NO_BAD_STEP, .step = draw, .first = first};
    return vv_exec_write(e->exec, e->x, 0, x, (uint64_t)count * e->pixels * sizeof *x) &&
           (!e->clock || vv_exec_write(e->exec, e->clock, 0, &clock, sizeof clock)) &&
           vv_exec_submit_parts(e->exec, e->program, VV_ALL_PARTS) && read_head(e, count, f) &&
           (!f->recon || read_rows(e, e->recon, count, 1, f->recon)) &&
           (!f->kl || read_rows(e, e->kl, count, 1, f->kl)) &&
           (!f->mean || read_rows(e, e->mean, count, e->shown, f->mean)) &&
           (!f->z || read_rows(e, e->z, count, e->latent, f->z));
}

void vv_examiner_finish(struct vv_examiner *e) {
    if (e->exec) vv_program_destroy(e->exec, e->program);
    vv_tape_finish(&e->tape);
    *e = (struct vv_examiner){0};
}
