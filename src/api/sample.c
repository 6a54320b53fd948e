#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "checkpoint.h"
#include "codes.h"
#include "file.h"
#include "gallery.h"
#include "handle.h"
#include "moments.h"
#include "sampler.h"
#include "size.h"
#include "weights.h"
#include "wording.h"

// Decoded at a time.
#define SAMPLE_ROWS 256
#define MOST_COUNT  65536

// One call.
struct sampling {
    struct vv_context *ctx;
    const vkvae_sample_options *options;
    struct vv_checkpoint run;
    uint32_t picture[3];  // height, width, channels
    uint32_t count;
    float *given;           // [count,latent]; NULL: drawn
    float *pixels;          // [count,numbers]
    uint64_t numbers;       // of a sample
    const char *out;        // file to write; NULL: none
    struct vv_lines lines;  // of text
    struct vv_moments z, pixel;
};

void vkvae_sample_defaults(vkvae_sample_options *options) {
    *options = (vkvae_sample_options){.count = 64, .temperature = 1};
}

static bool check_options(struct vv_context *ctx, const vkvae_sample_options *o) {
    if (!o->run) return vv_fail(ctx, VV_USAGE, "no run given: name a run's folder or a checkpoint file");
    if (!o->from && (o->count < 1 || o->count > MOST_COUNT))
        return vv_fail(ctx, VV_USAGE, "-n %u: expected a whole number from 1 to %u", o->count,
                       MOST_COUNT);
    if (!o->from && !(o->temperature >= 0 && o->temperature <= 100))
        return vv_fail(ctx, VV_USAGE, "--temperature %g: expected a number from 0 to 100",
                       o->temperature);
    if (o->out && !vv_ends_in(o->out, ".png") && !vv_ends_in(o->out, ".npy") &&
        !vv_ends_in(o->out, ".txt"))
        return vv_fail(ctx, VV_USAGE, "%s: the output ends in none of .png, .npy and .txt; name it so",
                       o->out);
    if (o->from && o->out && !vv_gallery_check_distinct(ctx, o->from, o->out)) return false;
    return !o->each || vv_gallery_check_folder(ctx, o->each, "--each");
}

static bool is_text(const struct sampling *s) {
    return s->run.vocabulary.kind != VV_TOKENS_NONE;
}

// What is written, now that the run tells whether it is of text.
static bool settle_out(struct sampling *s) {
    const vkvae_sample_options *o = s->options;
    s->numbers = (uint64_t)s->run.model.size.pixels * s->run.model.size.shown;
    s->out = o->out || is_text(s) ? o->out : o->picture;
    if (!is_text(s) && o->draw)
        return vv_fail(s->ctx, VV_USAGE, "--draw is for text, and %s has pictures; leave it out",
                       o->run);
    if (!is_text(s))
        return !s->out || !vv_ends_in(s->out, ".txt") ||
               vv_fail(s->ctx, VV_USAGE,
                       "%s: %s has pictures, which no text shows; write a .png or .npy", s->out, o->run);
    if (o->each)
        return vv_fail(s->ctx, VV_USAGE, "--each is for pictures, and %s is of text; leave it out",
                       o->run);
    return !s->out || !vv_ends_in(s->out, ".png") ||
           vv_fail(s->ctx, VV_USAGE, "%s: %s is of text, which no picture shows; write a .txt or .npy",
                   s->out, o->run);
}

static bool read_run(struct sampling *s) {
    bool ok;
    free(vv_weights_read(s->ctx, s->options->run, &s->run, &ok));
    const struct vv_model_size *size = &s->run.model.size;
    const uint32_t picture[3] = {size->height, size->width, size->channels};
    memcpy(s->picture, picture, sizeof picture);
    return ok && settle_out(s);
}

// ---- z from a file ----

static bool check_shape(struct sampling *s, const struct vv_array *array) {
    const uint32_t latent = s->run.model.size.latent, *d = array->dims;
    char shape[64];
    size_t used = 0;
    for (uint32_t i = 0; i < array->rank; i++)
        used += (size_t)snprintf(shape + used, sizeof shape - used, "%s%u", i ? ", " : "", d[i]);
    if (array->rank > 2 || d[array->rank - 1] != latent)
        return vv_fail(s->ctx, VV_BAD_DATA,
                       "%s: its shape is [%s], and %s decodes z of %u numbers; save it as [n, %u]",
                       s->options->from, shape, s->options->run, latent, latent);
    s->count = array->rank == 2 ? d[0] : 1;
    if (s->count > MOST_COUNT)
        return vv_fail(s->ctx, VV_BAD_DATA, "%s: holds %u z, more than %u; take them in parts",
                       s->options->from, s->count, MOST_COUNT);
    return true;
}

static bool check_finite(struct sampling *s) {
    const uint32_t latent = s->run.model.size.latent;
    for (size_t i = 0; i < (size_t)s->count * latent; i++)
        if (!isfinite(s->given[i]))
            return vv_fail(s->ctx, VV_BAD_DATA,
                           "%s: number %zu of row %zu is %g, counted from 0; save finite numbers",
                           s->options->from, i % latent, i / latent, (double)s->given[i]);
    return true;
}

static bool read_given(struct sampling *s) {
    struct vv_array array = {0};
    s->count = s->options->count;
    if (!s->options->from) return true;
    if (!vv_codes_read(s->ctx, s->options->from, s->options->array, &array)) return false;
    s->given = array.values;
    return check_shape(s, &array) && check_finite(s);
}

// ---- Decoding ----

static void warn_of_autoencoder(const struct sampling *s) {
    if (s->run.is_autoencoder && !s->given)
        vv_say(s->ctx, VV_LOG_WARNING,
               "%s is an autoencoder: nothing made its z follow the normal distribution that is drawn "
               "from here, so that these need not look like its pictures; --from decodes z of your own",
               s->options->run);
}

static bool decode_all(struct sampling *s, struct vv_sampler *sampler, float *drawn) {
    const uint32_t latent = s->run.model.size.latent, rows = sampler->rows;
    const uint64_t pixels = s->numbers;
    for (uint32_t first = 0; first < s->count; first += rows) {
        const uint32_t n = s->count - first < rows ? s->count - first : rows;
        const float *z = s->given ? s->given + (size_t)first * latent : drawn;
        float *out = s->pixels + first * pixels;
        if (!(s->given ? vv_sampler_decode(sampler, z, n, out)
                       : vv_sampler_draw(sampler, first, n, out, drawn)))
            return false;
        vv_moments_add(&s->z, z, (uint64_t)n * latent);
        vv_moments_add(&s->pixel, out, n * pixels);
    }
    if (isfinite(s->pixel.mean)) return true;
    if (s->given)
        return vv_fail(s->ctx, VV_BAD_DATA,
                       "%s: holds numbers so large that they decode to NaN; save smaller ones",
                       s->options->from);
    return vv_fail(s->ctx, VV_BAD_DATA,
                   "%s: holds numbers so large that they decode to NaN; train again with a smaller --lr",
                   s->options->run);
}

static bool decode_on(struct sampling *s, struct vv_exec *exec) {
    const vkvae_sample_options *o = s->options;
    const struct vv_prior prior = {.seed = o->seed, .temperature = o->temperature};
    const uint32_t rows = s->count < SAMPLE_ROWS ? s->count : SAMPLE_ROWS;
    struct vv_weights weights;
    struct vv_sampler sampler = {0};
    float *drawn = vv_alloc(s->ctx, (uint64_t)rows * s->run.model.size.latent, sizeof *drawn);
    s->pixels = vv_alloc(s->ctx, s->count * s->numbers, sizeof *s->pixels);
    const bool ok =
        drawn && s->pixels && vv_weights_add(exec->store, &s->run.model, &weights) &&
        vv_sampler_init(&sampler, exec, &s->run.model, &weights, rows, s->given ? NULL : &prior) &&
        vv_exec_write(exec, weights.params, 0, s->run.params, weights.params->bytes) &&
        (!weights.running ||
         vv_exec_write(exec, weights.running, 0, s->run.running, weights.running->bytes)) &&
        decode_all(s, &sampler, drawn);
    vv_sampler_finish(&sampler);
    free(drawn);
    return ok;
}

static bool decode(struct sampling *s) {
    struct vv_store store;
    vv_store_init(&store, s->ctx);
    struct vv_exec *exec = vv_open_device(&store, &s->options->device, NULL);
    const bool ok = exec && decode_on(s, exec);
    vv_exec_destroy(exec);
    vv_store_finish(&store);
    return ok && s->ctx->status == VV_OK;
}

// ---- Files ----

static struct vv_gallery gallery_of(const struct sampling *s) {
    return (struct vv_gallery){.ctx = s->ctx,
                               .run = &s->run,
                               .pixels = s->pixels,
                               .count = s->count,
                               .columns = s->options->columns,
                               .scale = s->options->scale};
}

// Rows of tokens: [count, length, tokens]; bags: [count, tokens].
static bool write_probabilities(const struct sampling *s, const char *path) {
    const struct vv_model_size *size = &s->run.model.size;
    const bool bag = s->run.vocabulary.kind == VV_TOKENS_BAG;
    return vv_npy_write(s->ctx, path, s->pixels, (const uint32_t[]){s->count, size->width, size->shown},
                        bag ? 2 : 3);
}

static bool write_out(const struct sampling *s) {
    const struct vv_gallery gallery = gallery_of(s);
    if (!s->out || !is_text(s)) return vv_gallery_write(&gallery, s->out);
    if (vv_ends_in(s->out, ".npy")) return write_probabilities(s, s->out);
    return vv_file_write(s->ctx, s->out, s->lines.text, s->lines.used);
}

static bool make_lines(struct sampling *s) {
    const bool bag = s->run.vocabulary.kind == VV_TOKENS_BAG;
    const struct vv_wording w = {.vocabulary = &s->run.vocabulary,
                                 .length = bag ? 1 : s->run.model.size.width,
                                 .draw = s->options->draw,
                                 .seed = s->options->seed};
    bool ok = true;
    s->lines.ctx = s->ctx;
    for (uint32_t i = 0; ok && is_text(s) && i < s->count; i++)
        ok = vv_wording_sample(&w, s->pixels + i * s->numbers, i, &s->lines);
    return ok;
}

static bool write_each(const struct sampling *s) {
    const struct vv_gallery gallery = gallery_of(s);
    return !s->options->each || vv_gallery_write_each(&gallery, s->options->each, 0);
}

static vkvae_sample_result result_of(const struct sampling *s) {
    return (vkvae_sample_result){.count = s->count,
                                 .out = s->out,
                                 .height = s->picture[0],
                                 .width = s->picture[1],
                                 .channels = s->picture[2],
                                 .latent = s->run.model.size.latent,
                                 .z_mean = s->z.mean,
                                 .z_variance = vv_moments_variance(&s->z),
                                 .pixel_mean = s->pixel.mean,
                                 .pixel_variance = vv_moments_variance(&s->pixel)};
}

vkvae_status vkvae_sample(vkvae *v, const vkvae_sample_options *options, vkvae_sample_result *result) {
    struct sampling s = {.ctx = &v->ctx, .options = options};
    vv_clear(s.ctx);
    if (options->pixels) *options->pixels = NULL;
    if (options->text) *options->text = NULL;
    if (result) *result = (vkvae_sample_result){0};
    const bool ok = check_options(s.ctx, options) && read_run(&s) && read_given(&s) && decode(&s) &&
                    make_lines(&s) && write_out(&s) && write_each(&s);
    if (ok) warn_of_autoencoder(&s);
    if (ok && result) *result = result_of(&s);
    if (ok && options->pixels)
        *options->pixels = s.pixels;
    else
        free(s.pixels);
    if (ok && options->text) {
        *options->text = s.lines.text;
        s.lines.text = NULL;
    }
    vv_lines_finish(&s.lines);
    free(s.given);
    vv_checkpoint_finish(&s.run);
    return vv_result(s.ctx, ok);
}
