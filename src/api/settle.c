// A run's settings, from what was asked for and what the set says of itself.
#include <stdio.h>
#include <string.h>

#include "architecture.h"
#include "how.h"
#include "likelihood.h"
#include "optimisation.h"
#include "place.h"
#include "session.h"
#include "set.h"
#include "size.h"

#define from_memory "memory"  // what the settings call a set that the caller gave

static bool copy_images(struct vv_context *ctx, const char *name, const vkvae_images *in,
                        struct vv_images *out) {
    *out = (struct vv_images){
        .count = in->count, .height = in->height, .width = in->width, .channels = in->channels};
    uint64_t bytes = (uint64_t)in->height * in->width, all;
    if (!in->pixels || in->channels < 1 || in->channels > 4 || in->height > 65536 || in->width > 65536 ||
        !vv_mul_u64(bytes * in->channels, in->count, &all) || all == 0)
        return vv_fail(ctx, VV_USAGE,
                       "%s: %u pictures of %ux%u with %u channels%s make no set; give one or more, each "
                       "side 1 to 65536, with 1 to 4 channels",
                       name, in->count, in->height, in->width, in->channels,
                       in->pixels ? "" : " and no pixels");
    out->pixels = vv_alloc(ctx, all, 1);
    if (out->pixels) memcpy(out->pixels, in->pixels, all);
    return out->pixels != NULL;
}

// Says of the run what was said of its set, where the user named none.
static bool fail_reopen(struct vv_session *s) {
    char why[sizeof s->ctx->error];
    memcpy(why, s->ctx->error, sizeof why);
    vv_clear(s->ctx);
    return vv_fail(s->ctx, VV_BAD_DATA,
                   "the run in %s was trained on '%s', which cannot be read; name it with --data (%s)",
                   s->options->resume, s->settings.data, why);
}

static bool is_reopened(const struct vv_session *s) {
    const vkvae_train_options *o = s->options;
    return o->resume && !o->data && !o->train_images;
}

// The set that a continued run was trained on, unless the user names where it is now.
static bool reopen_data(struct vv_session *s) {
    const char *source = s->settings.data;
    if (strcmp(source, from_memory) == 0)
        return vv_fail(s->ctx, VV_USAGE,
                       "the run in %s was trained on pictures from memory; give them again, or name a "
                       "folder of them with --data",
                       s->options->resume);
    const vkvae_shapes shapes = vv_shapes_kept(&s->settings);
    const bool drawn = vv_dataset_is_drawn(source);
    return vv_set_find(s->ctx, source, drawn ? &shapes : &s->options->shapes, &s->reading, &s->drawn,
                       &s->set) ||
           (s->ctx->status != VV_STOPPED && fail_reopen(s));
}

// How the files are read: as in the run that is continued, though they may be elsewhere now.
static void settle_reading(struct vv_session *s) {
    const vkvae_reading *said = &s->options->reading;
    s->reading = *said;
    if (!s->options->resume) return;
    s->reading = vv_reading_kept(&s->settings.how);
    if (vv_dataset_is_drawn(s->settings.data)) s->reading = vv_reading_usual;
    s->reading.classes = s->settings.classes[0] ? s->settings.classes : NULL;
    if (said->labels) s->reading.labels = said->labels;
    if (said->test) s->reading.test = said->test;
    if (said->test_labels) s->reading.test_labels = said->test_labels;
    s->reading.threads = said->threads;
}

static bool open_data(struct vv_session *s) {
    const vkvae_train_options *o = s->options;
    settle_reading(s);
    if (!o->train_images)
        return is_reopened(s)
                   ? reopen_data(s)
                   : vv_set_find(s->ctx, o->data, &o->shapes, &s->reading, &s->drawn, &s->set);
    if (!copy_images(s->ctx, "train_images", o->train_images, &s->set.train) ||
        !copy_images(s->ctx, "test_images", o->test_images, &s->set.test))
        return false;
    const struct vv_images *a = &s->set.train, *b = &s->set.test;
    if (a->height != b->height || a->width != b->width || a->channels != b->channels)
        return vv_fail(
            s->ctx, VV_USAGE,
            "train_images are of %ux%u with %u channels, and test_images of %ux%u with %u; give "
            "both of one size",
            a->height, a->width, a->channels, b->height, b->width, b->channels);
    return true;
}

// What the settings call the set: its name, or its path.
static bool name_data(struct vv_session *s) {
    const struct vv_dataset *set = &s->set;
    struct vv_settings *t = &s->settings;
    const char *classes = set->offered[0] || set->offered[1] ? s->reading.classes : NULL;
    if (set->path && !vv_reading_keep(s->ctx, &s->reading, set->path, &t->how)) return false;
    if (classes) (void)snprintf(t->classes, sizeof t->classes, "%s", classes);
    if (classes && !set->path) memcpy(t->drawn, set->offered, sizeof t->drawn);
    if (set->name && set->path && strcmp(set->name, set->path) == 0)
        return vv_place_keep(s->ctx, set->path, t->data, sizeof t->data);
    (void)snprintf(t->data, sizeof t->data, "%s", set->name ? set->name : from_memory);
    return true;
}

// What the set says of itself goes into the settings.
static bool settle_data(struct vv_session *s) {
    struct vv_settings *t = &s->settings;
    const struct vv_images *train = &s->set.train;
    t->height = train->height;
    t->width = train->width;
    t->channels = train->channels;
    t->train_count = train->count;
    t->test_count = s->set.test.count;
    t->tokens = s->set.vocabulary.count;
    return s->options->resume || name_data(s);
}

// Text has a likelihood of its own, which a set of pictures cannot have.
static bool settle_text(struct vv_session *s) {
    struct vv_settings *t = &s->settings;
    const enum vv_tokens kind = s->set.vocabulary.kind;
    const char *own = kind == VV_TOKENS_BAG ? "multinomial" : kind ? "categorical" : NULL;
    const struct vv_likelihood *likelihood = vv_likelihood_find(t->likelihood);
    if (!own) return true;
    const bool open = !t->likelihood[0];
    if (open) (void)snprintf(t->likelihood, sizeof t->likelihood, "%s", own);
    if (!open && likelihood && strcmp(t->likelihood, own) != 0)
        return vv_fail(s->ctx, VV_USAGE,
                       "--likelihood %s is for %s, and %.200s is read as %s; take %s, or leave it out",
                       t->likelihood,
                       likelihood->of == VV_OF_PICTURES ? "pictures"
                       : likelihood->of == VV_OF_ROWS   ? "rows of tokens (--tokens)"
                                                        : "bags of words",
                       s->set.name, kind == VV_TOKENS_BAG ? "bags of words" : "rows of tokens", own);
    return !t->augment[0] ||
           vv_fail(s->ctx, VV_USAGE, "--augment changes pictures, and %.200s is text; leave it out",
                   s->set.name);
}

static bool same_sizes(const struct vv_settings *a, const struct vv_settings *b) {
    return a->height == b->height && a->width == b->width && a->channels == b->channels &&
           a->train_count == b->train_count && a->test_count == b->test_count && a->tokens == b->tokens;
}

// A continued run must find the same set.
static bool check_data(const struct vv_session *s) {
    const struct vv_settings *t = &s->resume.settings, *found = &s->settings;
    if (!s->options->resume || (same_sizes(t, found) && t->data_checksum == found->data_checksum))
        return true;
    return vv_fail(s->ctx, VV_BAD_DATA,
                   "%s: %u + %u pictures of %ux%u with %u channels and checksum %u, but the run in "
                   "%s was trained "
                   "on %u + %u of %ux%u with %u and checksum %u; name that set with --data",
                   s->set.name ? s->set.name : "the given images", found->train_count, found->test_count,
                   found->height, found->width, found->channels, found->data_checksum,
                   s->options->resume, t->train_count, t->test_count, t->height, t->width, t->channels,
                   t->data_checksum);
}

bool vv_session_load(struct vv_session *s) {
    const vkvae_train_options *o = s->options;
    // A run that has begun saves before it stops: of that, nothing is asked here.
    if (!vv_loader_finish(&s->loader, s->ctx, s->again ? NULL : o->stop, o->user))
        return is_reopened(s) && s->ctx->status != VV_OK && s->ctx->status != VV_STOPPED ? fail_reopen(s)
                                                                                         : false;
    s->settings.data_checksum = s->loader.checksum;
    return check_data(s);
}

bool vv_session_alike(const struct vv_session *s) {
    return !s->options->resume || same_sizes(&s->resume.settings, &s->settings);
}

static bool settle_resumed(struct vv_session *s) {
    const vkvae_train_options *o = s->options;
    if (!vv_run_read(s->ctx, o->resume, &s->resume, &s->run.damaged)) return false;
    s->settings = s->resume.settings;
    s->asked = vv_run_asked(s->ctx, o->resume);
    if (o->epochs) s->settings.epochs = o->epochs;
    if (o->patience) s->settings.patience = o->patience;
    if (s->settings.epochs >= s->resume.position.epoch) return true;
    return vv_fail(s->ctx, VV_USAGE,
                   "--epochs %u: the run in %s has already done %u; ask for as many or more",
                   s->settings.epochs, o->resume, s->resume.position.epoch);
}

// What is too long is no name, and the check that follows says so.
static void copy_name(char *to, size_t size, const char *name, const char *usual) {
    (void)snprintf(to, size, "%s", name ? name : usual);
}

static void settle_training(const vkvae_train_options *o, struct vv_settings *t) {
    copy_name(t->optimiser, sizeof t->optimiser, o->optimiser, "adam");
    copy_name(t->lr_schedule, sizeof t->lr_schedule, o->lr_schedule, "constant");
    copy_name(t->on_nan, sizeof t->on_nan, o->on_nan, "stop");
    t->momentum = o->momentum;
    t->weight_decay = o->weight_decay;
    t->lr_warmup = o->lr_warmup;
    t->lr_step = o->lr_step;
    t->lr_gamma = o->lr_gamma;
    t->lr_floor = o->lr_floor;
    t->schedule_epochs = o->schedule_epochs;
    t->clip = o->clip;
    t->ema = o->ema;
    t->accumulate = o->accumulate ? o->accumulate : 1;
    t->patience = o->patience;
    t->keep_best = o->keep_best;
    vv_optimisation_settle(t);
}

static void settle_objective(const vkvae_train_options *o, struct vv_settings *t) {
    copy_name(t->objective, sizeof t->objective, o->objective, "vae");
    t->samples = o->samples ? o->samples : 1;
    t->beta = o->beta;
    t->kl_warmup = o->kl_warmup;
    t->kl_cycle = o->kl_cycle;
    t->free_bits = o->free_bits;
    t->capacity = o->capacity;
    t->capacity_steps = o->capacity_steps;
    t->capacity_gamma = o->capacity_gamma;
}

static bool settle_new(struct vv_session *s) {
    const vkvae_train_options *o = s->options;
    struct vv_settings *t = &s->settings;
    t->data_seed = o->shapes.seed;
    t->latent = o->latent;
    t->batch = o->batch;
    t->epochs = o->epochs;
    t->lr = o->lr;
    t->seed = o->seed;
    settle_training(o, t);
    settle_objective(o, t);
    return vv_architecture_settle(s->ctx, o, t);
}

bool vv_session_take(struct vv_session *s) {
    const bool resumed = s->options->resume != NULL;
    if (!(resumed ? settle_resumed(s) : settle_new(s)) || !open_data(s) || !settle_data(s)) return false;
    if (!resumed && !settle_text(s)) return false;
    if (!resumed) vv_architecture_fill(&s->settings);
    return vv_settings_check(s->ctx, &s->settings);
}
