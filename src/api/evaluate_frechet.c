// --frechet: how far samples are from pictures, in what an encoder makes of both.
#include <stdlib.h>

#include "evaluation.h"
#include "examiner.h"
#include "frechet.h"
#include "sampler.h"
#include "size.h"

// Encoded and decoded together.
#define FRECHET_ROWS 256

static bool is_asked(const struct vv_evaluation *e) {
    return e->options->frechet || e->options->frechet_features;
}

// Reads the run whose encoder it is to be.
static bool read_features(struct vv_evaluation *e) {
    const struct vv_model_size *size = &e->used.run.model.size, *other = &e->features.run.model.size;
    e->features_use = (vkvae_use){.run = e->options->frechet_features};
    if (!vv_used_begin(&e->features, e->used.ctx, &e->features_use) ||
        !vv_used_need_pictures(&e->features, "--frechet-features"))
        return false;
    return (size->height == other->height && size->width == other->width &&
            size->channels == other->channels) ||
           vv_fail(
               e->used.ctx, VV_USAGE,
               "--frechet-features: %.200s is for pictures of %ux%u with %u channels, and %.200s for "
               "%ux%u with %u; name a run for such",
               e->features_use.run, other->height, other->width, other->channels, e->options->use.run,
               size->height, size->width, size->channels);
}

bool vv_evaluation_check_frechet(struct vv_evaluation *e) {
    if (!is_asked(e)) return true;
    return vv_used_need_pictures(&e->used, "--frechet") &&
           (!e->options->frechet_features || read_features(e)) &&
           vv_used_check_components(e->options->frechet_features ? &e->features : &e->used);
}

bool vv_evaluation_plan_frechet(struct vv_evaluation *e) {
    const struct vv_checkpoint *run = e->options->frechet_features ? &e->features.run : &e->used.run;
    if (!is_asked(e)) return true;
    if (e->used.count < 2)
        return vv_fail(e->used.ctx, VV_USAGE,
                       "--frechet: one picture has no variance; give two at least, or leave it out");
    e->result.frechet_features = run->model.size.latent;
    if (e->used.count <= e->result.frechet_features)
        vv_say(e->used.ctx, VV_LOG_WARNING,
               "--frechet: %u pictures are few for %u features, and the distance comes out too large",
               e->used.count, e->result.frechet_features);
    e->all += 3 * (uint64_t)e->used.count;
    return true;
}

// One call.
struct comparison {
    struct vv_evaluation *e;
    struct vv_weights weights;  // of the encoder
    struct vv_examiner examiner;
    struct vv_sampler sampler;
    float *x, *features;  // of pictures that are looked at together; of all
    struct vv_normal pictures, samples;
};

// The own weights, or those of the other run, beside them on the device.
static bool add_weights(struct comparison *c) {
    struct vv_evaluation *e = c->e;
    const struct vv_checkpoint *run = &e->features.run;
    struct vv_exec *exec = e->used.exec;
    c->weights = e->used.weights;
    if (!e->options->frechet_features) return true;
    return vv_weights_add(exec->store, &run->model, &c->weights) && vv_exec_realize(exec) &&
           vv_weights_write(exec, run, &c->weights);
}

static bool make_room(struct comparison *c) {
    struct vv_evaluation *e = c->e;
    struct vv_used *u = &e->used;
    const struct vv_model *model = e->options->frechet_features ? &e->features.run.model : &u->run.model;
    const uint32_t rows = u->count < FRECHET_ROWS ? u->count : FRECHET_ROWS;
    const struct vv_prior prior = {.seed = e->options->seed, .temperature = 1};
    c->x = vv_alloc(u->ctx, (uint64_t)rows * model->size.pixels, sizeof *c->x);
    c->features = vv_alloc(u->ctx, (uint64_t)u->count * model->size.latent, sizeof *c->features);
    return c->x && c->features && add_weights(c) &&
           vv_examiner_init(&c->examiner, u->exec, model, &c->weights, rows, VV_WANT_HEAD, NULL) &&
           vv_sampler_init(&c->sampler, u->exec, &u->run.model, &u->weights, rows, &prior);
}

// Features of pictures, or of as many samples.
static bool fit(struct comparison *c, bool sampled, struct vv_normal *normal) {
    struct vv_used *u = &c->e->used;
    const uint32_t rows = c->examiner.rows, latent = c->examiner.latent;
    for (uint32_t first = 0; first < u->count; first += rows) {
        const uint32_t n = u->count - first < rows ? u->count - first : rows;
        const struct vv_findings found = {.mu = c->features + (uint64_t)first * latent};
        if (!sampled)
            vv_used_pictures(u, first, n, c->x);
        else if (!vv_sampler_draw(&c->sampler, first, n, c->x, NULL))
            return false;
        if (!vv_examiner_run(&c->examiner, c->x, first, n, 0, &found)) return false;
        vv_evaluation_tell(c->e, sampled ? 2 * (uint64_t)n : n);
    }
    return vv_normal_fit(u->ctx, c->features, u->count, latent, normal);
}

bool vv_evaluation_frechet(struct vv_evaluation *e) {
    struct comparison c = {.e = e};
    if (!is_asked(e)) return true;
    const bool ok = make_room(&c) && fit(&c, false, &c.pictures) && fit(&c, true, &c.samples) &&
                    vv_frechet(e->used.ctx, &c.pictures, &c.samples, &e->result.frechet);
    vv_sampler_finish(&c.sampler);
    vv_examiner_finish(&c.examiner);
    vv_normal_finish(&c.pictures);
    vv_normal_finish(&c.samples);
    free(c.x);
    free(c.features);
    return ok;
}
