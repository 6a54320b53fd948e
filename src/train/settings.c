#include "settings.h"

#include <cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedule.h"

// One field of the settings, for writing and reading alike.
struct field {
    const char *key;
    size_t offset;
    enum {
        TEXT,
        WHOLE,
        REAL,
        WIDE
    } kind;              // char[], uint32_t, double, uint64_t (as text: JSON numbers are doubles)
    size_t size;         // of a TEXT
    double low, high;    // of WHOLE and REAL
    const char *option;  // of the command line; NULL: none
};
#define AT(member) offsetof(struct vv_settings, member)
#define TEXT_FIELD(member)                                                                              \
    { #member, AT(member), TEXT, sizeof((struct vv_settings *)0)->member, 0, 0, NULL }
static const struct field fields[] = {
    TEXT_FIELD(model),
    TEXT_FIELD(data),
    {"height", AT(height), WHOLE, 0, 1, 65536, NULL},
    {"width", AT(width), WHOLE, 0, 1, 65536, NULL},
    {"channels", AT(channels), WHOLE, 0, 1, 4, NULL},
    {"train_count", AT(train_count), WHOLE, 0, 1, 4294967295.0, NULL},
    {"test_count", AT(test_count), WHOLE, 0, 1, 4294967295.0, NULL},
    {"data_checksum", AT(data_checksum), WHOLE, 0, 0, 4294967295.0, NULL},
    {"hidden", AT(hidden), WHOLE, 0, 1, 65536, "--hidden"},
    {"latent", AT(latent), WHOLE, 0, 1, 4096, "--latent"},
    {"batch", AT(batch), WHOLE, 0, 1, 65536, "--batch"},
    {"epochs", AT(epochs), WHOLE, 0, 1, 1000000, "--epochs"},
    {"lr", AT(lr), REAL, 0, 1e-30, 100, "--lr"},
    {"seed", AT(seed), WIDE, 0, 0, 0, "--seed"},
    TEXT_FIELD(kernels),
};
static const size_t field_count = sizeof fields / sizeof *fields;

uint64_t vv_settings_pixels(const struct vv_settings *s) {
    return (uint64_t)s->height * s->width * s->channels;
}

static double value_of(const struct vv_settings *s, const struct field *f) {
    const unsigned char *at = (const unsigned char *)s + f->offset;
    if (f->kind == REAL) {
        double value;
        memcpy(&value, at, sizeof value);
        return value;
    }
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

bool vv_settings_check(struct vv_context *ctx, const struct vv_settings *s) {
    for (size_t i = 0; i < field_count; i++) {
        const struct field *f = &fields[i];
        if (f->kind == TEXT || f->kind == WIDE) continue;
        double value = value_of(s, f);
        if (!(value >= f->low && value <= f->high))  // a NaN is refused too
            return vv_fail(ctx, VV_USAGE, "%s %.10g: expected a%s number from %.10g to %.10g",
                           f->option ? f->option : f->key, value, f->kind == WHOLE ? " whole" : "",
                           f->low, f->high);
    }
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

static bool add_field(cJSON *object, const struct vv_settings *s, const struct field *f) {
    const unsigned char *at = (const unsigned char *)s + f->offset;
    char text[32];
    if (f->kind == TEXT) return cJSON_AddStringToObject(object, f->key, (const char *)at);
    if (f->kind == WIDE) {
        uint64_t value;
        memcpy(&value, at, sizeof value);
        (void)snprintf(text, sizeof text, "%" PRIu64, value);
        return cJSON_AddRawToObject(object, f->key, text);
    }
    (void)snprintf(text, sizeof text, "%.15g", value_of(s, f));  // 0.001, where that is exact
    if (strtod(text, NULL) != value_of(s, f)) (void)snprintf(text, sizeof text, "%.17g", value_of(s, f));
    return cJSON_AddRawToObject(object, f->key, text);
}

// What shapes a run too, but cannot be chosen yet.
static bool add_constants(cJSON *object) {
    return cJSON_AddStringToObject(object, "activation", "relu") &&
           cJSON_AddStringToObject(object, "likelihood", "bernoulli") &&
           cJSON_AddStringToObject(object, "optimiser", "adam") &&
           cJSON_AddNumberToObject(object, "beta1", VV_ADAM_BETA1) &&
           cJSON_AddNumberToObject(object, "beta2", VV_ADAM_BETA2) &&
           cJSON_AddNumberToObject(object, "epsilon", VV_ADAM_EPSILON);
}

char *vv_settings_print(struct vv_context *ctx, const struct vv_settings *s, const char *device,
                        const char *version, bool indented) {
    cJSON *object = cJSON_CreateObject();
    bool ok = object != NULL;
    if (version) ok = ok && cJSON_AddStringToObject(object, "version", version);
    for (size_t i = 0; i < field_count; i++) ok = ok && add_field(object, s, &fields[i]);
    ok = ok && add_constants(object);
    if (device) ok = ok && cJSON_AddStringToObject(object, "device", device);
    char *text = !ok ? NULL : indented ? cJSON_Print(object) : cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    if (!text) (void)vv_fail(ctx, VV_FAILED, "out of memory for the settings");
    return text;
}

static bool read_field(const cJSON *object, const struct field *f, struct vv_settings *s) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, f->key);
    unsigned char *at = (unsigned char *)s + f->offset;
    if (f->kind == TEXT) {
        if (!cJSON_IsString(item) || strlen(item->valuestring) >= f->size) return false;
        memcpy(at, item->valuestring, strlen(item->valuestring) + 1);
        return true;
    }
    if (!cJSON_IsNumber(item)) return false;
    double value = item->valuedouble;
    if (f->kind == REAL) {
        memcpy(at, &value, sizeof value);
        return value >= f->low && value <= f->high;
    }
    if (!(value >= f->low && value <= f->high) || value != floor(value)) return false;
    uint32_t whole = (uint32_t)value;
    memcpy(at, &whole, sizeof whole);
    return true;
}

// cJSON reads numbers as doubles; a seed may have 64 bits, so its digits are read from the text.
static bool read_wide(const char *text, const struct field *f, struct vv_settings *s) {
    char key[64];
    (void)snprintf(key, sizeof key, "\"%s\":", f->key);
    const char *at = strstr(text, key);
    if (!at) return false;
    at += strlen(key);
    at += strspn(at, " \t");
    if (*at < '0' || *at > '9') return false;
    uint64_t value = strtoull(at, NULL, 10);
    memcpy((unsigned char *)s + f->offset, &value, sizeof value);
    return true;
}

bool vv_settings_parse(struct vv_context *ctx, const char *path, const char *text,
                       struct vv_settings *s) {
    *s = (struct vv_settings){0};
    cJSON *object = cJSON_Parse(text);
    bool ok = cJSON_IsObject(object);
    if (!ok) (void)vv_fail(ctx, VV_BAD_DATA, "%s: the settings in it are no JSON object", path);
    for (size_t i = 0; ok && i < field_count; i++) {
        const struct field *f = &fields[i];
        ok = f->kind == WIDE ? read_wide(text, f, s) : read_field(object, f, s);
        if (!ok)
            (void)vv_fail(ctx, VV_BAD_DATA, "%s: the setting '%s' is missing or out of range", path,
                          f->key);
    }
    cJSON_Delete(object);
    return ok;
}
