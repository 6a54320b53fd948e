#include "config.h"

#include "suggest.h"
#include "value.h"

#include <cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST_FILE = 1 << 20 };

// JSON numbers are doubles: from 2^53 on not every whole number is one.
static const double first_inexact = 9007199254740992.0;

// A key of the file, as messages name it.
struct key {
    const cJSON *item;
    const struct cli_option *option;
    const char *file;
    char name[320];  // FILE: "hidden":, before what is wrong with the option's value
};

// ---- The file as JSON ----

// Of what the file has, with a 0 behind it.
struct text {
    char bytes[LARGEST_FILE + 2];
    size_t length;
};

// NULL, and errno why. A pipe is as good as a file.
static FILE *open_file(const char *path) {
    int descriptor;
    do descriptor = open(path, O_RDONLY | O_CLOEXEC);
    while (descriptor < 0 && errno == EINTR);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "rb") : NULL;
    if (!file && descriptor >= 0) (void)close(descriptor);
    return file;
}

static bool read_file(const char *path, struct text *text, struct cli_message *message) {
    FILE *file = open_file(path);
    if (!file)
        return cli_refuse(message, "%.200s: cannot be opened (%s); check the path, and who may read it",
                          path, strerror(errno));
    text->length = fread(text->bytes, 1, LARGEST_FILE + 1, file);
    text->bytes[text->length] = 0;
    const bool failed = ferror(file);
    const int reason = errno;
    (void)fclose(file);
    if (failed)
        return cli_refuse(message, "%.200s: cannot be read (%s); name another file", path,
                          strerror(reason));
    if (text->length > LARGEST_FILE)
        return cli_refuse(
            message, "%.200s: has more than 1 MiB, and so is no configuration; name another file", path);
    return true;
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

// An escaped NUL, backslash u0000, which would end a text for us and not for its writer; NULL: none.
static const char *find_escaped_zero(const char *text) {
    for (; *text; text++) {
        if (*text != '\\') continue;
        if (strncmp(text + 1, "u0000", 5) == 0) return text;
        if (*++text == '\0') return NULL;
    }
    return NULL;
}

static cJSON *parse_file(const char *path, struct cli_message *message) {
    static struct text text;  // too large for the stack
    const char *bytes = text.bytes;
    unsigned line, column;
    if (!read_file(path, &text, message)) return NULL;
    const char *end = find_escaped_zero(bytes);
    cJSON *json = end ? NULL : cJSON_ParseWithLengthOpts(bytes, text.length + 1, &end, true);
    const bool is_whole = json && strlen(bytes) == text.length;
    if (!is_whole) {
        locate(bytes, json ? bytes + strlen(bytes) : end, &line, &column);
        (void)cli_refuse(message, "%.200s: line %u, column %u: no valid JSON near here; mend it", path,
                         line, column);
    } else if (!cJSON_IsObject(json)) {
        (void)cli_refuse(message,
                         "%.200s: expected a JSON object with options as keys, such as {\"epochs\": 2}",
                         path);
    }
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
    else if (key->option->kind == CLI_ASIDE)
        (void)snprintf(expected, sizeof expected, "true, false or a file's name");
    else
        cli_value_expected(key->option, expected, sizeof expected);
    (void)cli_refuse(message, "%s %.60s: expected %s", key->name, text ? text : "",
                     *expected ? expected : "a text in quotes");
    cJSON_free(text);
    return false;
}

// [512, 256] as "512,256". One number too many is refused as such; what follows does not matter.
static bool set_list(const struct key *key, void *values, struct cli_message *message) {
    char text[64 * (CLI_MAX_ITEMS + 1)] = "";
    size_t used = 0, count = 0;
    for (const cJSON *item = key->item->child; item; item = item->next) {
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
    if (key->option->kind == CLI_WHOLE64 && fabs(key->item->valuedouble) >= first_inexact)
        return cli_refuse(message,
                          "%.200s: \"%.60s\": %s may have lost digits, as numbers from 2^53 on do in "
                          "JSON; write it in quotes",
                          key->file, key->item->string, text);
    return cli_value_set(key->option, key->name, text, values, message);
}

static bool set_key(const struct key *key, void *values, struct cli_message *message) {
    const enum cli_kind kind = key->option->kind;
    const bool numeric = kind == CLI_WHOLE32 || kind == CLI_WHOLE64 || kind == CLI_LIST ||
                         kind == CLI_BYTES || kind == CLI_REAL;
    const bool list = kind == CLI_LIST || kind == CLI_RANGE;
    if (kind == CLI_FLAG) {
        if (!cJSON_IsBool(key->item)) return wrong_type(key, message);
        *(bool *)((char *)values + key->option->offset) = cJSON_IsTrue(key->item);
        return true;
    }
    if (kind == CLI_ASIDE && cJSON_IsBool(key->item)) {
        if (cJSON_IsTrue(key->item)) (void)cli_value_set(key->option, key->name, NULL, values, message);
        return true;
    }
    if (cJSON_IsString(key->item))
        return cli_value_set(key->option, key->name, key->item->valuestring, values, message);
    if (numeric && cJSON_IsNumber(key->item)) return set_number(key, values, message);
    if (list && cJSON_IsArray(key->item)) return set_list(key, values, message);
    return wrong_type(key, message);
}

// ---- Keys ----

static bool unknown_key(const struct cli_arguments *a, const struct key *key,
                        struct cli_message *message) {
    const char *name = key->item->string;
    struct cli_suggestion best = {0};
    for (const struct cli_option *o = a->command->options; o->name; o++)
        if (o->kind != CLI_CONFIG) cli_suggest(&best, name, strlen(name), o->name);
    (void)cli_refuse(message, "%.200s: \"%.60s\": no option of %s has this name", key->file, name,
                     a->command->name);
    return cli_did_you_mean(message, "\"", best.name, "\"");
}

static bool stands_before(const cJSON *object, const cJSON *item) {
    for (const cJSON *other = object->child; other != item; other = other->next)
        if (strcmp(other->string, item->string) == 0) return true;
    return false;
}

static bool read_key(struct cli_arguments *a, struct key *key, struct cli_message *message) {
    const char *name = key->item->string;
    (void)snprintf(key->name, sizeof key->name, "%.200s: \"%.60s\":", a->config, name);
    if (stands_before(a->file, key->item))
        return cli_refuse(message, "%.200s: \"%.60s\": is there twice; leave one out", key->file, name);
    if (strcmp(name, "record") == 0) return true;
    key->option = cli_find_option(a->command, name, strlen(name));
    if (!key->option || key->option->kind == CLI_HELP) return unknown_key(a, key, message);
    if (key->option->kind == CLI_CONFIG)
        return cli_refuse(message, "%.200s: \"%.60s\": a configuration names no other; leave it out",
                          key->file, name);
    if (!set_key(key, a->values, message)) return false;
    if (cJSON_IsFalse(key->item)) return true;  // as if it were not there
    const size_t number = (size_t)(key->option - a->command->options);
    cli_set_add(&a->given, number);
    cli_set_add(&a->configured, number);
    return true;
}

bool cli_config_read(struct cli_arguments *a, struct cli_message *message) {
    a->file = parse_file(a->config, message);
    message->bad_file = !a->file;
    if (!a->file) return false;
    const cJSON *item;
    cJSON_ArrayForEach(item, a->file) {
        struct key key = {.item = item, .file = a->config};
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
