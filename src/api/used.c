#include "used.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "binarize.h"
#include "classes.h"
#include "clock.h"
#include "config.h"
#include "file.h"
#include "handle.h"
#include "how.h"
#include "kind.h"
#include "principal.h"
#include "set.h"
#include "weights.h"

#define TELL_SECONDS 0.2

static const char *const parts[] = {"train", "test", "all", NULL};

void vkvae_use_defaults(vkvae_use *use) {
    vkvae_data_options data;
    vkvae_data_defaults(&data);
    *use = (vkvae_use){.shapes = data.shapes, .reading = data.reading};
}

// ---- The run ----

// A run's config.json; a checkpoint alone has none, and can be used all the same.
static bool read_config(struct vv_used *u) {
    struct vv_config_record record;
    char *path = vv_path_join(u->ctx, u->use->run, "config.json");
    bool ok = path != NULL;
    u->configured = ok && vv_path_is_folder(u->use->run) && vv_path_exists(path);
    if (u->configured) ok = vv_config_read(u->ctx, path, &u->settings, &record);
    free(path);
    return ok;
}

static bool check_part(struct vv_context *ctx, const char *part) {
    for (size_t i = 0; part && parts[i]; i++)
        if (strcmp(part, parts[i]) == 0) return true;
    return !part || vv_fail(ctx, VV_USAGE, "--part %.40s: expected train, test or all", part);
}

bool vv_used_begin(struct vv_used *u, struct vv_context *ctx, const vkvae_use *use) {
    *u = (struct vv_used){.ctx = ctx, .use = use};
    vv_store_init(&u->store, ctx);
    if (!use->run)
        return vv_fail(ctx, VV_USAGE, "no run given: name a run's folder or a checkpoint file");
    if (!check_part(ctx, use->part)) return false;
    bool ok;
    free(vv_weights_read(ctx, use->run, &u->run, &ok));
    return ok && read_config(u);
}

bool vv_used_need_pictures(const struct vv_used *u, const char *what) {
    return u->run.vocabulary.kind == VV_TOKENS_NONE ||
           vv_fail(u->ctx, VV_USAGE, "%s is for pictures, and %.200s is of text; name another run", what,
                   u->use->run);
}

bool vv_used_check_components(const struct vv_used *u) {
    const uint32_t latent = u->run.model.size.latent;
    return latent <= VV_PRINCIPAL_MOST ||
           vv_fail(u->ctx, VV_USAGE,
                   "%.200s: has %u latent numbers, and components are looked for of %d at most; name "
                   "another run",
                   u->use->run, latent, VV_PRINCIPAL_MOST);
}

bool vv_check_whole(struct vv_context *ctx, const char *option, uint32_t value, uint32_t least,
                    uint32_t most) {
    return (value >= least && value <= most) ||
           vv_fail(ctx, VV_USAGE, "%s %u: expected a whole number from %u to %u", option, value, least,
                   most);
}

// ---- The set ----

// The option of something said that the run has settled; NULL: there is none.
static const char *settled(const vkvae_reading *r) {
    const vkvae_reading *d = &vv_reading_usual;
    const struct {
        bool said;
        const char *option;
    } options[] = {{r->height || r->width, "--size"},
                   {r->channels != 0, "--channels"},
                   {r->fit != NULL, "--fit"},
                   {r->crop != NULL, "--crop"},
                   {r->background != NULL, "--background"},
                   {r->strict, "--strict"},
                   {r->layout != NULL, "--layout"},
                   {r->normalize != NULL, "--normalize"},
                   {r->range[0] != 0 || r->range[1] != 0, "--range"},
                   {r->tokens != NULL, "--tokens"},
                   {r->length != 0, "--length"},
                   {r->vocabulary != 0, "--vocabulary"},
                   {r->split < d->split || r->split > d->split, "--split"}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].said) return options[i].option;
    return NULL;
}

// said: by the user.
static bool load_own(struct vv_used *u, const vkvae_reading *said) {
    const char *source = u->settings.data, *option = settled(said);
    if (!u->configured)
        return vv_fail(u->ctx, VV_USAGE,
                       "%.200s is a checkpoint alone, which knows no set; name pictures with --data",
                       u->use->run);
    if (strcmp(source, "memory") == 0)
        return vv_fail(
            u->ctx, VV_USAGE,
            "the run in %.200s was trained on pictures from memory; name pictures with --data",
            u->use->run);
    if (option)
        return vv_fail(u->ctx, VV_USAGE,
                       "%s: the set of %.200s is read as it was when the run was trained; leave it out, "
                       "or name a set with --data",
                       option, u->use->run);
    const struct vv_settings *s = &u->settings;
    const vkvae_shapes shapes = vv_shapes_kept(s);
    const bool drawn = vv_dataset_is_drawn(source);
    vkvae_reading reading = drawn ? vv_reading_usual : vv_reading_kept(&s->how);
    if (!u->every_class) reading.classes = s->classes[0] ? s->classes : NULL;
    if (said->classes) reading.classes = said->classes;
    if (said->labels) reading.labels = said->labels;
    if (said->test) reading.test = said->test;
    if (said->test_labels) reading.test_labels = said->test_labels;
    reading.threads = said->threads;
    u->own = true;
    return vv_set_open(u->ctx, source, drawn ? &shapes : &u->use->shapes, &reading, &u->set);
}

// What is not said of a folder of pictures, or of the set that is drawn, is the model's.
static void take_size(const struct vv_used *u, bool pictures, struct vv_shapes *shapes,
                      struct vv_reading *reading) {
    const struct vv_model_size *size = &u->run.model.size;
    const vkvae_reading *said = &u->use->reading;
    const bool sized = said->height || said->width;
    shapes->height = sized ? said->height : size->height;
    shapes->width = sized ? said->width : size->width;
    shapes->channels = said->channels ? said->channels : size->channels;
    if (!pictures) return;
    if (!sized) reading->height = size->height;
    if (!sized) reading->width = size->width;
    if (!said->channels) reading->channels = size->channels;
}

// Whether it is a folder of PNG and JPEG files: what can be brought to a size.
static bool is_of_pictures(struct vv_context *ctx, const char *source, bool *pictures) {
    struct vv_arena arena;
    const struct vv_kind *kind = NULL;
    *pictures = false;
    if (!vv_path_is_folder(source)) return true;
    vv_arena_init(&arena, ctx);
    const bool ok = vv_kind_find(&arena, source, &kind);
    *pictures = ok && vv_kind_is_pictures(kind);
    vv_arena_finish(&arena);
    return ok;
}

static bool load_other(struct vv_used *u) {
    const vkvae_use *use = u->use;
    struct vv_shapes shapes = vv_shapes_private(&use->shapes);
    struct vv_reading reading;
    bool pictures;
    const bool drawn = vv_dataset_is_drawn(use->data);
    const char *option = drawn ? NULL : vv_shapes_changed(&use->shapes);
    if (option)
        return vv_fail(u->ctx, VV_USAGE,
                       "%s is for the built-in set shapes, not for %.200s; leave it out", option,
                       use->data);
    if (!vv_reading_check(u->ctx, &use->reading, &reading) ||
        !is_of_pictures(u->ctx, use->data, &pictures))
        return false;
    take_size(u, pictures, &shapes, &reading);
    reading.whole = !use->part || strcmp(use->part, "all") == 0;
    reading.as = &u->run.normalization;
    return vv_dataset_find(u->ctx, use->data, &shapes, &reading, &u->set) &&
           vv_dataset_read(u->ctx, &shapes, &u->set);
}

// A set of text is one of other numbers where its words are not the model's.
static bool check_words(const struct vv_used *u) {
    const struct vv_vocabulary *a = &u->run.vocabulary, *b = &u->set.vocabulary;
    const bool same = a->kind == b->kind && a->count == b->count && a->size == b->size &&
                      (!a->size || memcmp(a->text, b->text, a->size) == 0);
    return same || vv_fail(u->ctx, VV_BAD_DATA,
                           "%.200s: has another vocabulary than %.200s; name the set it was trained on",
                           u->set.name, u->use->run);
}

static bool check_set(const struct vv_used *u) {
    const struct vv_model_size *size = &u->run.model.size;
    const struct vv_images *images = u->set.train.count ? &u->set.train : &u->set.test;
    if (!check_words(u)) return false;
    if (images->height == size->height && images->width == size->width &&
        images->channels == size->channels)
        return true;
    return vv_fail(u->ctx, VV_BAD_DATA,
                   "%.200s: holds pictures of %ux%u with %u channels, and %.200s is for %ux%u with %u; "
                   "name a set of such",
                   u->set.name, images->height, images->width, images->channels, u->use->run,
                   size->height, size->width, size->channels);
}

bool vv_used_choose(struct vv_used *u, const char *part) {
    const struct vv_images *train = &u->set.train, *test = &u->set.test;
    const uint32_t limit = u->use->reading.limit;
    const bool tests = part ? strcmp(part, "test") == 0 : u->own || test->count;
    const bool trains = part ? strcmp(part, "train") == 0 : !tests;
    const struct vv_used_part halves[] = {{train, tests ? 0 : train->count, 0},
                                          {test, trains ? 0 : test->count, 1}};
    memcpy(u->part, halves, sizeof halves);
    u->count = halves[0].count + halves[1].count;
    if (limit && limit < u->part[0].count) u->part[0].count = limit;
    if (limit && limit < u->count) {
        u->part[1].count = limit - u->part[0].count;
        u->count = limit;
    }
    return u->count || vv_fail(u->ctx, VV_BAD_DATA,
                               "%.200s: has no picture in its part '%s'; name "
                               "another with --part",
                               u->set.name, part ? part : "test");
}

bool vv_used_load(struct vv_used *u) {
    return (u->use->data ? load_other(u) : load_own(u, &u->use->reading)) && check_set(u) &&
           vv_used_choose(u, u->use->part);
}

// Says what the threshold is for, where the set that it is of cannot be read.
static bool fail_turn(struct vv_used *u) {
    char why[sizeof u->ctx->error];
    memcpy(why, u->ctx->error, sizeof why);
    vv_clear(u->ctx);
    return vv_fail(u->ctx, VV_BAD_DATA,
                   "what %.200s was trained on, which gives the threshold, cannot be read; give it with "
                   "--threshold (%s)",
                   u->use->run, why);
}

// Reads what it was trained on.
static bool read_training(struct vv_used *u) {
    vkvae_reading usual = vv_reading_usual;
    usual.threads = u->use->reading.threads;
    vv_dataset_finish(&u->set);
    u->every_class = false;
    return (load_own(u, &usual) && check_set(u)) || (u->ctx->status == VV_BAD_DATA && fail_turn(u));
}

bool vv_used_turn(struct vv_used *u, uint32_t limit) {
    const char *classes = u->settings.classes;
    struct vv_images *train = &u->set.train;
    if (!u->configured || strcmp(u->settings.data, "memory") == 0)
        return vv_fail(u->ctx, VV_USAGE,
                       "%.200s knows no set that it was trained on, which gives the threshold; give it "
                       "with --threshold",
                       u->use->run);
    if (!u->own || !u->every_class || u->use->reading.classes) {
        if (!read_training(u)) return false;
    } else if (*classes) {
        struct vv_classes kept;
        if (!vv_classes_find(u->ctx, &u->set, "--classes", classes, &kept) ||
            !vv_classes_keep(u->ctx, &kept, train))
            return false;
    }
    u->count = limit < train->count ? limit : train->count;
    u->part[0] = (struct vv_used_part){train, u->count, 0};
    u->part[1] = (struct vv_used_part){.images = &u->set.test, .half = 1};
    return true;
}

// ---- Pictures ----

// Fills x with pictures first .. first + count - 1 of one part.
static void fill(const struct vv_used *u, const struct vv_used_part *part, uint32_t first,
                 uint32_t count, float *x) {
    const uint32_t pixels = u->run.model.size.pixels;
    const struct vv_binarize draw = {.on = u->configured &&
                                           vv_settings_binarize(&u->settings) != VV_BINARIZE_NONE,
                                     .seed = u->settings.seed,
                                     .half = part->half};
    for (uint32_t i = 0; i < count; i++, x += pixels) {
        const uint64_t at = (uint64_t)(first + i) * pixels;
        for (uint32_t k = 0; k < pixels; k++) x[k] = vv_images_value(part->images, at + k);
        if (draw.on) vv_binarize_floats(&draw, first + i, x, x, pixels);
    }
}

void vv_used_pictures(const struct vv_used *u, uint32_t first, uint32_t count, float *x) {
    const uint32_t split = u->part[0].count;
    const uint32_t before = first >= split ? 0 : split - first < count ? split - first : count;
    const uint32_t pixels = u->run.model.size.pixels;
    fill(u, &u->part[0], first, before, x);
    fill(u, &u->part[1], first + before - split, count - before, x + (uint64_t)before * pixels);
}

bool vv_used_has_labels(const struct vv_used *u) {
    for (int i = 0; i < 2; i++)
        if (u->part[i].count && !u->part[i].images->labels) return false;
    return true;
}

uint32_t vv_used_label(const struct vv_used *u, uint32_t i) {
    const uint32_t split = u->part[0].count;
    return i < split ? u->part[0].images->labels[i] : u->part[1].images->labels[i - split];
}

void vv_used_class(const struct vv_used *u, uint32_t label, char text[64]) {
    if (label < u->set.class_count && u->set.classes)
        (void)snprintf(text, 64, "%s", u->set.classes[label]);
    else
        (void)snprintf(text, 64, "%u", label);
}

// ---- The device ----

bool vv_weights_write(struct vv_exec *exec, const struct vv_checkpoint *run,
                      const struct vv_weights *weights) {
    const struct vv_state *params = weights->params, *running = weights->running;
    return vv_exec_write(exec, params, 0, run->params, params->bytes) &&
           (!running || vv_exec_write(exec, running, 0, run->running, running->bytes));
}

bool vv_used_open(struct vv_used *u) {
    u->exec = vv_open_device(&u->store, &u->use->device, NULL);
    return u->exec && vv_weights_add(u->exec->store, &u->run.model, &u->weights) &&
           vv_exec_realize(u->exec) && vv_weights_write(u->exec, &u->run, &u->weights);
}

void vv_used_finish(struct vv_used *u) {
    vv_exec_destroy(u->exec);
    vv_store_finish(&u->store);
    vv_dataset_finish(&u->set);
    vv_checkpoint_finish(&u->run);
    *u = (struct vv_used){0};
}

void vv_used_tell(struct vv_used *u, uint64_t done, uint64_t all) {
    const double now = vv_now();
    if (!u->use->on_progress || (done < all && now - u->told < TELL_SECONDS)) return;
    u->told = now;
    u->use->on_progress(u->use->user, done, all);
}
