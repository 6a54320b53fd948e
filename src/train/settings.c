#include "settings.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "augment.h"
#include "kl_schedule.h"
#include "likelihood.h"
#include "optimisation.h"
#include "schedule.h"
#include "settings_fields.h"

#define ROOM(member) sizeof((struct vv_settings *)0)->member
#define TEXT_FIELD(member)                                                                              \
    { #member, AT(member), TEXT, ROOM(member), 0, 0, NULL, false, false, false, 0, NULL }
#define FIELD(key, member, kind, low, high, option)                                                     \
    { key, AT(member), kind, ROOM(member), low, high, option, false, false, false, 0, NULL }
#define OPTIONAL(key, member, kind, low, high)                                                          \
    { key, AT(member), kind, ROOM(member), low, high, "--" key, true, false, false, 0, NULL }
#define HOW(key, member, kind, low, high)                                                               \
    { key, AT(how.member), kind, ROOM(how.member), low, high, "--" key, true, true, false, 0, NULL }
#define TRAINING(key, member, kind, low, high, usual)                                                   \
    { key, AT(member), kind, ROOM(member), low, high, "--" key, true, false, true, usual, NULL }
#define TRAINING_TEXT(key, member, usual)                                                               \
    { key, AT(member), TEXT, ROOM(member), 0, 0, "--" key, true, false, true, 0, usual }
const struct field vv_settings_fields[] = {
    TEXT_FIELD(model),
    TEXT_FIELD(data),
    FIELD("data-seed", data_seed, WIDE, 0, 0, "--data-seed"),
    HOW("size", size, SIZE, 1, 65536),
    HOW("channels", channels, WHOLE, 1, 3),
    HOW("fit", fit, TEXT, 0, 0),
    HOW("crop", crop, TEXT, 0, 0),
    HOW("background", background, TEXT, 0, 0),
    HOW("strict", strict, FLAG, 0, 1),
    HOW("layout", layout, TEXT, 0, 0),
    HOW("normalize", normalize, TEXT, 0, 0),
    HOW("range", range, PAIR, 0, 0),
    HOW("labels", labels, TEXT, 0, 0),
    HOW("test-data", test, TEXT, 0, 0),
    HOW("test-labels", test_labels, TEXT, 0, 0),
    HOW("split", split, REAL, 1e-6, 0.999999),
    HOW("limit", limit, WHOLE, 1, 4294967295.0),
    HOW("tokens", tokens, TEXT, 0, 0),
    HOW("length", length, WHOLE, 1, 4096),
    HOW("vocabulary", vocabulary, WHOLE, 3, 65536),
    OPTIONAL("classes", classes, TEXT, 0, 0),
    OPTIONAL("images", drawn[0], WHOLE, 1, 16777216),
    OPTIONAL("test-images", drawn[1], WHOLE, 1, 16777216),
    FIELD("height", height, WHOLE, 1, 65536, NULL),
    FIELD("width", width, WHOLE, 1, 65536, NULL),
    FIELD("channels", channels, WHOLE, 1, 4, NULL),
    {"token_count", AT(tokens), WHOLE, ROOM(tokens), 1, 65536, NULL, true, false, false, 0, NULL},
    FIELD("train_count", train_count, WHOLE, 1, 4294967295.0, NULL),
    FIELD("test_count", test_count, WHOLE, 1, 4294967295.0, NULL),
    FIELD("data_checksum", data_checksum, WHOLE, 0, 4294967295.0, NULL),
    FIELD("hidden", hidden, LIST, 1, 65536, "--hidden"),
    OPTIONAL("channels-list", stages, LIST, 1, 65536),
    OPTIONAL("upsample", upsample, TEXT, 0, 0),
    OPTIONAL("norm", norm, TEXT, 0, 0),
    OPTIONAL("blocks", blocks, WHOLE, 1, 8),
    OPTIONAL("dropout", dropout, REAL, 0, 0.99),
    TEXT_FIELD(activation),
    OPTIONAL("augment", augment, TEXT, 0, 0),
    TRAINING_TEXT("likelihood", likelihood, "bernoulli"),
    TRAINING_TEXT("sigma", sigma, ""),
    TRAINING_TEXT("objective", objective, "vae"),
    TRAINING("samples", samples, WHOLE, 0, 1000, 1),
    TRAINING("beta", beta, REAL, 0, 1e6, 1),
    TRAINING("kl-warmup", kl_warmup, WHOLE, 0, 4294967295.0, 0),
    TRAINING("kl-cycle", kl_cycle, WHOLE, 0, 4294967295.0, 0),
    TRAINING("free-bits", free_bits, REAL, 0, 1e4, 0),
    TRAINING("capacity", capacity, REAL, 0, 1e6, 0),
    TRAINING("capacity-steps", capacity_steps, WHOLE, 0, 4294967295.0, 10000),
    TRAINING("capacity-gamma", capacity_gamma, REAL, 0, 1e6, 1000),
    TRAINING_TEXT("binarize", binarize, "none"),
    TRAINING_TEXT("optimiser", optimiser, "adam"),
    TRAINING("momentum", momentum, REAL, 0, 0.9999, 0.9),
    TRAINING("weight-decay", weight_decay, REAL, 0, 100, 0.01),
    TRAINING_TEXT("lr-schedule", lr_schedule, "constant"),
    TRAINING("lr-warmup", lr_warmup, WHOLE, 1, 4294967295.0, 0),
    TRAINING("lr-step", lr_step, WHOLE, 1, 1000000, 0),
    TRAINING("lr-gamma", lr_gamma, REAL, 1e-6, 1, 0),
    TRAINING("lr-floor", lr_floor, REAL, 0, 100, 0),
    TRAINING("schedule-epochs", schedule_epochs, WHOLE, 1, 1000000, 0),
    TRAINING("clip", clip, REAL, 1e-30, 1e30, 0),
    TRAINING("ema", ema, REAL, 1e-6, 0.999999, 0),
    TRAINING("accumulate", accumulate, WHOLE, 0, 65536, 1),
    TRAINING("patience", patience, WHOLE, 1, 1000000, 0),
    TRAINING("keep-best", keep_best, FLAG, 0, 1, 0),
    TRAINING_TEXT("on-nan", on_nan, "stop"),
    TRAINING_TEXT("precision", precision, "fp32"),
    FIELD("latent", latent, WHOLE, 1, 4096, "--latent"),
    FIELD("batch", batch, WHOLE, 1, 65536, "--batch"),
    FIELD("epochs", epochs, WHOLE, 1, 1000000, "--epochs"),
    FIELD("lr", lr, REAL, 1e-30, 100, "--lr"),
    FIELD("seed", seed, WIDE, 0, 0, "--seed"),
    TEXT_FIELD(kernels),
    OPTIONAL("tuning", tuning, TEXT, 0, 0),
};
const size_t vv_settings_field_count = sizeof vv_settings_fields / sizeof *vv_settings_fields;

const struct vv_data_how vv_data_how_default = {.fit = "cover",
                                                .crop = "none",
                                                .background = "ffffff",
                                                .layout = "auto",
                                                .normalize = "none",
                                                .tokens = "none",
                                                .split = 0.9};

// What an optional field is where nothing is said.
static const unsigned char *initial_of(const struct field *f) {
    static const unsigned char nothing[4096];
    const unsigned char *how = (const unsigned char *)&vv_data_how_default;
    return f->is_how ? how + (f->offset - AT(how)) : nothing;
}

uint64_t vv_settings_pixels(const struct vv_settings *s) {
    return (uint64_t)s->height * s->width * s->channels;
}

static uint32_t items_of(const uint32_t list[VV_MAX_HIDDEN]) {
    uint32_t count = 0;
    while (count < VV_MAX_HIDDEN && list[count]) count++;
    return count;
}

static const char *given(const char *text) {
    return *text ? text : NULL;
}

struct vv_model_size vv_settings_model(const struct vv_settings *s) {
    struct vv_model_size size = {.pixels = (uint32_t)vv_settings_pixels(s),
                                 .latent = s->latent,
                                 .height = s->height,
                                 .width = s->width,
                                 .channels = s->channels,
                                 .layers = items_of(s->hidden),
                                 .activation = given(s->activation),
                                 .stages = items_of(s->stages),
                                 .upsample = given(s->upsample),
                                 .norm = given(s->norm),
                                 .blocks = s->blocks,
                                 .dropout = s->dropout,
                                 .likelihood = given(s->likelihood),
                                 .tokens = s->tokens};
    memcpy(size.sigma, s->sigma, sizeof size.sigma);
    memcpy(size.hidden, s->hidden, sizeof size.hidden);
    memcpy(size.stage, s->stages, sizeof size.stage);
    return size;
}

// The value of a REAL, of number i of a WHOLE, a LIST or a SIZE, or of one of a PAIR.
static double value_of(const struct vv_settings *s, const struct field *f, uint32_t i) {
    const unsigned char *at = (const unsigned char *)s + f->offset;
    if (f->kind == REAL || f->kind == PAIR) {
        double value;
        memcpy(&value, at + i * sizeof value, sizeof value);
        return value;
    }
    uint32_t value;
    memcpy(&value, at + i * sizeof value, sizeof value);
    return value;
}

// How many of them have to be in the field's range.
static uint32_t values_in(const struct vv_settings *s, const struct field *f) {
    if (f->kind == SIZE) return 2;
    if (f->kind == LIST) {
        uint32_t list[VV_MAX_HIDDEN];
        memcpy(list, (const unsigned char *)s + f->offset, sizeof list);
        const uint32_t items = items_of(list);
        return items ? items : 1;  // an empty list is a 0, and refused as one
    }
    return f->kind == WHOLE || f->kind == REAL;
}

bool vv_field_is_optional(const struct field *f, const struct vv_settings *s) {
    return f->is_optional || (f->offset == AT(hidden) && strcmp(s->model, "mlp") != 0);
}

static bool is_empty(const struct field *f, const unsigned char *at) {
    if (f->kind == TEXT) return !*at;
    for (size_t i = 0; i < f->size; i++)
        if (at[i]) return false;
    return true;
}

static bool is_left_out(const struct field *f, const struct vv_settings *s) {
    const unsigned char *at = (const unsigned char *)s + f->offset;
    if (!vv_field_is_optional(f, s)) return false;
    if (f->is_training && f->kind != TEXT) return value_of(s, f, 0) == f->usual;
    if (is_empty(f, at)) return true;
    if (f->is_training) return strcmp((const char *)at, f->usual_text) == 0;
    const unsigned char *usual = initial_of(f);
    return f->kind == TEXT ? strcmp((const char *)at, (const char *)usual) == 0
                           : memcmp(at, usual, f->size) == 0;
}

static bool check_field(struct vv_context *ctx, const struct vv_settings *s, const struct field *f) {
    for (uint32_t i = 0; !is_left_out(f, s) && i < values_in(s, f); i++) {
        const double value = value_of(s, f, i);
        if (value >= f->low && value <= f->high) continue;  // a NaN is refused too
        const char *name = f->option ? f->option : f->key;
        if (f->kind == REAL)
            return vv_fail(ctx, VV_USAGE, "%s %.10g: expected a number from %.10g to %.10g", name, value,
                           f->low, f->high);
        return vv_fail(ctx, VV_USAGE, "%s %.10g: expected a whole number from %.10g to %.10g", name,
                       value, f->low, f->high);
    }
    return true;
}

void vv_settings_settle(struct vv_settings *s, const struct vv_model_size *size) {
    (void)snprintf(s->activation, sizeof s->activation, "%s", size->activation);
    (void)snprintf(s->likelihood, sizeof s->likelihood, "%s", size->likelihood);
    memcpy(s->sigma, size->sigma, sizeof s->sigma);
    memcpy(s->stages, size->stage, sizeof s->stages);
    if (size->stages == 0) return;
    (void)snprintf(s->upsample, sizeof s->upsample, "%s", size->upsample);
    (void)snprintf(s->norm, sizeof s->norm, "%s", size->norm);
    s->blocks = size->blocks;
}

bool vv_settings_halve(const struct vv_settings *s) {
    return strcmp(s->precision, "fp16-storage") == 0;
}

enum vv_binarize_when vv_settings_binarize(const struct vv_settings *s) {
    static const char *const names[] = {"none", "static", "dynamic"};
    uint32_t when = VV_BINARIZE_NONE;
    while (*s->binarize && when < VV_BINARIZE_UNKNOWN && strcmp(s->binarize, names[when]) != 0) when++;
    return (enum vv_binarize_when)when;
}

double vv_settings_bits(const struct vv_settings *s) {
    const struct vv_likelihood *likelihood = vv_likelihood_find(given(s->likelihood));
    const bool discrete =
        likelihood && (likelihood->is_discrete ||
                       (likelihood->of_binary && vv_settings_binarize(s) != VV_BINARIZE_NONE));
    return discrete && !vv_is_autoencoder(s) ? 1 / ((double)vv_settings_pixels(s) * log(2)) : 0;
}

// Pixels that are 0 or 1 want a likelihood of such, and changes that leave them so.
static bool check_binarize(struct vv_context *ctx, const struct vv_settings *s) {
    struct vv_augment augment;
    const enum vv_binarize_when when = vv_settings_binarize(s);
    const struct vv_likelihood *likelihood = vv_likelihood_find(given(s->likelihood));
    if (!vv_augment_parse(ctx, s->augment, &augment)) return false;
    if (when == VV_BINARIZE_UNKNOWN)
        return vv_fail(ctx, VV_USAGE, "--binarize %s: expected none, static or dynamic", s->binarize);
    if (when != VV_BINARIZE_NONE && likelihood && !likelihood->of_binary)
        return vv_fail(ctx, VV_USAGE,
                       "--binarize %s makes pixels 0 or 1, and --likelihood %s is not for such; take "
                       "bernoulli",
                       s->binarize, likelihood->name);
    if (when == VV_BINARIZE_STATIC &&
        (augment.brightness > 0 || augment.contrast > 0 || augment.noise > 0))
        return vv_fail(ctx, VV_USAGE,
                       "--augment %s changes pixels that --binarize static made 0 or 1; take --binarize "
                       "dynamic, which draws behind it",
                       s->augment);
    return true;
}

bool vv_settings_check(struct vv_context *ctx, const struct vv_settings *s) {
    for (size_t i = 0; i < vv_settings_field_count; i++)
        if (!check_field(ctx, s, &vv_settings_fields[i])) return false;
    const uint64_t steps = (uint64_t)s->epochs * vv_schedule_steps(s->train_count, s->batch);
    if (steps >= UINT32_MAX)  // the noise is a function of a step number of 32 bits
        return vv_fail(
            ctx, VV_USAGE,
            "--epochs %u: %llu steps are too many, at most %u; take fewer or a larger --batch",
            s->epochs, (unsigned long long)steps, UINT32_MAX - 1);
    if (s->batch > s->train_count)
        return vv_fail(ctx, VV_USAGE,
                       "--batch %u is larger than the set, which has %u images; take --batch %u or less",
                       s->batch, s->train_count, s->train_count);
    if (*s->precision && strcmp(s->precision, "fp32") != 0 && !vv_settings_halve(s))
        return vv_fail(ctx, VV_USAGE, "--precision %s: expected fp32 or fp16-storage", s->precision);
    return check_binarize(ctx, s) && vv_kl_check(ctx, s) && vv_optimisation_check(ctx, s);
}

static cJSON *make_number(double value) {
    char text[32];
    (void)snprintf(text, sizeof text, "%.15g", value);  // 0.001, where that is exact
    if (strtod(text, NULL) != value) (void)snprintf(text, sizeof text, "%.17g", value);
    return cJSON_CreateRaw(text);
}

// [512,256]; one width stands alone.
static cJSON *make_list(const struct vv_settings *s, const struct field *f, uint32_t count) {
    cJSON *list = cJSON_CreateArray();
    for (uint32_t i = 0; list && i < count; i++)
        if (!cJSON_AddItemToArray(list, make_number(value_of(s, f, i)))) {
            cJSON_Delete(list);
            return NULL;
        }
    return list;
}

static cJSON *make_wide(const struct vv_settings *s, const struct field *f) {
    uint64_t value;
    char text[32];
    memcpy(&value, (const unsigned char *)s + f->offset, sizeof value);
    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    return value <= VV_LARGEST_NUMBER ? cJSON_CreateRaw(text) : cJSON_CreateString(text);
}

static cJSON *make_size(const struct vv_settings *s, const struct field *f) {
    char text[32];
    (void)snprintf(text, sizeof text, "%.0fx%.0f", value_of(s, f, 0), value_of(s, f, 1));
    return cJSON_CreateString(text);
}

static cJSON *make_item(const struct vv_settings *s, const struct field *f) {
    switch (f->kind) {
    case TEXT:
        return cJSON_CreateString((const char *)s + f->offset);
    case WIDE:
        return make_wide(s, f);
    case LIST:
        return values_in(s, f) == 1 ? make_number(value_of(s, f, 0)) : make_list(s, f, values_in(s, f));
    case PAIR:
        return make_list(s, f, 2);
    case SIZE:
        return make_size(s, f);
    case FLAG:
        return cJSON_CreateTrue();
    default:
        return make_number(value_of(s, f, 0));
    }
}

// Takes the item over, also where there is no memory for its key.
static bool add_item(cJSON *object, const char *key, cJSON *item) {
    const bool ok = cJSON_AddItemToObject(object, key, item);
    if (!ok) cJSON_Delete(item);
    return ok;
}

static bool add_field(cJSON *object, const struct vv_settings *s, const struct field *f) {
    return is_left_out(f, s) || add_item(object, f->key, make_item(s, f));
}

bool vv_settings_add(cJSON *object, const struct vv_settings *s, const char *key) {
    for (size_t i = 0; i < vv_settings_field_count; i++)
        if (!vv_settings_fields[i].is_how && strcmp(vv_settings_fields[i].key, key) == 0)
            return add_field(object, s, &vv_settings_fields[i]);
    return false;
}

bool vv_settings_add_training(cJSON *object, const struct vv_settings *s) {
    bool ok = true;
    for (size_t i = 0; i < vv_settings_field_count; i++)
        if (vv_settings_fields[i].is_training) ok = ok && add_field(object, s, &vv_settings_fields[i]);
    return ok;
}

void vv_settings_usual(struct vv_settings *s) {
    for (size_t i = 0; i < vv_settings_field_count; i++) {
        const struct field *f = &vv_settings_fields[i];
        unsigned char *at = (unsigned char *)s + f->offset;
        const uint32_t whole = (uint32_t)f->usual;
        if (!f->is_training) continue;
        if (f->kind == TEXT)
            memcpy(at, f->usual_text, strlen(f->usual_text) + 1);
        else if (f->kind == REAL)
            memcpy(at, &f->usual, sizeof f->usual);
        else
            memcpy(at, &whole, sizeof whole);
    }
}

bool vv_settings_add_how(cJSON *object, const struct vv_settings *s) {
    bool ok = true;
    for (size_t i = 0; i < vv_settings_field_count; i++)
        if (vv_settings_fields[i].is_how) ok = ok && add_field(object, s, &vv_settings_fields[i]);
    return ok;
}

// Nothing, where all is as it is by default.
static bool add_nested(cJSON *object, const struct vv_settings *s) {
    cJSON *how = cJSON_CreateObject();
    const bool ok = how && vv_settings_add_how(how, s);
    if (ok && how->child) return add_item(object, "how", how);
    cJSON_Delete(how);
    return ok;
}

char *vv_settings_print(struct vv_context *ctx, const struct vv_settings *s) {
    cJSON *object = cJSON_CreateObject();
    bool ok = object != NULL;
    for (size_t i = 0; i < vv_settings_field_count; i++)
        if (!vv_settings_fields[i].is_how) ok = ok && add_field(object, s, &vv_settings_fields[i]);
    ok = ok && add_nested(object, s);
    char *text = ok ? cJSON_PrintUnformatted(object) : NULL;
    cJSON_Delete(object);
    if (!text) (void)vv_fail(ctx, VV_FAILED, "out of memory for the settings; close other programs");
    return text;
}
