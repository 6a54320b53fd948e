#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "file.h"
#include "grid.h"
#include "handle.h"
#include "how.h"
#include "idx.h"
#include "normalize.h"
#include "set.h"
#include "size.h"

void vkvae_data_defaults(vkvae_data_options *options) {
    *options = (vkvae_data_options){
        .shapes = vv_shapes_public(&vv_shapes_default), .reading = vv_reading_usual, .pictures = 64};
}

vkvae_shapes vv_shapes_public(const struct vv_shapes *s) {
    return (vkvae_shapes){.images = s->images,
                          .test_images = s->test_images,
                          .height = s->height,
                          .width = s->width,
                          .channels = s->channels,
                          .seed = s->seed};
}

struct vv_shapes vv_shapes_private(const vkvae_shapes *s) {
    return (struct vv_shapes){.images = s->images,
                              .test_images = s->test_images,
                              .height = s->height,
                              .width = s->width,
                              .channels = s->channels,
                              .seed = s->seed};
}

const char *vv_shapes_changed(const vkvae_shapes *s) {
    const struct vv_shapes *d = &vv_shapes_default;
    const struct {
        bool differs;
        const char *option;
    } fields[] = {{s->images != d->images, "--images"},
                  {s->test_images != d->test_images, "--test-images"},
                  {s->height != d->height || s->width != d->width, "--size"},
                  {s->channels != d->channels, "--channels"},
                  {s->seed != d->seed, "--data-seed"}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].differs) return fields[i].option;
    return NULL;
}

// Of a set that is drawn, what is said of size and channels as for files goes before.
static struct vv_shapes make_shapes(const vkvae_shapes *shapes, const vkvae_reading *reading) {
    struct vv_shapes s = vv_shapes_private(shapes);
    if (reading->height) s.height = reading->height;
    if (reading->width) s.width = reading->width;
    if (reading->channels) s.channels = reading->channels;
    return s;
}

bool vv_set_find(struct vv_context *ctx, const char *data, const vkvae_shapes *shapes,
                 const vkvae_reading *reading, struct vv_shapes *drawn, struct vv_dataset *set) {
    struct vv_reading checked;
    const char *option = vv_dataset_is_drawn(data) ? NULL : vv_shapes_changed(shapes);
    if (option)
        return vv_fail(ctx, VV_USAGE, "%s is for the built-in set shapes, not for %.200s; leave it out",
                       option, data);
    *drawn = make_shapes(shapes, reading);
    return vv_reading_check(ctx, reading, &checked) && vv_dataset_find(ctx, data, drawn, &checked, set);
}

bool vv_set_open(struct vv_context *ctx, const char *data, const vkvae_shapes *shapes,
                 const vkvae_reading *reading, struct vv_dataset *set) {
    struct vv_shapes drawn;
    if (vv_set_find(ctx, data, shapes, reading, &drawn, set) && vv_dataset_read(ctx, &drawn, set))
        return true;
    vv_dataset_finish(set);
    return false;
}

uint32_t vv_set_checksum(const struct vv_dataset *set) {
    uLong crc = crc32_z(0, vv_images_data(&set->train), vv_images_bytes(&set->train));
    const struct vv_vocabulary *v = &set->vocabulary;
    if (v->kind) crc = crc32_z(crc, (const unsigned char *)v->text, v->size);
    return (uint32_t)crc32_z(crc, vv_images_data(&set->test), vv_images_bytes(&set->test));
}

// times[label]: how many pictures have it. Returns how many that had none before get some.
static uint32_t count_labels(const struct vv_images *images, uint32_t times[VV_LABELS_MAX]) {
    uint32_t fresh = 0;
    for (uint32_t i = 0; images->labels && i < images->count; i++)
        fresh += times[images->labels[i]]++ == 0;
    return fresh;
}

uint32_t vv_set_classes(const struct vv_dataset *set) {
    uint32_t times[VV_LABELS_MAX] = {0};
    const uint32_t labels = count_labels(&set->train, times) + count_labels(&set->test, times);
    return set->class_count ? set->class_count : labels;
}

// ---- What a set holds ----

static void describe_pixels(const struct vv_images *images, vkvae_data_part *part) {
    const uint64_t bytes = vv_images_bytes(images);
    uint64_t times[256] = {0}, sum = 0;
    for (uint64_t i = 0; i < bytes; i++) times[images->pixels[i]]++;
    part->least = 255;
    for (uint32_t value = 0; value < 256; value++) {
        if (value < part->least && times[value]) part->least = value;
        if (times[value]) part->greatest = value;
        sum += times[value] * value;
    }
    part->mean = (double)sum / (double)bytes / 255;
    for (uint32_t value = 0; value < 256; value++) {
        const double away = value / 255.0 - part->mean;
        part->variance += (double)times[value] / (double)bytes * (away * away);
    }
}

// Least and greatest as the file has them.
static void describe_values(const struct vv_images *images, const struct vv_normalization *n,
                            vkvae_data_part *part) {
    const uint64_t count = vv_images_stride(images) * images->count;
    double sum = 0, squares = 0;
    part->least = INFINITY;
    part->greatest = -INFINITY;
    for (uint64_t i = 0; i < count; i++) {
        const double value = (double)images->values[i], given = vv_denormalize(n, i, value);
        part->least = fmin(part->least, given);
        part->greatest = fmax(part->greatest, given);
        sum += value;
    }
    part->mean = sum / (double)count;
    for (uint64_t i = 0; i < count; i++) {
        const double away = (double)images->values[i] - part->mean;
        squares += away * away;
    }
    part->variance = squares / (double)count;
}

static vkvae_data_part describe_part(const struct vv_dataset *set, const struct vv_images *images) {
    uint32_t times[VV_LABELS_MAX] = {0};
    vkvae_data_part part = {.count = images->count, .labels = count_labels(images, times)};
    if (images->values)
        describe_values(images, &set->normalization, &part);
    else
        describe_pixels(images, &part);
    return part;
}

// Those with a name, also where no picture is left of one; else the labels that there are.
static void describe_classes(const struct vv_dataset *set, vkvae_data_set *result) {
    uint32_t train[VV_LABELS_MAX] = {0}, test[VV_LABELS_MAX] = {0};
    uint32_t shown = 0;
    (void)count_labels(&set->train, train);
    (void)count_labels(&set->test, test);
    result->class_count = vv_set_classes(set);
    for (uint32_t i = 0; i < VV_LABELS_MAX && shown < VKVAE_MAX_CLASSES; i++) {
        vkvae_class *c = &result->classes[shown];
        if (set->classes ? i >= set->class_count : !train[i] && !test[i]) continue;
        *c = (vkvae_class){.train = train[i], .test = test[i]};
        if (set->classes)
            (void)snprintf(c->name, sizeof c->name, "%s", set->classes[i]);
        else
            (void)snprintf(c->name, sizeof c->name, "%u", i);
        shown++;
    }
}

static void describe_normalization(const struct vv_normalization *n, vkvae_data_set *result) {
    (void)snprintf(result->normalize, sizeof result->normalize, "%s", n->kind);
    result->ranges = n->count;
    for (uint32_t i = 0; i < n->count; i++) {
        const double low = (double)n->low[i], high = (double)n->high[i];
        result->low = i ? fmin(result->low, low) : low;
        result->high = i ? fmax(result->high, high) : high;
    }
}

static void describe_vocabulary(const struct vv_vocabulary *v, vkvae_vocabulary *result) {
    if (!v->kind) return;
    const uint32_t first = v->kind == VV_TOKENS_BAG ? 0 : VV_TOKEN_OTHERS, own = v->count - first;
    (void)snprintf(result->tokens, sizeof result->tokens, "%s", vv_tokens_names[v->kind]);
    result->count = v->count;
    result->others = v->different - own;
    result->all = v->all;
    result->beyond = v->beyond;
    result->clipped = v->clipped;
    result->cut = v->cut;
    result->frequent_count = own < VKVAE_MAX_FREQUENT ? own : VKVAE_MAX_FREQUENT;
    for (uint32_t i = 0; i < result->frequent_count; i++) {
        (void)snprintf(result->frequent[i].text, sizeof result->frequent[i].text, "%s",
                       v->token[first + i]);
        result->frequent[i].times = v->times[first + i];
    }
}

static void describe(const struct vv_dataset *set, vkvae_data_set *result) {
    const struct vv_images *train = &set->train;
    *result = (vkvae_data_set){.height = train->height,
                               .width = train->width,
                               .channels = train->channels,
                               .train = describe_part(set, train),
                               .test = describe_part(set, &set->test),
                               .checksum = vv_set_checksum(set),
                               .factors = train->factor_count,
                               .floats = train->values != NULL,
                               .skipped = set->skipped};
    describe_normalization(&set->normalization, result);
    describe_classes(set, result);
    describe_vocabulary(&set->vocabulary, &result->vocabulary);
    (void)snprintf(result->name, sizeof result->name, "%s", set->name);
    (void)snprintf(result->path, sizeof result->path, "%s", set->path ? set->path : "");
    // A file has no room for their names.
    for (uint32_t i = 0; !set->path && i < train->factor_count; i++)
        result->factor_names[i] = vv_shapes_factor_names[i];
}

// The first pictures to train on, about as many rows as columns, as large as fits a screen.
static bool write_pictures(struct vv_context *ctx, const vkvae_data_options *o,
                           const struct vv_images *images) {
    const uint32_t most = 4096, screen = 1000, pixels_max = 1U << 28;
    if (o->pictures < 1 || o->pictures > most)
        return vv_fail(ctx, VV_USAGE, "--count %u: expected a whole number from 1 to %u", o->pictures,
                       most);
    if (images->channels != 1 && images->channels != 3)
        return vv_fail(ctx, VV_USAGE,
                       "--out %s: pictures of %u channels cannot be drawn, only of 1 or 3; leave it out",
                       o->out, images->channels);
    const uint32_t count = o->pictures < images->count ? o->pictures : images->count;
    const uint64_t values = count * vv_images_stride(images);
    // What the grid would refuse, before memory is taken for it.
    if (values / images->channels > pixels_max)
        return vv_fail(ctx, VV_USAGE,
                       "--count %u: pictures of %ux%u make a grid of over 2^28 pixels; take fewer",
                       o->pictures, images->height, images->width);
    float *pixels = vv_alloc(ctx, values, sizeof *pixels);
    if (!pixels) return false;
    for (uint64_t i = 0; i < values; i++) pixels[i] = vv_images_value(images, i);
    const uint32_t columns = (uint32_t)ceil(sqrt((double)count));
    uint32_t scale = screen / (columns * (images->width + 2));
    scale = scale < 1 ? 1 : scale > 64 ? 64 : scale;
    const bool ok = vv_grid_write(ctx, o->out, pixels, count, images->height, images->width,
                                  images->channels, columns, scale);
    free(pixels);
    return ok;
}

vkvae_status vkvae_data_info(vkvae *v, const vkvae_data_options *options, vkvae_data_set *set) {
    struct vv_context *ctx = &v->ctx;
    struct vv_dataset opened = {0};
    vv_clear(ctx);
    bool ok = vv_set_open(ctx, options->data, &options->shapes, &options->reading, &opened);
    if (ok && set) describe(&opened, set);
    if (ok && options->out && opened.vocabulary.kind)
        ok = vv_fail(ctx, VV_USAGE, "--out %s: %.200s is text, which no picture shows; leave it out",
                     options->out, opened.name);
    if (ok && options->out) ok = write_pictures(ctx, options, &opened.train);
    vv_dataset_finish(&opened);
    return vv_result(ctx, ok);
}

// ---- A set in a folder ----

static bool check_folder(struct vv_context *ctx, const char *folder, bool force) {
    if (vv_path_exists(folder) && !vv_path_is_folder(folder))
        return vv_fail(ctx, VV_USAGE, "%s is not a folder; name another with --out", folder);
    bool full = false;
    if (!force && !vv_folder_has_entries(ctx, folder, &full)) return false;
    if (!full) return true;
    return vv_fail(ctx, VV_USAGE,
                   "%s is not empty: name another folder with --out, or write there all the same with "
                   "--force",
                   folder);
}

vkvae_status vkvae_data_write(vkvae *v, const vkvae_shapes *shapes, const char *folder, bool force) {
    struct vv_context *ctx = &v->ctx;
    struct vv_dataset set = {0};
    const struct vv_shapes drawn = vv_shapes_private(shapes);
    vv_clear(ctx);
    const bool ok = check_folder(ctx, folder, force) && vv_shapes_make(ctx, &drawn, &set) &&
                    vv_folder_create(ctx, folder) && vv_idx_remove_set(ctx, folder) &&
                    vv_idx_write_set(ctx, folder, &set);
    vv_dataset_finish(&set);
    return vv_result(ctx, ok);
}
