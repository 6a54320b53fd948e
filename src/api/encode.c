// vkvae_encode: the posterior of each picture.
#include <stddef.h>

#include "abi.h"
#include "clock.h"
#include "codes.h"
#include "coding.h"
#include "handle.h"
#include "size.h"

// One call.
struct encoding {
    struct vv_used used;
    const vkvae_encode_options *options;
    struct vv_codes codes;
};

void vkvae_encode_defaults(vkvae_encode_options *options) {
    *options = (vkvae_encode_options){.seed = 0};
    vkvae_use_defaults(&options->use);
}

static bool check_options(const struct vv_used *u, const vkvae_encode_options *o) {
    struct vv_context *ctx = u->ctx;
    if (o->sample && u->run.is_autoencoder)
        return vv_fail(ctx, VV_USAGE, "--sample: %.200s is an autoencoder, whose z is mu; leave it out",
                       o->use.run);
    return !o->out || vv_codes_kind(o->out) != VV_CODES_NONE ||
           vv_fail(ctx, VV_USAGE, "%s: the output ends in none of .npz, .npy and .csv; name it so",
                   o->out);
}

static bool make_room(struct encoding *e) {
    struct vv_used *u = &e->used;
    struct vv_codes *c = &e->codes;
    const uint64_t numbers = (uint64_t)u->count * u->run.model.size.latent;
    c->count = u->count;
    c->latent = u->run.model.size.latent;
    c->mu = vv_alloc(u->ctx, numbers, sizeof *c->mu);
    c->logvar = vv_alloc(u->ctx, numbers, sizeof *c->logvar);
    if (e->options->sample) c->z = vv_alloc(u->ctx, numbers, sizeof *c->z);
    if (vv_used_has_labels(u)) c->labels = vv_alloc(u->ctx, u->count, sizeof *c->labels);
    for (uint32_t i = 0; c->labels && i < u->count; i++) c->labels[i] = vv_used_label(u, i);
    return u->ctx->status == VV_OK;
}

static bool encode(struct encoding *e) {
    struct vv_used *u = &e->used;
    struct vv_work work = {.all = u->count};
    const struct vv_eps eps = {.seed = e->options->seed, .stream = VV_STREAM_ENCODE};
    if (!make_room(e)) return false;
    const struct vv_findings found = {.mu = e->codes.mu, .logvar = e->codes.logvar, .z = e->codes.z};
    const bool sample = e->options->sample;
    return vv_used_examine(u, u->count, sample ? VV_WANT_HEAD | VV_WANT_Z : VV_WANT_HEAD,
                           sample ? &eps : NULL, &found, &work);
}

static void hand_out(struct encoding *e) {
    const vkvae_encode_options *o = e->options;
    vv_hand_floats(o->mu, &e->codes.mu);
    vv_hand_floats(o->logvar, &e->codes.logvar);
    vv_hand_floats(o->z, &e->codes.z);
    if (!o->labels) return;
    *o->labels = e->codes.labels;
    e->codes.labels = NULL;
}

static void clear(const vkvae_encode_options *o) {
    if (o->mu) *o->mu = NULL;
    if (o->logvar) *o->logvar = NULL;
    if (o->z) *o->z = NULL;
    if (o->labels) *o->labels = NULL;
}

vkvae_status vkvae_encode(vkvae *v, const vkvae_encode_options *options, vkvae_encode_result *result) {
    struct encoding e = {.options = options};
    struct vv_context *ctx = &v->ctx;
    const double begin = vv_now();
    vv_clear(ctx);
    clear(options);
    if (result) *result = (vkvae_encode_result){0};
    const bool ok = vv_used_begin(&e.used, ctx, &options->use) && check_options(&e.used, options) &&
                    vv_used_check_out(&e.used, options->out) && vv_used_load(&e.used) &&
                    vv_used_open(&e.used) && encode(&e) &&
                    (!options->out || vv_codes_write(ctx, options->out, &e.codes));
    if (ok && result)
        *result = (vkvae_encode_result){.count = e.codes.count,
                                        .latent = e.codes.latent,
                                        .labels = e.codes.labels != NULL,
                                        .seconds = vv_now() - begin};
    if (ok) hand_out(&e);
    vv_codes_finish(&e.codes);
    vv_used_finish(&e.used);
    return vv_result(ctx, ok);
}
