// vkvae_evaluate: how good a run is on pictures.
#include <math.h>
#include <stdlib.h>

#include "abi.h"
#include "array.h"
#include "clock.h"
#include "coding.h"
#include "evaluation.h"
#include "handle.h"
#include "latents.h"
#include "likelihood.h"
#include "noise.h"
#include "similarity.h"
#include "size.h"

// Looked at together.
#define EVALUATE_ROWS 256

void vkvae_evaluate_defaults(vkvae_evaluate_options *options) {
    *options = (vkvae_evaluate_options){.nll_images = 1000, .nll_samples = 5000, .votes = 800};
    vkvae_use_defaults(&options->use);
}

void vv_evaluation_tell(struct vv_evaluation *e, uint64_t more) {
    e->done += more;
    vv_used_tell(&e->used, e->done, e->all);
}

vkvae_estimate vv_estimate(const double *numbers, uint32_t count) {
    double mean = 0, squares = 0;
    for (uint32_t i = 0; i < count; i++) mean += numbers[i] / count;
    for (uint32_t i = 0; i < count; i++) squares += (numbers[i] - mean) * (numbers[i] - mean);
    return (vkvae_estimate){mean, count > 1 ? sqrt(squares / (count - 1.0) / count) : (double)NAN};
}

// ---- Losses ----

// Of each picture, and of each latent.
struct losses {
    struct vv_evaluation *e;
    bool pictures, windows;  // psnr means something; ssim does
    struct vv_ssim_size size;
    double *loss, *recon, *kl, *psnr, *ssim;  // [count]
    double *mean, *square, *latent_kl;        // [latent]: sums
    float *x, *shown, *mu, *logvar, *found;   // of a batch; found: recon and kl
    double *room;
};

static void *take(struct losses *l, uint64_t count, uint64_t size) {
    return vv_alloc(l->e->used.ctx, count, size);
}

static bool make_room(struct losses *l) {
    const struct vv_model_size *size = &l->e->used.run.model.size;
    const uint64_t count = l->e->used.count, latent = size->latent, rows = EVALUATE_ROWS;
    l->size = (struct vv_ssim_size){size->height, size->width, size->channels};
    l->pictures = l->e->used.run.vocabulary.kind == VV_TOKENS_NONE;
    l->windows = l->pictures && size->height >= VV_SSIM_WINDOW && size->width >= VV_SSIM_WINDOW;
    l->loss = take(l, 5 * count, sizeof(double));
    l->mean = take(l, 3 * latent, sizeof(double));
    l->x = take(l, rows * size->pixels, sizeof(float));
    if (l->pictures) l->shown = take(l, rows * size->pixels, sizeof(float));
    l->mu = take(l, 2 * rows * latent, sizeof(float));
    l->found = take(l, 2 * rows, sizeof(float));
    if (l->windows) l->room = take(l, vv_ssim_room(&l->size), sizeof(double));
    if (l->e->used.ctx->status != VV_OK) return false;
    l->recon = l->loss + count;
    l->kl = l->recon + count;
    l->psnr = l->kl + count;
    l->ssim = l->psnr + count;
    l->square = l->mean + latent;
    l->latent_kl = l->square + latent;
    l->logvar = l->mu + rows * latent;
    return true;
}

static void finish(struct losses *l) {
    free(l->loss);
    free(l->mean);
    free(l->x);
    free(l->shown);
    free(l->mu);
    free(l->found);
    free(l->room);
}

// Kingma & Welling 2013, appendix B, in double. Adds to the latents' sums.
static double kl_of(struct losses *l, const float *mu, const float *logvar) {
    const uint32_t latent = l->e->used.run.model.size.latent;
    double sum = 0;
    for (uint32_t k = 0; k < latent; k++) {
        const double m = (double)mu[k], v = (double)logvar[k];
        const double kl = 0.5 * (m * m + expm1(v) - v);
        l->mean[k] += m;
        l->square[k] += m * m;
        l->latent_kl[k] += kl;
        sum += kl;
    }
    return sum;
}

static void take_picture(struct losses *l, uint32_t i, uint32_t row) {
    const struct vv_used *u = &l->e->used;
    const uint64_t latent = u->run.model.size.latent, pixels = u->run.model.size.pixels;
    const double kl = kl_of(l, l->mu + row * latent, l->logvar + row * latent);
    l->recon[i] = (double)l->found[row];
    l->kl[i] = u->run.is_autoencoder ? 0 : kl;
    l->loss[i] = l->recon[i] + l->kl[i];
    if (!l->pictures) return;
    const float *x = l->x + row * pixels, *shown = l->shown + row * pixels;
    l->psnr[i] = vv_psnr(x, shown, pixels);
    if (l->windows) l->ssim[i] = vv_ssim(&l->size, x, shown, l->room);
}

static bool look_at_all(struct losses *l, struct vv_examiner *examiner) {
    struct vv_used *u = &l->e->used;
    const struct vv_findings found = {
        .mu = l->mu, .logvar = l->logvar, .recon = l->found, .mean = l->shown};
    for (uint32_t first = 0; first < u->count; first += examiner->rows) {
        const uint32_t left = u->count - first, n = left < examiner->rows ? left : examiner->rows;
        vv_used_pictures(u, first, n, l->x);
        if (!vv_examiner_run(examiner, l->x, first, n, 0, &found)) return false;
        for (uint32_t i = 0; i < n; i++) take_picture(l, first + i, i);
        vv_evaluation_tell(l->e, n);
    }
    return true;
}

// What there is none of.
static const vkvae_estimate none = {(double)NAN, (double)NAN};

static bool conclude(struct losses *l) {
    const struct vv_used *u = &l->e->used;
    vkvae_evaluate_result *r = &l->e->result;
    const uint32_t latent = r->latent, n = r->count;
    r->loss = vv_estimate(l->loss, n);
    r->recon = vv_estimate(l->recon, n);
    r->kl = vv_estimate(l->kl, n);
    r->psnr = l->pictures ? vv_estimate(l->psnr, n) : none;
    r->ssim = l->windows ? vv_estimate(l->ssim, n) : none;
    for (uint32_t k = 0; k < latent; k++) {
        const double mean = l->mean[k] / n;
        r->active += l->square[k] / n - mean * mean > VV_ACTIVE_VARIANCE;
        if (l->e->kl_per_latent) l->e->kl_per_latent[k] = l->latent_kl[k] / n;
    }
    return isfinite(r->loss.mean) ||
           vv_fail(u->ctx, VV_BAD_DATA,
                   "%.200s: its loss on these pictures is not finite; train again with a smaller --lr",
                   u->use->run);
}

static bool measure_losses(struct vv_evaluation *e) {
    struct vv_used *u = &e->used;
    const bool drawn = !e->options->mean && !u->run.is_autoencoder;
    const struct vv_eps eps = {.seed = e->options->seed, .stream = VV_STREAM_EVALUATE};
    const uint32_t rows = u->count < EVALUATE_ROWS ? u->count : EVALUATE_ROWS;
    struct losses l = {.e = e};
    struct vv_examiner examiner = {0};
    const bool ok = make_room(&l) &&
                    vv_examiner_init(&examiner, u->exec, &u->run.model, &u->weights, rows,
                                     VV_WANT_HEAD | VV_WANT_LOSS | (l.pictures ? VV_WANT_MEAN : 0),
                                     drawn ? &eps : NULL) &&
                    look_at_all(&l, &examiner) && conclude(&l);
    vv_examiner_finish(&examiner);
    finish(&l);
    return ok;
}

// ---- The call ----

// Those of what is asked for.
static bool check_numbers(struct vv_context *ctx, const vkvae_evaluate_options *o) {
    return (!o->nll || (vv_check_whole(ctx, "--nll-images", o->nll_images, 1, UINT32_MAX) &&
                        vv_check_whole(ctx, "--nll-samples", o->nll_samples, 1, 10000000))) &&
           (!o->disentanglement || vv_check_whole(ctx, "--votes", o->votes, 1, 100000));
}

static bool check_options(struct vv_evaluation *e) {
    const vkvae_evaluate_options *o = e->options;
    if (!check_numbers(e->used.ctx, o) || !vv_used_check_out(&e->used, o->noise_out)) return false;
    if (o->noise_out && o->mean)
        return vv_fail(e->used.ctx, VV_USAGE,
                       "--export-noise: with --mean no noise is drawn; leave one of them out");
    if (o->noise_out && e->used.run.is_autoencoder)
        return vv_fail(
            e->used.ctx, VV_USAGE,
            "--export-noise: %.200s is an autoencoder, of which no noise is drawn; leave it out",
            o->use.run);
    return vv_evaluation_check_nll(e) && vv_evaluation_check_frechet(e);
}

static bool prepare(struct vv_evaluation *e) {
    const struct vv_used *u = &e->used;
    const struct vv_model_size *size = &u->run.model.size;
    const struct vv_likelihood *likelihood = vv_likelihood_of(&u->run.model);
    const bool bound = likelihood->is_density && !u->run.is_autoencoder && !e->options->mean;
    e->result = (vkvae_evaluate_result){.count = u->count, .latent = size->latent, .is_bound = bound};
    e->all = u->count;
    if (!vv_evaluation_plan_nll(e) || !vv_evaluation_plan_frechet(e) || !vv_evaluation_plan_factors(e))
        return false;
    if (u->run.is_autoencoder) return true;
    e->kl_per_latent = vv_alloc(u->ctx, size->latent, sizeof *e->kl_per_latent);
    return e->kl_per_latent != NULL;
}

// Of D numbers loss / (D ln 2), where p(x|z) is a probability of them: as vv_settings_bits.
static void count_bits(struct vv_evaluation *e) {
    const struct vv_used *u = &e->used;
    const struct vv_likelihood *likelihood = vv_likelihood_of(&u->run.model);
    const bool binary =
        likelihood->of_binary && u->configured && vv_settings_binarize(&u->settings) != VV_BINARIZE_NONE;
    if (e->result.is_bound && (likelihood->is_discrete || binary))
        e->result.bits_per_dim = e->result.loss.mean / (u->run.model.size.pixels * log(2));
}

// The bits of the noise are those of the device's: shaders/exact.h.
static bool write_noise(const struct vv_evaluation *e) {
    const uint32_t count = e->result.count, latent = e->result.latent;
    if (!e->options->noise_out) return true;
    float *eps = vv_alloc(e->used.ctx, (uint64_t)count * latent, sizeof *eps);
    for (uint32_t i = 0; eps && i < count; i++)
        for (uint32_t k = 0; k < latent; k++)
            eps[(uint64_t)i * latent + k] = vv_noise_at(e->options->seed, VV_STREAM_EVALUATE, 0, i, k);
    const bool ok = eps && vv_npy_write(e->used.ctx, e->options->noise_out, eps,
                                        (const uint32_t[]){count, latent}, 2);
    free(eps);
    return ok;
}

static bool evaluate(struct vv_evaluation *e) {
    if (!measure_losses(e)) return false;
    count_bits(e);
    return vv_evaluation_nll(e) && vv_evaluation_frechet(e) && vv_evaluation_factors(e) &&
           write_noise(e);
}

vkvae_status vkvae_evaluate(vkvae *v, const vkvae_evaluate_options *options,
                            vkvae_evaluate_result *result) {
    struct vv_evaluation e = {.options = options};
    struct vv_context *ctx = &v->ctx;
    const double begin = vv_now();
    vv_clear(ctx);
    if (options->kl_per_latent) *options->kl_per_latent = NULL;
    if (result) *result = (vkvae_evaluate_result){0};
    const bool ok = vv_used_begin(&e.used, ctx, &options->use) && check_options(&e) &&
                    vv_used_load(&e.used) && prepare(&e) && vv_used_open(&e.used) && evaluate(&e);
    e.result.seconds = vv_now() - begin;
    if (ok && result) *result = e.result;
    if (ok && options->kl_per_latent)
        *options->kl_per_latent = e.kl_per_latent;
    else
        free(e.kl_per_latent);
    vv_used_finish(&e.features);
    vv_used_finish(&e.used);
    return vv_result(ctx, ok);
}
