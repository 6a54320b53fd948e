// vkvae_traverse: one latent after the other through the quantiles of the prior.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coding.h"
#include "handle.h"
#include "size.h"
#include "walk.h"

// A latent, and what it tells of the pictures.
struct latent_kl {
    uint32_t latent;
    double kl;
};

// One call.
struct traversal {
    struct vv_used used;
    const vkvae_traverse_options *options;
    uint32_t rows, steps, latent;
    struct latent_kl *ranked;  // [latent], the greatest KL first
    double kl_total;
    float *base;    // [latent]: what all codes are but for one number
    float *z;       // [rows steps,latent]
    float *pixels;  // [rows steps,pixels]
};

void vkvae_traverse_defaults(vkvae_traverse_options *options) {
    *options = (vkvae_traverse_options){.steps = 11, .quantiles = {0.05, 0.95}};
    vkvae_use_defaults(&options->use);
}

static bool check_options(const struct traversal *t) {
    const vkvae_traverse_options *o = t->options;
    struct vv_context *ctx = t->used.ctx;
    if (!vv_check_steps(ctx, o->steps, 2)) return false;
    if (!(o->quantiles[0] > 0 && o->quantiles[0] < o->quantiles[1] && o->quantiles[1] < 1))
        return vv_fail(ctx, VV_USAGE,
                       "--quantiles %g,%g: expected two numbers between 0 and 1, the lower one first",
                       o->quantiles[0], o->quantiles[1]);
    return vv_used_need_pictures(&t->used, "traverse") && vv_gallery_check(ctx, o->pictures.out) &&
           vv_used_check_out(&t->used, o->pictures.out);
}

// ---- Which latents ----

// Ties keep the latents' order.
static int compare(const void *one, const void *other) {
    const struct latent_kl *a = one, *b = other;
    if (a->kl < b->kl || a->kl > b->kl) return a->kl < b->kl ? 1 : -1;
    return a->latent < b->latent ? -1 : a->latent > b->latent;
}

// KL_j = (mu^2 + exp(logvar) - 1 - logvar) / 2: Kingma and Welling 2013, appendix B.
static void rank(struct traversal *t, const float *mu, const float *logvar) {
    for (uint32_t k = 0; k < t->latent; k++) {
        double sum = 0;
        for (uint32_t i = 0; i < t->used.count; i++) {
            const size_t at = (size_t)i * t->latent + k;
            const double m = (double)mu[at], l = (double)logvar[at];
            sum += (m * m + expm1(l) - l) / 2;
        }
        t->ranked[k] = (struct latent_kl){.latent = k, .kl = sum / t->used.count};
        t->kl_total += t->ranked[k].kl;
    }
    qsort(t->ranked, t->latent, sizeof *t->ranked, compare);
}

static bool encode(struct traversal *t, struct vv_work *work) {
    struct vv_used *u = &t->used;
    const uint64_t numbers = (uint64_t)u->count * t->latent;
    float *mu = vv_alloc(u->ctx, numbers, sizeof *mu);
    float *logvar = vv_alloc(u->ctx, numbers, sizeof *logvar);
    const struct vv_findings found = {.mu = mu, .logvar = logvar};
    const bool ok = mu && logvar && vv_used_examine(u, u->count, VV_WANT_HEAD, NULL, &found, work);
    if (ok) rank(t, mu, logvar);
    if (ok && t->options->around)
        memcpy(t->base, mu + (size_t)t->options->from * t->latent, t->latent * sizeof *mu);
    free(mu);
    free(logvar);
    return ok;
}

// ---- Codes ----

// The middle of a symmetric range is exactly 1/2.
static float value_at(const struct traversal *t, uint32_t step) {
    const double *q = t->options->quantiles, last = t->steps - 1;
    return (float)vv_normal_quantile(((last - step) * q[0] + step * q[1]) / last);
}

static void walk(struct traversal *t) {
    float *z = t->z;
    for (uint32_t row = 0; row < t->rows; row++)
        for (uint32_t step = 0; step < t->steps; step++, z += t->latent) {
            memcpy(z, t->base, t->latent * sizeof *z);
            z[t->ranked[row].latent] = value_at(t, step);
        }
}

static bool make_room(struct traversal *t) {
    struct vv_context *ctx = t->used.ctx;
    const struct vv_model_size *size = &t->used.run.model.size;
    const uint32_t rows = t->options->rows;
    t->latent = size->latent;
    t->steps = t->options->steps;
    t->rows = rows && rows < size->latent ? rows : size->latent;
    const uint64_t cells = (uint64_t)t->rows * t->steps;
    t->ranked = vv_alloc(ctx, t->latent, sizeof *t->ranked);
    t->base = vv_alloc(ctx, t->latent, sizeof *t->base);
    t->z = vv_alloc(ctx, cells * t->latent, sizeof *t->z);
    t->pixels = vv_alloc(ctx, cells * size->pixels, sizeof *t->pixels);
    return t->ranked && t->base && t->z && t->pixels;
}

static bool traverse(struct traversal *t) {
    if (!make_room(t)) return false;
    const uint32_t cells = t->rows * t->steps;
    struct vv_work work = {.all = (uint64_t)t->used.count + cells};
    if (!encode(t, &work)) return false;
    walk(t);
    return vv_used_decode(&t->used, t->z, cells, t->pixels, &work);
}

// ---- What is handed over ----

static bool write_out(const struct traversal *t) {
    const vkvae_pictures *p = &t->options->pictures;
    const struct vv_gallery gallery =
        vv_used_gallery(&t->used, p, t->pixels, t->rows * t->steps, t->steps);
    return vv_gallery_write(&gallery, p->out);
}

static bool hand_ranks(const struct traversal *t) {
    const vkvae_traverse_options *o = t->options;
    uint32_t *order = o->order ? vv_alloc(t->used.ctx, t->rows, sizeof *order) : NULL;
    double *kl = o->kl ? vv_alloc(t->used.ctx, t->rows, sizeof *kl) : NULL;
    const bool ok = (order || !o->order) && (kl || !o->kl);
    for (uint32_t i = 0; ok && i < t->rows; i++) {
        if (order) order[i] = t->ranked[i].latent;
        if (kl) kl[i] = t->ranked[i].kl;
    }
    if (ok && order) *o->order = order;
    if (ok && kl) *o->kl = kl;
    if (ok) return true;
    free(order);
    free(kl);
    return false;
}

static vkvae_traverse_result result_of(const struct traversal *t) {
    const struct vv_model_size *size = &t->used.run.model.size;
    return (vkvae_traverse_result){.rows = t->rows,
                                   .steps = t->steps,
                                   .height = size->height,
                                   .width = size->width,
                                   .channels = size->channels,
                                   .latent = t->latent,
                                   .count = t->used.count,
                                   .kl_total = t->kl_total};
}

static void clear(const vkvae_traverse_options *o) {
    if (o->pictures.pixels) *o->pictures.pixels = NULL;
    if (o->order) *o->order = NULL;
    if (o->kl) *o->kl = NULL;
    if (o->z) *o->z = NULL;
}

vkvae_status vkvae_traverse(vkvae *v, const vkvae_traverse_options *options,
                            vkvae_traverse_result *result) {
    struct traversal t = {.options = options};
    vv_clear(&v->ctx);
    clear(options);
    if (result) *result = (vkvae_traverse_result){0};
    bool ok = vv_used_begin(&t.used, &v->ctx, &options->use) && check_options(&t) &&
              vv_used_load(&t.used) &&
              (!options->around || vv_used_check_index(&t.used, "--from", options->from)) &&
              vv_used_open(&t.used) && traverse(&t) && write_out(&t) && hand_ranks(&t);
    if (ok) vv_used_warn_of_autoencoder(&t.used);
    if (ok && result) *result = result_of(&t);
    if (ok) vv_hand_floats(options->pictures.pixels, &t.pixels);
    if (ok) vv_hand_floats(options->z, &t.z);
    free(t.ranked);
    free(t.base);
    free(t.z);
    free(t.pixels);
    vv_used_finish(&t.used);
    return vv_result(&v->ctx, ok);
}
