#include "config.h"

#include "suggest.h"
#include "value.h"

#include <cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_FILE = 1 << 20 };

// JSON numbers are doubles: from 2^53 on not every whole number is one.
static const double first_inexact = 9007199254740992.0;

// A key of the file, as messages name it.
struct key {
    const cJSON *item;
    const struct cli_option *option;
    char name[320];  // FILE: "hidden":
};

static bool bad_file(struct cli_message *message, const char *path, const char *format, ...) {
    char text[256];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    (void)snprintf(message->text, sizeof message->text, "%.200s: %s", path, text);
    message->bad_file = true;
    return false;
}

// ---- The file as JSON ----

// Allocated, with a 0 behind it; NULL with the message set.
static char *read_file(const char *path, size_t *length, struct cli_message *message) {
    FILE *file = fopen(path, "rb");
    char *text = file ? malloc(LARGEST_FILE + 2) : NULL;
    errno = file ? ENOMEM : errno;
    if (text) {
        errno = 0;
        *length = fread(text, 1, LARGEST_FILE + 1, file);
        text[*length] = 0;
        if (!ferror(file) && *length <= LARGEST_FILE) {
            (void)fclose(file);
            return text;
        }
    }
    if (errno)
        (void)bad_file(message, path, "cannot be read: %s", strerror(errno));
    else
        (void)bad_file(message, path, "larger than 1 MiB, and so no configuration");
    free(text);
    if (file) (void)fclose(file);
    return NULL;
}

// Counted from 1; a character of UTF-8 is one column.
static void locate(const char *text, const char *at, unsigned *line, unsigned *column) {
    *line = *column = 1;
    for (; text < at; text++)
        if (*text == '\n')
            ++*line, *column = 1;
        else if (((unsigned char)*text & 0xc0) != 0x80)
            ++*column;
}

static cJSON *parse_file(const char *path, struct cli_message *message) {
    size_t length = 0;
    const char *end = NULL;
    unsigned line, column;
    char *text = read_file(path, &length, message);
    if (!text) return NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(text, length + 1, &end, true);
    const bool is_whole = json && strlen(text) == length;
    if (!is_whole) {
        locate(text, json || !end ? text + strlen(text) : end, &line, &column);
        (void)bad_file(message, path, "line %u, column %u: no valid JSON near here", line, column);
    } else if (!cJSON_IsObject(json)) {
        (void)bad_file(message, path, "expected a JSON object with options as keys");
    }
    free(text);
    if (is_whole && cJSON_IsObject(json)) return json;
    cJSON_Delete(json);
    return NULL;
}

// ---- From JSON into values ----

static void print_number(double number, char text[64]) {
    if (number == floor(number) && fabs(number) < 1e20) {
        (void)snprintf(text, 64, "%.0f", number);
        return;
    }
    (void)snprintf(text, 64, "%.15g", number);
    if (strtod(text, NULL) != number) (void)snprintf(text, 64, "%.17g", number);
}

static bool wrong_type(const struct key *key, struct cli_message *message) {
    char expected[200] = "";
    char *text = cJSON_PrintUnformatted(key->item);
    if (key->option->kind == CLI_FLAG)
        (void)snprintf(expected, sizeof expected, "true or false");
    else
        cli_value_expected(key->option, expected, sizeof expected);
    (void)snprintf(message->text, sizeof message->text, "%s %.60s: expected %s", key->name,
                   text ? text : "", *expected ? expected : "a text in quotes");
    cJSON_free(text);
    return false;
}

// [512, 256] as "512,256". One number too many is refused as such; what follows does not matter.
static bool set_list(const struct key *key, void *values, struct cli_message *message) {
    char text[64 * (CLI_MAX_ITEMS + 1)] = "";
    size_t used = 0, count = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, key->item) {
        char number[64];
        if (!cJSON_IsNumber(item)) return wrong_type(key, message);
        if (count++ > CLI_MAX_ITEMS) break;
        print_number(item->valuedouble, number);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? "," : "", number);
    }
    return cli_value_set(key->option, key->name, text, values, message);
}

static bool set_number(const struct key *key, void *values, struct cli_message *message) {
    char text[64];
    print_number(key->item->valuedouble, text);
    if (key->option->kind == CLI_WHOLE64 && fabs(key->item->valuedouble) >= first_inexact) {
        (void)snprintf(message->text, sizeof message->text,
                       "%s a number above 2^53 may lose digits in JSON; write it in quotes", key->name);
        return false;
    }
    return cli_value_set(key->option, key->name, text, values, message);
}

static bool set_key(const struct key *key, void *values, struct cli_message *message) {
    const enum cli_kind kind = key->option->kind;
    const bool numeric =
        kind == CLI_WHOLE32 || kind == CLI_WHOLE64 || kind == CLI_LIST || kind == CLI_REAL;
    if (kind == CLI_FLAG) {
        if (!cJSON_IsBool(key->item)) return wrong_type(key, message);
        *(bool *)((char *)values + key->option->offset) = cJSON_IsTrue(key->item);
        return true;
    }
    if (cJSON_IsString(key->item))
        return cli_value_set(key->option, key->name, key->item->valuestring, values, message);
    if (numeric && cJSON_IsNumber(key->item)) return set_number(key, values, message);
    if (kind == CLI_LIST && cJSON_IsArray(key->item)) return set_list(key, values, message);
    return wrong_type(key, message);
}

// ---- Keys ----

static bool unknown_key(const struct cli_arguments *a, const struct key *key,
                        struct cli_message *message) {
    const char *name = key->item->string;
    struct cli_suggestion best = {0};
    for (const struct cli_option *o = a->command->options; o->name; o++)
        if (o->kind != CLI_CONFIG) cli_suggest(&best, name, strlen(name), o->name);
    (void)snprintf(message->text, sizeof message->text, "%s no option of %s has this name%s%s%s",
                   key->name, a->command->name, best.name ? "; did you mean \"" : "",
                   best.name ? best.name : "", best.name ? "\"?" : "");
    return false;
}

static bool stands_before(const cJSON *object, const cJSON *item) {
    for (const cJSON *other = object->child; other != item; other = other->next)
        if (strcmp(other->string, item->string) == 0) return true;
    return false;
}

static bool read_key(struct cli_arguments *a, struct key *key, struct cli_message *message) {
    const char *name = key->item->string;
    (void)snprintf(key->name, sizeof key->name, "%.200s: \"%.60s\":", a->config, name);
    if (stands_before(a->file, key->item)) {
        (void)snprintf(message->text, sizeof message->text, "%s is there twice; leave one out",
                       key->name);
        return false;
    }
    if (strcmp(name, "record") == 0) return true;
    key->option = cli_find_option(a->command, name, strlen(name));
    if (!key->option || key->option->kind == CLI_HELP) return unknown_key(a, key, message);
    if (key->option->kind == CLI_CONFIG) {
        (void)snprintf(message->text, sizeof message->text,
                       "%s a configuration names no other; leave it out", key->name);
        return false;
    }
    if (!set_key(key, a->values, message)) return false;
    const uint64_t bit = UINT64_C(1) << (key->option - a->command->options);
    a->given |= bit;
    a->configured |= bit;
    return true;
}

bool cli_config_read(struct cli_arguments *a, struct cli_message *message) {
    a->file = parse_file(a->config, message);
    if (!a->file) return false;
    const cJSON *item;
    cJSON_ArrayForEach(item, a->file) {
        struct key key = {.item = item};
        if (!read_key(a, &key, message)) return false;
    }
    return true;
}

static const cJSON *recorded(const struct cli_arguments *a, const char *key) {
    const cJSON *record = cJSON_GetObjectItemCaseSensitive(a->file, "record");
    return cJSON_GetObjectItemCaseSensitive(record, key);
}

const char *cli_record_text(const struct cli_arguments *a, const char *key) {
    return cJSON_GetStringValue(recorded(a, key));
}

uint32_t cli_record_whole(const struct cli_arguments *a, const char *key) {
    const cJSON *item = recorded(a, key);
    const double value = cJSON_IsNumber(item) ? item->valuedouble : 0;
    return value > 0 && value <= UINT32_MAX ? (uint32_t)value : 0;
}
