// vkvae_augment: new examples near given ones, with their labels.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "coding.h"
#include "file.h"
#include "handle.h"
#include "noise.h"
#include "npz_write.h"
#include "size.h"

#define MOST_COUNT 1048576

// One call.
struct augmentation {
    struct vv_used used;
    const vkvae_augment_options *options;
    uint32_t sources;    // pictures that it is near to: the first ones, where fewer are asked for
    bool npz, kept;      // kept: all pictures stay in memory, for the file or the caller
    float *mu, *logvar;  // [sources,latent]
    float *pixels;       // [count,pixels] where they are kept, else a part of them
    uint32_t *labels;    // [count]; NULL: there are none
};

void vkvae_augment_defaults(vkvae_augment_options *options) {
    *options = (vkvae_augment_options){.count = 10000, .temperature = 1};
    vkvae_use_defaults(&options->use);
}

static bool check_options(struct augmentation *a) {
    const vkvae_augment_options *o = a->options;
    struct vv_context *ctx = a->used.ctx;
    if (o->count < 1 || o->count > MOST_COUNT)
        return vv_fail(ctx, VV_USAGE, "-n %u: expected a whole number from 1 to %u", o->count,
                       MOST_COUNT);
    if (!(o->temperature >= 0 && o->temperature <= 100))
        return vv_fail(ctx, VV_USAGE, "--temperature %g: expected a number from 0 to 100",
                       o->temperature);
    if (a->used.run.is_autoencoder && o->temperature > 0)
        return vv_fail(ctx, VV_USAGE,
                       "%.200s is an autoencoder, which has no variance to draw near pictures by; take "
                       "--temperature 0, or name another run",
                       o->use.run);
    a->npz = o->out && vv_ends_in(o->out, ".npz");
    const uint32_t channels = a->used.run.model.size.channels;
    if (o->out && !a->npz && channels != 1 && channels != 3)
        return vv_fail(
            ctx, VV_USAGE,
            "%s: pictures of %u channels cannot be drawn, only of 1 or 3; write a .npz instead", o->out,
            channels);
    a->kept = a->npz || o->pixels;
    return vv_used_need_pictures(&a->used, "augment") && vv_used_check_out(&a->used, o->out) &&
           (!o->out || a->npz || vv_gallery_check_folder(ctx, o->out, "--out"));
}

// ---- Drawing ----

static bool encode(struct augmentation *a, struct vv_work *work) {
    struct vv_used *u = &a->used;
    const uint64_t numbers = (uint64_t)a->sources * u->run.model.size.latent;
    a->mu = vv_alloc(u->ctx, numbers, sizeof *a->mu);
    a->logvar = vv_alloc(u->ctx, numbers, sizeof *a->logvar);
    const struct vv_findings found = {.mu = a->mu, .logvar = a->logvar};
    return a->mu && a->logvar && vv_used_examine(u, a->sources, VV_WANT_HEAD, NULL, &found, work);
}

// z of the new examples first .. first + count - 1; the seed's noise is of the picture and the draw.
static void draw(const struct augmentation *a, uint32_t first, uint32_t count, float *z) {
    const vkvae_augment_options *o = a->options;
    const uint32_t latent = a->used.run.model.size.latent;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t source = (first + i) % a->used.count, time = (first + i) / a->used.count;
        const float *mu = a->mu + (size_t)source * latent, *logvar = a->logvar + (size_t)source * latent;
        for (uint32_t k = 0; k < latent; k++) {
            const double eps = (double)vv_noise_at(o->seed, VV_STREAM_NEAR, time, source, k);
            *z++ = (float)((double)mu[k] + o->temperature * exp((double)logvar[k] / 2) * eps);
        }
    }
}

// A folder's name: that of the class where it can be one, else the label's number.
static void name_folder(const struct vv_used *u, uint32_t label, char text[64]) {
    vv_used_class(u, label, text);
    if (!*text || *text == '.' || strchr(text, '/') || strlen(text) == 63)
        (void)snprintf(text, 64, "%u", label);
}

static bool write_one(const struct augmentation *a, uint32_t number, const float *pixels) {
    const struct vv_gallery gallery = {
        .ctx = a->used.ctx, .run = &a->used.run, .pixels = pixels, .count = 1};
    char class[64] = "";
    if (!a->labels) return vv_gallery_write_each(&gallery, a->options->out, number);
    name_folder(&a->used, a->labels[number], class);
    char *folder = vv_path_join(a->used.ctx, a->options->out, class);
    const bool ok = folder && vv_gallery_write_each(&gallery, folder, number);
    free(folder);
    return ok;
}

static bool draw_all(struct augmentation *a, struct vv_sampler *sampler, float *z,
                     struct vv_work *work) {
    const vkvae_augment_options *o = a->options;
    const uint64_t pixels = sampler->pixels;
    for (uint32_t first = 0; first < o->count; first += sampler->rows) {
        const uint32_t left = o->count - first, n = left < sampler->rows ? left : sampler->rows;
        float *out = a->pixels + (a->kept ? first * pixels : 0);
        draw(a, first, n, z);
        if (!vv_used_decode_by(&a->used, sampler, z, n, out, work)) return false;
        for (uint32_t i = 0; o->out && !a->npz && i < n; i++)
            if (!write_one(a, first + i, out + i * pixels)) return false;
    }
    return true;
}

static bool make_room(struct augmentation *a) {
    struct vv_used *u = &a->used;
    const uint32_t count = a->options->count;
    const uint32_t part = count < VV_CODING_ROWS ? count : VV_CODING_ROWS;
    const uint64_t pictures = a->kept ? count : part;
    a->pixels = vv_alloc(u->ctx, pictures * u->run.model.size.pixels, sizeof *a->pixels);
    if (vv_used_has_labels(u)) a->labels = vv_alloc(u->ctx, count, sizeof *a->labels);
    for (uint32_t i = 0; a->labels && i < count; i++) a->labels[i] = vv_used_label(u, i % u->count);
    return u->ctx->status == VV_OK;
}

static bool augment(struct augmentation *a) {
    struct vv_used *u = &a->used;
    const uint32_t count = a->options->count;
    const uint32_t rows = count < VV_CODING_ROWS ? count : VV_CODING_ROWS;
    struct vv_sampler sampler = {0};
    a->sources = count < u->count ? count : u->count;
    struct vv_work work = {.all = (uint64_t)a->sources + count};
    float *z = vv_alloc(u->ctx, (uint64_t)rows * u->run.model.size.latent, sizeof *z);
    const bool ok = z && make_room(a) && encode(a, &work) &&
                    vv_sampler_init(&sampler, u->exec, &u->run.model, &u->weights, rows, NULL) &&
                    draw_all(a, &sampler, z, &work);
    vv_sampler_finish(&sampler);
    free(z);
    return ok;
}

// ---- What is handed over ----

static bool write_npz(const struct augmentation *a) {
    const vkvae_augment_options *o = a->options;
    const struct vv_model_size *size = &a->used.run.model.size;
    const struct vv_gallery all = {
        .ctx = a->used.ctx, .run = &a->used.run, .pixels = a->pixels, .count = o->count};
    float *values = vv_gallery_values(&all);
    const struct vv_tensor arrays[] = {
        {.name = "images",
         .rank = 4,
         .dim = {o->count, size->height, size->width, size->channels},
         .data = values},
        {.name = "labels", .dtype = VV_DTYPE_U32, .rank = 1, .dim = {o->count}, .data = a->labels}};
    const bool ok = values && vv_npz_write(a->used.ctx, o->out, arrays, a->labels ? 2 : 1);
    free(values);
    return ok;
}

static vkvae_augment_result result_of(const struct augmentation *a) {
    const struct vv_model_size *size = &a->used.run.model.size;
    return (vkvae_augment_result){.count = a->options->count,
                                  .height = size->height,
                                  .width = size->width,
                                  .channels = size->channels,
                                  .latent = size->latent,
                                  .sources = a->sources,
                                  .labels = a->labels != NULL};
}

vkvae_status vkvae_augment(vkvae *v, const vkvae_augment_options *options,
                           vkvae_augment_result *result) {
    struct augmentation a = {.options = options};
    vv_clear(&v->ctx);
    if (options->pixels) *options->pixels = NULL;
    if (options->labels) *options->labels = NULL;
    if (result) *result = (vkvae_augment_result){0};
    const bool ok = vv_used_begin(&a.used, &v->ctx, &options->use) && check_options(&a) &&
                    vv_used_load(&a.used) && vv_used_open(&a.used) && augment(&a) &&
                    (!a.npz || write_npz(&a));
    if (ok && result) *result = result_of(&a);
    if (ok) vv_hand_floats(options->pixels, &a.pixels);
    if (ok && options->labels) {
        *options->labels = a.labels;
        a.labels = NULL;
    }
    free(a.mu);
    free(a.logvar);
    free(a.pixels);
    free(a.labels);
    vv_used_finish(&a.used);
    return vv_result(&v->ctx, ok);
}
