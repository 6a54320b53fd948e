#include "settings.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"
#include "schedule.h"

// One field of the settings, for writing and reading alike.
struct field {
    const char *key;
    size_t offset;
    enum {
        TEXT,
        WHOLE,
        LIST,
        REAL,
        WIDE
    } kind;              // char[], uint32_t, uint32_t[VV_MAX_HIDDEN], double, uint64_t
    size_t size;         // of a TEXT
    double low, high;    // of WHOLE, LIST and REAL
    const char *option;  // of the command line; NULL: none
};
#define AT(member) offsetof(struct vv_settings, member)
#define TEXT_FIELD(member)                                                                              \
    { #member, AT(member), TEXT, sizeof((struct vv_settings *)0)->member, 0, 0, NULL }
static const struct field fields[] = {
    TEXT_FIELD(model),
    TEXT_FIELD(data),
    {"data-seed", AT(data_seed), WIDE, 0, 0, 0, "--data-seed"},
    {"height", AT(height), WHOLE, 0, 1, 65536, NULL},
    {"width", AT(width), WHOLE, 0, 1, 65536, NULL},
    {"channels", AT(channels), WHOLE, 0, 1, 4, NULL},
    {"train_count", AT(train_count), WHOLE, 0, 1, 4294967295.0, NULL},
    {"test_count", AT(test_count), WHOLE, 0, 1, 4294967295.0, NULL},
    {"data_checksum", AT(data_checksum), WHOLE, 0, 0, 4294967295.0, NULL},
    {"hidden", AT(hidden), LIST, 0, 1, 65536, "--hidden"},
    TEXT_FIELD(activation),
    {"latent", AT(latent), WHOLE, 0, 1, 4096, "--latent"},
    {"batch", AT(batch), WHOLE, 0, 1, 65536, "--batch"},
    {"epochs", AT(epochs), WHOLE, 0, 1, 1000000, "--epochs"},
    {"lr", AT(lr), REAL, 0, 1e-30, 100, "--lr"},
    {"seed", AT(seed), WIDE, 0, 0, 0, "--seed"},
    TEXT_FIELD(kernels),
    TEXT_FIELD(tuning),
};
static const size_t field_count = sizeof fields / sizeof *fields;

// A JSON number is a double, and the larger whole numbers are not all doubles: they are written as text.
static const uint64_t largest_number = (UINT64_C(1) << 53) - 1;

uint64_t vv_settings_pixels(const struct vv_settings *s) {
    return (uint64_t)s->height * s->width * s->channels;
}

static uint32_t numbers_in(const uint32_t list[VV_MAX_HIDDEN]) {
    uint32_t count = 0;
    while (count < VV_MAX_HIDDEN && list[count]) count++;
    return count;
}

static uint32_t layers_of(const struct vv_settings *s) {
    return numbers_in(s->hidden);
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
                                 .layers = layers_of(s),
                                 .activation = given(s->activation),
                                 .stages = numbers_in(s->stages),
                                 .upsample = given(s->upsample),
                                 .norm = given(s->norm),
                                 .blocks = s->blocks,
                                 .dropout = s->dropout};
    memcpy(size.hidden, s->hidden, sizeof size.hidden);
    memcpy(size.stage, s->stages, sizeof size.stage);
    return size;
}

// The value of a REAL, or of number i of a WHOLE or a LIST.
static double value_of(const struct vv_settings *s, const struct field *f, uint32_t i) {
    const unsigned char *at = (const unsigned char *)s + f->offset;
    if (f->kind == REAL) {
        double value;
        memcpy(&value, at, sizeof value);
        return value;
    }
    uint32_t value;
    memcpy(&value, at + i * sizeof value, sizeof value);
    return value;
}

static uint32_t values_in(const struct vv_settings *s, const struct field *f) {
    if (f->kind == TEXT || f->kind == WIDE) return 0;
    const uint32_t layers = layers_of(s);
    return f->kind == LIST && layers ? layers : 1;  // an empty list is a 0, and refused as one
}

static bool check_field(struct vv_context *ctx, const struct vv_settings *s, const struct field *f) {
    for (uint32_t i = 0; i < values_in(s, f); i++) {
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
    return true;
}

static bool add_number(cJSON *object, const struct vv_settings *s, const struct field *f) {
    char text[32];
    const double value = value_of(s, f, 0);
    (void)snprintf(text, sizeof text, "%.15g", value);  // 0.001, where that is exact
    if (strtod(text, NULL) != value) (void)snprintf(text, sizeof text, "%.17g", value);
    return cJSON_AddRawToObject(object, f->key, text);
}

// [512,256]; one width stands alone.
static bool add_list(cJSON *object, const struct vv_settings *s, const struct field *f) {
    const uint32_t count = values_in(s, f);
    if (count == 1) return add_number(object, s, f);
    cJSON *list = cJSON_AddArrayToObject(object, f->key);
    for (uint32_t i = 0; list && i < count; i++)
        if (!cJSON_AddItemToArray(list, cJSON_CreateNumber(value_of(s, f, i)))) return false;
    return list != NULL;
}

static bool add_wide(cJSON *object, const struct vv_settings *s, const struct field *f) {
    uint64_t value;
    char text[32];
    memcpy(&value, (const unsigned char *)s + f->offset, sizeof value);
    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    return value <= largest_number ? cJSON_AddRawToObject(object, f->key, text)
                                   : cJSON_AddStringToObject(object, f->key, text);
}

// Not said of a run that has none: files of version 0.1.0 did not know it.
static bool is_left_out(const struct field *f, const struct vv_settings *s) {
    return f->offset == AT(tuning) && !s->tuning[0];
}

static bool add_field(cJSON *object, const struct vv_settings *s, const struct field *f) {
    if (is_left_out(f, s)) return true;
    switch (f->kind) {
    case TEXT:
        return cJSON_AddStringToObject(object, f->key, (const char *)s + f->offset);
    case WIDE:
        return add_wide(object, s, f);
    case LIST:
        return add_list(object, s, f);
    default:
        return add_number(object, s, f);
    }
}

bool vv_settings_add(cJSON *object, const struct vv_settings *s, const char *key) {
    for (size_t i = 0; i < field_count; i++)
        if (strcmp(fields[i].key, key) == 0) return add_field(object, s, &fields[i]);
    return false;
}

char *vv_settings_print(struct vv_context *ctx, const struct vv_settings *s) {
    cJSON *object = cJSON_CreateObject();
    bool ok = object != NULL;
    for (size_t i = 0; i < field_count; i++) ok = ok && add_field(object, s, &fields[i]);
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

static bool read_field(const cJSON *item, const struct field *f, struct vv_settings *s) {
    unsigned char *at = (unsigned char *)s + f->offset;
    switch (f->kind) {
    case TEXT:
        if (!cJSON_IsString(item) || strlen(item->valuestring) >= f->size) return false;
        memcpy(at, item->valuestring, strlen(item->valuestring) + 1);
        return true;
    case WIDE:
        return read_wide(item, at);
    case LIST:
        return read_list(item, f, at);
    case REAL:
        if (!cJSON_IsNumber(item)) return false;
        memcpy(at, &item->valuedouble, sizeof item->valuedouble);
        return item->valuedouble >= f->low && item->valuedouble <= f->high;
    default:
        return read_whole(item, f, at);
    }
}

// Of a config.json, what the run found (record) goes before what was asked for.
static const cJSON *find_item(const cJSON *object, const char *key) {
    const cJSON *record = cJSON_GetObjectItemCaseSensitive(object, "record");
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(record, key);
    return item ? item : cJSON_GetObjectItemCaseSensitive(object, key);
}

// A config.json says the seed of a set that is drawn only (`data` comes before it).
static bool is_needless(const struct field *f, const struct vv_settings *s) {
    return is_left_out(f, s) || (f->offset == AT(data_seed) && !vv_dataset_is_drawn(s->data));
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
    *s = (struct vv_settings){0};
    cJSON *object = cJSON_Parse(text);
    bool ok = cJSON_IsObject(object);
    if (!ok)
        (void)vv_fail(
            ctx, VV_BAD_DATA,
            "%s: the settings in it are no JSON object; restore it from a copy, or start again", path);
    for (size_t i = 0; ok && i < field_count; i++) {
        const cJSON *item = find_item(object, fields[i].key);
        ok = read_field(item, &fields[i], s) || (!item && is_needless(&fields[i], s)) ||
             refuse_item(ctx, path, fields[i].key, item);
    }
    cJSON_Delete(object);
    return ok;
}
