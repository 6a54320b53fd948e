#include "how.h"

#include <stdio.h>
#include <string.h>

#include "classes.h"
#include "file.h"
#include "place.h"

// Names in the order of the enumerations of data/reading.h; the first is the default.
static const char *const fits[] = {"cover", "contain", "stretch", NULL};
static const char *const crops[] = {"none", "center", NULL};
static const char *const layouts[] = {"auto", "nd", "nhw", "nhwc", "nchw", NULL};
static const char *const normalizations[] = {"none", "minmax", "standard", NULL};
static const char *const tokenings[] = {"none", "bag", "chars", "words", NULL};

const vkvae_reading vv_reading_usual = {.split = 0.9};

static bool is_said(const char *name, const char *usual) {
    return name && strcmp(name, usual) != 0;
}

// The index of a name; NULL means the first.
static bool find(struct vv_context *ctx, const char *option, const char *const *names, const char *name,
                 int *index) {
    char list[80] = "";
    size_t used = 0;
    for (*index = 0; names[*index]; ++*index) {
        if (!is_said(name, names[*index])) return true;
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", names[*index]);
    }
    return vv_fail(ctx, VV_USAGE, "%s %.40s: expected one of %s", option, name, list);
}

static bool find_names(struct vv_context *ctx, const vkvae_reading *from, struct vv_reading *to) {
    int fit, crop, layout, normalize, tokens;
    if (!find(ctx, "--fit", fits, from->fit, &fit) || !find(ctx, "--crop", crops, from->crop, &crop) ||
        !find(ctx, "--layout", layouts, from->layout, &layout) ||
        !find(ctx, "--normalize", normalizations, from->normalize, &normalize) ||
        !find(ctx, "--tokens", tokenings, from->tokens, &tokens))
        return false;
    to->fit = (enum vv_picture_fit)fit;
    to->crop = crop == 1;
    to->layout = (enum vv_array_layout)layout;
    to->normalize = (enum vv_normalize)normalize;
    to->tokens = (enum vv_tokens)tokens;
    return true;
}

static bool read_background(struct vv_context *ctx, const char *text, unsigned char background[3]) {
    if (!text) return true;
    unsigned rgb[3];
    if (strlen(text) != 6 || text[strspn(text, "0123456789abcdefABCDEF")] ||
        sscanf(text, "%2x%2x%2x", &rgb[0], &rgb[1], &rgb[2]) != 3)
        return vv_fail(ctx, VV_USAGE,
                       "--background %.20s: expected six hexadecimal digits, red, green and blue, such "
                       "as ffffff for white",
                       text);
    for (int i = 0; i < 3; i++) background[i] = (unsigned char)rgb[i];
    return true;
}

static bool check_sizes(struct vv_context *ctx, const vkvae_reading *r) {
    const uint32_t sides[2] = {r->height, r->width}, largest = 65536;
    for (int i = 0; i < 2 && (r->height || r->width); i++)
        if (sides[i] < 1 || sides[i] > largest)
            return vv_fail(ctx, VV_USAGE, "%s %u: expected a whole number from %u to %u", "--size",
                           sides[i], 1, largest);
    if (r->channels != 0 && r->channels != 1 && r->channels != 3)
        return vv_fail(ctx, VV_USAGE, "--channels %u: expected 1 (grey) or 3 (colour)", r->channels);
    return true;
}

// What remains is checked with the kind of files, once that is known.
static bool check_threads(struct vv_context *ctx, const vkvae_reading *r) {
    return r->threads <= 1024 || vv_fail(ctx, VV_USAGE, "%s %u: expected a whole number from %u to %u",
                                         "--threads", r->threads, 1, 1024);
}

static bool check_text(struct vv_context *ctx, const vkvae_reading *r) {
    const struct {
        const char *option;
        uint32_t value, least, most;
    } numbers[] = {{"--length", r->length, 1, 4096}, {"--vocabulary", r->vocabulary, 3, 65536}};
    for (size_t i = 0; i < 2; i++)
        if (numbers[i].value &&
            (numbers[i].value < numbers[i].least || numbers[i].value > numbers[i].most))
            return vv_fail(ctx, VV_USAGE, "%s %u: expected a whole number from %u to %u",
                           numbers[i].option, numbers[i].value, numbers[i].least, numbers[i].most);
    return true;
}

bool vv_reading_check(struct vv_context *ctx, const vkvae_reading *from, struct vv_reading *to) {
    *to = vv_reading_default;
    to->height = from->height;
    to->width = from->width;
    to->channels = from->channels;
    to->strict = from->strict;
    to->has_range = from->range[0] != 0 || from->range[1] != 0;
    memcpy(to->range, from->range, sizeof to->range);
    to->length = from->length;
    to->vocabulary = from->vocabulary;
    to->labels = from->labels;
    to->test = from->test;
    to->test_labels = from->test_labels;
    to->split = from->split;
    to->limit = from->limit;
    to->threads = from->threads;
    to->classes = from->classes;
    return (!from->classes || vv_classes_check(ctx, "--classes", from->classes)) &&
           check_sizes(ctx, from) && find_names(ctx, from, to) &&
           read_background(ctx, from->background, to->background) && check_threads(ctx, from) &&
           check_text(ctx, from);
}

// ---- What a run keeps ----

static void copy(char *to, size_t size, const char *name, const char *usual) {
    (void)snprintf(to, size, "%s", name ? name : usual);
}
#define COPY(member) copy(to->member, sizeof to->member, from->member, vv_data_how_default.member)

static bool ends_in(const char *text, const char *ending) {
    const size_t length = strlen(text), end = strlen(ending);
    return length > end && strcmp(text + length - end, ending) == 0;
}

// Of an .npz labels are the name of an array in it, and of a table they may be a column's.
static bool are_in_file(const char *data, const char *labels) {
    if (ends_in(data, ".npz")) return true;
    if (ends_in(data, ".npy")) return false;
    return !ends_in(labels, ".npy") && !ends_in(labels, ".csv") && !ends_in(labels, ".csv.gz");
}

static bool keep_labels(struct vv_context *ctx, const char *data, const char *labels, char kept[4096]) {
    copy(kept, 4096, labels, "");
    return !labels || are_in_file(data, labels) || vv_place_keep(ctx, labels, kept, 4096);
}

bool vv_reading_keep(struct vv_context *ctx, const vkvae_reading *from, const char *data,
                     struct vv_data_how *to) {
    *to = vv_data_how_default;
    to->size[0] = from->height;
    to->size[1] = from->width;
    to->channels = from->channels;
    COPY(fit);
    COPY(crop);
    COPY(background);
    COPY(layout);
    COPY(normalize);
    COPY(tokens);
    to->length = from->length;
    to->vocabulary = from->vocabulary;
    to->strict = from->strict;
    memcpy(to->range, from->range, sizeof to->range);
    to->split = from->split;
    to->limit = from->limit;
    const char *test = from->test ? from->test : data;
    return (!from->test || vv_place_keep(ctx, from->test, to->test, sizeof to->test)) &&
           keep_labels(ctx, data, from->labels, to->labels) &&
           keep_labels(ctx, test, from->test_labels, to->test_labels);
}

vkvae_reading vv_reading_kept(const struct vv_data_how *how) {
    vkvae_reading r = {.height = how->size[0],
                       .width = how->size[1],
                       .channels = how->channels,
                       .fit = how->fit,
                       .crop = how->crop,
                       .background = how->background,
                       .strict = how->strict != 0,
                       .layout = how->layout,
                       .normalize = how->normalize,
                       .tokens = how->tokens,
                       .length = how->length,
                       .vocabulary = how->vocabulary,
                       .labels = how->labels[0] ? how->labels : NULL,
                       .test = how->test[0] ? how->test : NULL,
                       .test_labels = how->test_labels[0] ? how->test_labels : NULL,
                       .split = how->split,
                       .limit = how->limit};
    memcpy(r.range, how->range, sizeof r.range);
    return r;
}

vkvae_shapes vv_shapes_kept(const struct vv_settings *s) {
    return (vkvae_shapes){.images = s->drawn[0] ? s->drawn[0] : s->train_count,
                          .test_images = s->drawn[1] ? s->drawn[1] : s->test_count,
                          .height = s->height,
                          .width = s->width,
                          .channels = s->channels,
                          .seed = s->data_seed};
}
