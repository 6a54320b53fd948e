#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"
#include "settings_fields.h"

enum { LONGEST = 1 << 20 };  // bytes of settings: more than a config.json may have

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
        if (!(number >= 0 && number <= (double)VV_LARGEST_NUMBER) || number != floor(number))
            return false;
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
    return vv_field_is_optional(f, s) || (f->offset == AT(data_seed) && !vv_dataset_is_drawn(s->data));
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
    errno = 0;
    cJSON *object = strlen(text) <= LONGEST ? cJSON_Parse(text) : NULL;
    bool ok = cJSON_IsObject(object);
    if (!object && errno == ENOMEM)
        (void)vv_fail(ctx, VV_FAILED, "%s: out of memory while it is read; close other programs", path);
    else if (!ok)
        (void)vv_fail(
            ctx, VV_BAD_DATA,
            "%s: the settings in it are no JSON object; restore it from a copy, or start again", path);
    for (size_t i = 0; ok && i < vv_settings_field_count; i++) {
        // Of a set that is drawn a config.json has its sizes among the options.
        if (vv_settings_fields[i].is_how && vv_dataset_is_drawn(s->data)) continue;
        const cJSON *item = find_item(object, &vv_settings_fields[i]);
        ok = read_field(item, &vv_settings_fields[i], s) ||
             (!item && is_needless(&vv_settings_fields[i], s)) ||
             refuse_item(ctx, path, vv_settings_fields[i].key, item);
    }
    cJSON_Delete(object);
    return ok;
}
