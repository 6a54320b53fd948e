#include "settings.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "augment.h"
#include "dataset.h"
#include "schedule.h"

// One field of the settings, for writing and reading alike.
struct field {
    const char *key;
    size_t offset;
    // char[], uint32_t, uint32_t[VV_MAX_HIDDEN], double, uint64_t; a uint32_t that is true or not there,
    // uint32_t[2] as "HxW", double[2]
    enum { TEXT, WHOLE, LIST, REAL, WIDE, FLAG, SIZE, PAIR } kind;
    size_t size;         // in bytes
    double low, high;    // of WHOLE, LIST, REAL and SIZE
    const char *option;  // of the command line; NULL: none
    // Not written where it is as in `initial` or empty, and not missed where it is not there: runs of
    // version 0.1.0, and models that have no such thing, do not say it.
    bool is_optional;
    bool is_how;       // of vv_data_how: these have keys of their own
    bool is_training;  // left out where it is `usual`
    double usual;
    const char *usual_text;
};
#define AT(member)   offsetof(struct vv_settings, member)
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
static const struct field fields[] = {
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
    FIELD("height", height, WHOLE, 1, 65536, NULL),
    FIELD("width", width, WHOLE, 1, 65536, NULL),
    FIELD("channels", channels, WHOLE, 1, 4, NULL),
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
    FIELD("latent", latent, WHOLE, 1, 4096, "--latent"),
    FIELD("batch", batch, WHOLE, 1, 65536, "--batch"),
    FIELD("epochs", epochs, WHOLE, 1, 1000000, "--epochs"),
    FIELD("lr", lr, REAL, 1e-30, 100, "--lr"),
    FIELD("seed", seed, WIDE, 0, 0, "--seed"),
    TEXT_FIELD(kernels),
    OPTIONAL("tuning", tuning, TEXT, 0, 0),
};
static const size_t field_count = sizeof fields / sizeof *fields;

const struct vv_data_how vv_data_how_default = {.fit = "cover",
                                                .crop = "none",
                                                .background = "ffffff",
                                                .layout = "auto",
                                                .normalize = "none",
                                                .split = 0.9};

// What an optional field is where nothing is said.
static const unsigned char *initial_of(const struct field *f) {
    static const unsigned char nothing[4096];
    const unsigned char *how = (const unsigned char *)&vv_data_how_default;
    return f->is_how ? how + (f->offset - AT(how)) : nothing;
}

// A JSON number is a double, and the larger whole numbers are not all doubles: they are written as text.
static const uint64_t largest_number = (UINT64_C(1) << 53) - 1;

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
                                 .likelihood = given(s->likelihood)};
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

// What other models than mlp have none of.
static bool is_optional(const struct field *f, const struct vv_settings *s) {
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
    if (!is_optional(f, s)) return false;
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
    memcpy(s->stages, size->stage, sizeof s->stages);
    if (size->stages == 0) return;
    (void)snprintf(s->upsample, sizeof s->upsample, "%s", size->upsample);
    (void)snprintf(s->norm, sizeof s->norm, "%s", size->norm);
    s->blocks = size->blocks;
}

bool vv_settings_check(struct vv_context *ctx, const struct vv_settings *s) {
    for (size_t i = 0; i < field_count; i++)
        if (!check_field(ctx, s, &fields[i])) return false;
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
    struct vv_augment augment;
    return vv_augment_parse(ctx, s->augment, &augment);
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
    return value <= largest_number ? cJSON_CreateRaw(text) : cJSON_CreateString(text);
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

static bool add_field(cJSON *object, const struct vv_settings *s, const struct field *f) {
    return is_left_out(f, s) || cJSON_AddItemToObject(object, f->key, make_item(s, f));
}

bool vv_settings_add(cJSON *object, const struct vv_settings *s, const char *key) {
    for (size_t i = 0; i < field_count; i++)
        if (!fields[i].is_how && strcmp(fields[i].key, key) == 0)
            return add_field(object, s, &fields[i]);
    return false;
}

bool vv_settings_add_training(cJSON *object, const struct vv_settings *s) {
    bool ok = true;
    for (size_t i = 0; i < field_count; i++)
        if (fields[i].is_training) ok = ok && add_field(object, s, &fields[i]);
    return ok;
}

void vv_settings_usual(struct vv_settings *s) {
    for (size_t i = 0; i < field_count; i++) {
        const struct field *f = &fields[i];
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
    for (size_t i = 0; i < field_count; i++)
        if (fields[i].is_how) ok = ok && add_field(object, s, &fields[i]);
    return ok;
}

// Nothing, where all is as it is by default.
static bool add_nested(cJSON *object, const struct vv_settings *s) {
    cJSON *how = cJSON_CreateObject();
    const bool ok = how && vv_settings_add_how(how, s);
    if (ok && how->child) return cJSON_AddItemToObject(object, "how", how);
    cJSON_Delete(how);
    return ok;
}

char *vv_settings_print(struct vv_context *ctx, const struct vv_settings *s) {
    cJSON *object = cJSON_CreateObject();
    bool ok = object != NULL;
    for (size_t i = 0; i < field_count; i++)
        if (!fields[i].is_how) ok = ok && add_field(object, s, &fields[i]);
    ok = ok && add_nested(object, s);
    char *text = ok ? cJSON_PrintUnformatted(object) : NULL;
    cJSON_Delete(object);
    if (!text) (void)vv_fail(ctx, VV_FAILED, "out of memory for the settings; close other programs");
    return text;
}

static bool read_whole(const cJSON *item, const struct field *f, unsigned char *at) {
    if (!cJSON_IsNumber(item)) return false;
    const double value = item->valuedouble;
    if (!(value >= f->low && value <= f->high) || value != floor(value)) return false;
    const uint32_t whole = (uint32_t)value;
    memcpy(at, &whole, sizeof whole);
    return true;
}

static bool read_list(const cJSON *item, const struct field *f, unsigned char *at) {
    if (!cJSON_IsArray(item)) return read_whole(item, f, at);
    const int count = cJSON_GetArraySize(item);
    if (count < 1 || count > VV_MAX_HIDDEN) return false;
    for (int i = 0; i < count; i++)
        if (!read_whole(cJSON_GetArrayItem(item, i), f, at + (size_t)i * sizeof(uint32_t))) return false;
    return true;
}

static bool read_wide(const cJSON *item, unsigned char *at) {
    uint64_t value = 0;
    if (cJSON_IsNumber(item)) {
        const double number = item->valuedouble;
        if (!(number >= 0 && number <= (double)largest_number) || number != floor(number)) return false;
        value = (uint64_t)number;
    } else {
        const char *text = cJSON_IsString(item) ? item->valuestring : "";
        if (!*text || text[strspn(text, "0123456789")] || strlen(text) > 20) return false;
        errno = 0;
        value = strtoull(text, NULL, 10);
        if (errno) return false;
    }
    memcpy(at, &value, sizeof value);
    return true;
}

static bool read_text(const cJSON *item, const struct field *f, unsigned char *at) {
    if (!cJSON_IsString(item) || strlen(item->valuestring) >= f->size) return false;
    memcpy(at, item->valuestring, strlen(item->valuestring) + 1);
    return true;
}

static bool read_size(const cJSON *item, const struct field *f, unsigned char *at) {
    uint32_t size[2];
    int end = 0;
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    if (text[strspn(text, "0123456789x")] || strlen(text) > 11 ||
        sscanf(text, "%" SCNu32 "x%" SCNu32 "%n", &size[0], &size[1], &end) != 2 || text[end])
        return false;
    memcpy(at, size, sizeof size);
    return size[0] >= f->low && size[0] <= f->high && size[1] >= f->low && size[1] <= f->high;
}

static bool read_pair(const cJSON *item, unsigned char *at) {
    double pair[2];
    if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) != 2) return false;
    for (int i = 0; i < 2; i++) {
        const cJSON *number = cJSON_GetArrayItem(item, i);
        if (!cJSON_IsNumber(number)) return false;
        pair[i] = number->valuedouble;
    }
    memcpy(at, pair, sizeof pair);
    return pair[0] < pair[1];
}

static bool read_flag(const cJSON *item, unsigned char *at) {
    const uint32_t on = cJSON_IsTrue(item) ? 1 : 0;
    memcpy(at, &on, sizeof on);
    return cJSON_IsBool(item);
}

static bool read_field(const cJSON *item, const struct field *f, struct vv_settings *s) {
    unsigned char *at = (unsigned char *)s + f->offset;
    switch (f->kind) {
    case TEXT:
        return read_text(item, f, at);
    case WIDE:
        return read_wide(item, at);
    case LIST:
        return read_list(item, f, at);
    case SIZE:
        return read_size(item, f, at);
    case PAIR:
        return read_pair(item, at);
    case FLAG:
        return read_flag(item, at);
    case REAL:
        if (!cJSON_IsNumber(item)) return false;
        memcpy(at, &item->valuedouble, sizeof item->valuedouble);
        return item->valuedouble >= f->low && item->valuedouble <= f->high;
    default:
        return read_whole(item, f, at);
    }
}

// What was asked for stands in an object of its own, or among the options of a config.json.
static const cJSON *find_how(const cJSON *object, const char *key) {
    const cJSON *how = cJSON_GetObjectItemCaseSensitive(object, "how");
    if (how) return cJSON_GetObjectItemCaseSensitive(how, key);
    return cJSON_HasObjectItem(object, "record") ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

// Of a config.json, what the run found (record) goes before what was asked for.
static const cJSON *find_item(const cJSON *object, const struct field *f) {
    const char *key = f->key;
    if (f->is_how) return find_how(object, key);
    const cJSON *record = cJSON_GetObjectItemCaseSensitive(object, "record");
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(record, key);
    return item ? item : cJSON_GetObjectItemCaseSensitive(object, key);
}

// A config.json says the seed of a set that is drawn only (`data` comes before it).
static bool is_needless(const struct field *f, const struct vv_settings *s) {
    return is_optional(f, s) || (f->offset == AT(data_seed) && !vv_dataset_is_drawn(s->data));
}

static bool refuse_item(struct vv_context *ctx, const char *path, const char *key, const cJSON *item) {
    char *value = item ? cJSON_PrintUnformatted(item) : NULL;
    if (item)
        (void)vv_fail(ctx, VV_BAD_DATA,
                      "%s: the setting '%s' cannot be %.60s; restore it from a copy, or start again",
                      path, key, value ? value : "so long");
    else
        (void)vv_fail(ctx, VV_BAD_DATA,
                      "%s: the setting '%s' is missing; restore it from a copy, or start again", path,
                      key);
    cJSON_free(value);
    return false;
}

bool vv_settings_parse(struct vv_context *ctx, const char *path, const char *text,
                       struct vv_settings *s) {
    *s = (struct vv_settings){.how = vv_data_how_default};
    vv_settings_usual(s);
    cJSON *object = cJSON_Parse(text);
    bool ok = cJSON_IsObject(object);
    if (!ok)
        (void)vv_fail(
            ctx, VV_BAD_DATA,
            "%s: the settings in it are no JSON object; restore it from a copy, or start again", path);
    for (size_t i = 0; ok && i < field_count; i++) {
        // Of a set that is drawn a config.json has its sizes among the options.
        if (fields[i].is_how && vv_dataset_is_drawn(s->data)) continue;
        const cJSON *item = find_item(object, &fields[i]);
        ok = read_field(item, &fields[i], s) || (!item && is_needless(&fields[i], s)) ||
             refuse_item(ctx, path, fields[i].key, item);
    }
    cJSON_Delete(object);
    return ok;
}
