// --nll: log-likelihoods by importance sampling.
#include <math.h>
#include <stdlib.h>

#include "evaluation.h"
#include "examiner.h"
#include "importance.h"
#include "likelihood.h"
#include "size.h"

// Pictures encoded together; draws decoded together, at most, and numbers of a tensor of theirs.
#define NLL_PICTURES 100
#define NLL_ROWS     1000
#define NLL_NUMBERS  (1U << 24)

bool vv_evaluation_check_nll(const struct vv_evaluation *e) {
    const struct vv_checkpoint *run = &e->used.run;
    const struct vv_likelihood *likelihood = vv_likelihood_of(&run->model);
    if (!e->options->nll) return true;
    if (run->is_autoencoder)
        return vv_fail(e->used.ctx, VV_USAGE,
                       "--nll: %.200s is an autoencoder, which has no p(x); leave it out",
                       e->options->use.run);
    return likelihood->is_density ||
           vv_fail(e->used.ctx, VV_USAGE,
                   "--nll: %.200s was trained with %s, which is no density, so that there is no p(x); "
                   "leave it out",
                   e->options->use.run, likelihood->name);
}

// Rows of a dispatch: as many as fit, and the last one about as full as the others.
static uint32_t choose_rows(const struct vv_model *model, uint32_t samples) {
    const struct vv_model_size *size = &model->size;
    uint64_t widest = (uint64_t)size->pixels * size->outputs;
    const uint64_t first = (uint64_t)size->height * size->width * size->stage[0];
    if (size->stages && first > widest) widest = first;
    uint64_t rows = NLL_NUMBERS / widest;
    if (rows > NLL_ROWS) rows = NLL_ROWS;
    if (rows < 1) rows = 1;
    return (uint32_t)vv_div_up(samples, vv_div_up(samples, rows));
}

// One call.
struct sampling {
    struct vv_evaluation *e;
    uint32_t images, samples;
    struct vv_examiner examiner;
    struct vv_importance importance;
    float *x, *head;            // of pictures encoded together
    double *log_weights;        // [samples]
    double *nll, *elbo;         // [images]
    double squares, effective;  // sums: of the squared errors by the draws; of the sample sizes
};

static bool make_room(struct sampling *s) {
    const struct vv_used *u = &s->e->used;
    const struct vv_model_size *size = &u->run.model.size;
    const uint32_t together = s->images < NLL_PICTURES ? s->images : NLL_PICTURES;
    s->x = vv_alloc(u->ctx, (uint64_t)together * size->pixels, sizeof *s->x);
    s->head = vv_alloc(u->ctx, (uint64_t)together * 2 * size->latent, sizeof *s->head);
    s->log_weights = vv_alloc(u->ctx, s->samples, sizeof *s->log_weights);
    s->nll = vv_alloc(u->ctx, 2 * (uint64_t)s->images, sizeof *s->nll);
    if (u->ctx->status != VV_OK) return false;
    s->elbo = s->nll + s->images;
    return vv_examiner_init(&s->examiner, u->exec, &u->run.model, &u->weights, together, VV_WANT_HEAD,
                            NULL) &&
           vv_importance_init(&s->importance, u->exec, &u->run.model, &u->weights,
                              choose_rows(&u->run.model, s->samples), s->e->options->seed);
}

static bool take_picture(struct sampling *s, uint32_t i, const float *x, const float *head) {
    if (!vv_importance_run(&s->importance, x, head, i, s->samples, s->log_weights)) return false;
    const struct vv_weighing w = vv_weigh(s->log_weights, s->samples);
    s->nll[i] = -w.log_mean;
    s->elbo[i] = w.mean_log;
    s->squares += w.error * w.error;
    s->effective += w.effective;
    vv_evaluation_tell(s->e, s->samples);
    return true;
}

// Pictures first .. first + count - 1: encoded once, and then one after the other.
static bool take_pictures(struct sampling *s, uint32_t first, uint32_t count) {
    struct vv_used *u = &s->e->used;
    const struct vv_model_size *size = &u->run.model.size;
    const struct vv_findings nothing = {.mu = NULL};
    vv_used_pictures(u, first, count, s->x);
    bool ok = vv_examiner_run(&s->examiner, s->x, first, count, 0, &nothing) &&
              vv_exec_read_node(u->exec, s->examiner.program, s->examiner.head, s->head);
    for (uint64_t i = 0; ok && i < count; i++)
        ok = take_picture(s, first + (uint32_t)i, s->x + i * size->pixels,
                          s->head + i * 2 * size->latent);
    return ok;
}

static bool take_all(struct sampling *s) {
    for (uint32_t first = 0; first < s->images; first += s->examiner.rows) {
        const uint32_t left = s->images - first;
        if (!take_pictures(s, first, left < s->examiner.rows ? left : s->examiner.rows)) return false;
    }
    return true;
}

static vkvae_likelihood conclude(const struct sampling *s) {
    return (vkvae_likelihood){.images = s->images,
                              .samples = s->samples,
                              .nll = vv_estimate(s->nll, s->images),
                              .elbo = vv_estimate(s->elbo, s->images).mean,
                              .draws_error = sqrt(s->squares) / s->images,
                              .effective = s->effective / s->images};
}

bool vv_evaluation_plan_nll(struct vv_evaluation *e) {
    vkvae_likelihood *l = &e->result.likelihood;
    if (!e->options->nll) return true;
    l->samples = e->options->nll_samples;
    l->images = e->options->nll_images;
    if (l->images > e->used.count) l->images = e->used.count;
    e->all += (uint64_t)l->images * l->samples;
    return true;
}

bool vv_evaluation_nll(struct vv_evaluation *e) {
    const vkvae_likelihood *planned = &e->result.likelihood;
    struct sampling s = {.e = e, .images = planned->images, .samples = planned->samples};
    if (!e->options->nll) return true;
    const bool ok = make_room(&s) && take_all(&s);
    if (ok) e->result.likelihood = conclude(&s);
    vv_importance_finish(&s.importance);
    vv_examiner_finish(&s.examiner);
    free(s.x);
    free(s.head);
    free(s.log_weights);
    free(s.nll);
    return ok;
}
