#include "coding.h"

#include <math.h>
#include <stdlib.h>

#include "size.h"

#define MOST_STEPS 1000

static uint32_t rows_of(uint32_t count) {
    return count < VV_CODING_ROWS ? count : VV_CODING_ROWS;
}

static float *behind(float *array, uint64_t numbers) {
    return array ? array + numbers : NULL;
}

static bool examine_all(struct vv_used *u, struct vv_examiner *e, uint32_t count,
                        const struct vv_findings *found, struct vv_work *work, float *x) {
    for (uint32_t first = 0; first < count; first += e->rows) {
        const uint32_t n = rows_of(count - first);
        const uint64_t at = (uint64_t)first * e->latent;
        const struct vv_findings part = {.mu = behind(found->mu, at),
                                         .logvar = behind(found->logvar, at),
                                         .recon = behind(found->recon, first),
                                         .kl = behind(found->kl, first),
                                         .mean = behind(found->mean, (uint64_t)first * e->shown),
                                         .z = behind(found->z, at)};
        vv_used_pictures(u, first, n, x);
        if (!vv_examiner_run(e, x, first, n, 0, &part)) return false;
        work->done += n;
        vv_used_tell(u, work->done, work->all);
    }
    return true;
}

bool vv_used_examine(struct vv_used *u, uint32_t count, unsigned want, const struct vv_eps *eps,
                     const struct vv_findings *found, struct vv_work *work) {
    const uint32_t rows = rows_of(count);
    struct vv_examiner examiner = {0};
    float *x = vv_alloc(u->ctx, (uint64_t)rows * u->run.model.size.pixels, sizeof *x);
    const bool ok = x &&
                    vv_examiner_init(&examiner, u->exec, &u->run.model, &u->weights, rows, want, eps) &&
                    examine_all(u, &examiner, count, found, work, x);
    vv_examiner_finish(&examiner);
    free(x);
    return ok;
}

bool vv_used_check_numbers(const struct vv_used *u, const float *pixels, uint64_t count) {
    for (uint64_t i = 0; i < count; i++)
        if (!isfinite(pixels[i]))
            return vv_fail(
                u->ctx, VV_BAD_DATA,
                "%s: holds numbers so large that they decode to NaN; train again with a smaller --lr",
                u->use->run);
    return true;
}

bool vv_used_decode_by(struct vv_used *u, struct vv_sampler *s, const float *z, uint32_t count,
                       float *pixels, struct vv_work *work) {
    for (uint32_t first = 0; first < count; first += s->rows) {
        const uint32_t n = count - first < s->rows ? count - first : s->rows;
        float *out = pixels + (uint64_t)first * s->pixels;
        if (!vv_sampler_decode(s, z + (uint64_t)first * s->latent, n, out) ||
            !vv_used_check_numbers(u, out, (uint64_t)n * s->pixels))
            return false;
        work->done += n;
        vv_used_tell(u, work->done, work->all);
    }
    return true;
}

bool vv_used_decode(struct vv_used *u, const float *z, uint32_t count, float *pixels,
                    struct vv_work *work) {
    struct vv_sampler sampler = {0};
    const bool ok =
        vv_sampler_init(&sampler, u->exec, &u->run.model, &u->weights, rows_of(count), NULL) &&
        vv_used_decode_by(u, &sampler, z, count, pixels, work);
    vv_sampler_finish(&sampler);
    return ok;
}

struct vv_gallery vv_used_gallery(const struct vv_used *u, const vkvae_pictures *pictures,
                                  const float *pixels, uint32_t count, uint32_t columns) {
    return (struct vv_gallery){.ctx = u->ctx,
                               .run = &u->run,
                               .pixels = pixels,
                               .count = count,
                               .columns = columns,
                               .scale = pictures->scale};
}

vkvae_pictures_result vv_used_pictures_result(const struct vv_used *u, uint32_t count) {
    const struct vv_model_size *size = &u->run.model.size;
    return (vkvae_pictures_result){.count = count,
                                   .height = size->height,
                                   .width = size->width,
                                   .channels = size->channels,
                                   .latent = size->latent};
}

void vv_used_warn_of_autoencoder(const struct vv_used *u) {
    if (u->run.is_autoencoder)
        vv_say(u->ctx, VV_LOG_WARNING,
               "%s is an autoencoder: nothing made its z follow the normal distribution whose quantiles "
               "are taken here, so that these need not look like its pictures",
               u->use->run);
}

bool vv_used_check_out(const struct vv_used *u, const char *out) {
    return !out || !u->use->data || vv_gallery_check_distinct(u->ctx, u->use->data, out);
}

bool vv_check_steps(struct vv_context *ctx, uint32_t steps, uint32_t least) {
    return (steps >= least && steps <= MOST_STEPS) ||
           vv_fail(ctx, VV_USAGE, "--steps %u: expected a whole number from %u to %u", steps, least,
                   MOST_STEPS);
}

bool vv_used_check_index(const struct vv_used *u, const char *option, uint32_t index) {
    return index < u->count ||
           vv_fail(u->ctx, VV_USAGE, "%s %u: there are %u pictures, counted from 0; name one below %u",
                   option, index, u->count, u->count);
}

bool vv_used_encode_these(struct vv_used *u, const uint32_t *index, uint32_t count, float *x,
                          const struct vv_findings *found) {
    struct vv_examiner examiner = {0};
    for (uint32_t i = 0; i < count; i++)
        vv_used_pictures(u, index[i], 1, x + (uint64_t)i * u->run.model.size.pixels);
    const bool ok =
        vv_examiner_init(&examiner, u->exec, &u->run.model, &u->weights, count, VV_WANT_HEAD, NULL) &&
        vv_examiner_run(&examiner, x, 0, count, 0, found);
    vv_examiner_finish(&examiner);
    return ok;
}

void vv_hand_floats(float **wanted, float **array) {
    if (!wanted) return;
    *wanted = *array;
    *array = NULL;
}
