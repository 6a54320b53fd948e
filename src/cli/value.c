#include "value.h"

#include "suggest.h"
#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Decimal digits alone: strtoull would take " 7", "+7" and "-1".
static bool parse_whole(const char *text, uint64_t *number) {
    uint64_t n = 0;
    if (!*text) return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return false;
        unsigned digit = (unsigned)(*text - '0');
        if (n > (UINT64_MAX - digit) / 10) return false;
        n = n * 10 + digit;
    }
    *number = n;
    return true;
}

// strtod without its spaces, hexadecimals, infinities and NaNs.
static bool parse_real(const char *text, double *number) {
    char *end;
    if (!*text || text[strspn(text, "0123456789.eE+-")]) return false;
    *number = strtod(text, &end);
    return end != text && !*end && isfinite(*number);
}

// 4096, 512M: K, M and G are powers of 1024.
static bool parse_bytes(const char *text, uint64_t *number) {
    static const char units[] = "KMG";
    char digits[24];
    const size_t length = strspn(text, "0123456789");
    const char *unit = text[length] ? strchr(units, text[length]) : units;
    if (!unit || length >= sizeof digits || (text[length] && text[length + 1])) return false;
    memcpy(digits, text, length);
    digits[length] = 0;
    const unsigned shift = text[length] ? 10 * (unsigned)(unit - units + 1) : 0;
    if (!parse_whole(digits, number) || *number > UINT64_MAX >> shift) return false;
    *number <<= shift;
    return true;
}

static const char *find_choice(const struct cli_option *option, const char *text) {
    for (const char *const *choice = option->choices; *choice; choice++)
        if (strcmp(*choice, text) == 0) return *choice;
    return NULL;
}

static bool has_ending(const struct cli_option *option, const char *text) {
    for (const char *const *ending = option->choices; *ending; ending++)
        if (cli_ends_with(text, *ending)) return true;
    return false;
}

void cli_list_choices(const char *const *choices, char *text, size_t size) {
    size_t used = 0;
    text[0] = 0;
    for (const char *const *choice = choices; *choice && used < size; choice++) {
        const char *before = choice == choices ? "" : choice[1] ? ", " : " or ";
        used += (size_t)snprintf(text + used, size - used, "%s%s", before, *choice);
    }
}

void cli_value_expected(const struct cli_option *option, char *text, size_t size) {
    char list[160];
    text[0] = 0;
    if (option->choices) cli_list_choices(option->choices, list, sizeof list);
    if (option->kind == CLI_WHOLE32 || option->kind == CLI_WHOLE64)
        (void)snprintf(text, size, "a whole number from %" PRIu64 " to %" PRIu64, option->whole.min,
                       option->whole.max);
    else if (option->kind == CLI_LIST)
        (void)snprintf(text, size,
                       "whole numbers from %" PRIu64 " to %" PRIu64 ", with commas between, at most %u",
                       option->whole.min, option->whole.max, option->items);
    else if (option->kind == CLI_SIZE)
        (void)snprintf(text, size, "HEIGHTxWIDTH, each from %" PRIu64 " to %" PRIu64, option->whole.min,
                       option->whole.max);
    else if (option->kind == CLI_BYTES)
        (void)snprintf(text, size, "a number of bytes, with K, M or G behind it for larger ones");
    else if (option->kind == CLI_RANGE)
        (void)snprintf(text, size, "two numbers with a comma between, the lower one first");
    else if (option->kind == CLI_REAL)
        (void)snprintf(text, size, "a number from %g to %g", option->real.min, option->real.max);
    else if (option->kind == CLI_CHOICE)
        (void)snprintf(text, size, "%s", list);
    else if (option->kind == CLI_FILE)
        (void)snprintf(text, size, "a file name that ends in %s", list);
}

static void refuse(const struct cli_option *option, const char *name, const char *text,
                   struct cli_message *message) {
    char expected[200], shown[64];
    struct cli_suggestion best = {0};
    (void)snprintf(shown, sizeof shown, "%.60s%s", *text ? text : "''", strlen(text) > 60 ? "..." : "");
    cli_value_expected(option, expected, sizeof expected);
    if (option->kind == CLI_CHOICE)
        for (const char *const *choice = option->choices; *choice; choice++)
            cli_suggest(&best, text, strlen(text), *choice);
    (void)cli_refuse(message, "%s %s: expected %s", name, shown, expected);
    (void)cli_did_you_mean(message, "", best.name, "");
}

static bool set_whole(const struct cli_option *option, const char *text, void *field) {
    uint64_t number;
    if (!parse_whole(text, &number)) return false;
    if (number < option->whole.min || number > option->whole.max) return false;
    if (option->kind == CLI_WHOLE32)
        *(uint32_t *)field = (uint32_t)number;
    else
        *(uint64_t *)field = number;
    return true;
}

// Reads numbers with `between` between them into field[0..room); returns how many, 0 for anything else.
static uint32_t parse_numbers(const struct cli_option *option, const char *text, char between,
                              uint32_t *field, uint32_t room) {
    uint32_t count = 0;
    for (;;) {
        char digits[24];
        const size_t length = strspn(text, "0123456789");
        uint64_t number;
        if (count == room || length >= sizeof digits) return 0;
        memcpy(digits, text, length);
        digits[length] = 0;
        if (!parse_whole(digits, &number)) return 0;
        if (number < option->whole.min || number > option->whole.max) return 0;
        field[count++] = (uint32_t)number;
        text += length;
        if (!*text) return count;
        if (*text++ != between) return 0;
    }
}

static bool set_list(const struct cli_option *option, const char *text, uint32_t *field) {
    uint32_t numbers[CLI_MAX_ITEMS] = {0};
    if (!parse_numbers(option, text, ',', numbers, option->items)) return false;
    memcpy(field, numbers, option->items * sizeof *field);
    return true;
}

static bool set_size(const struct cli_option *option, const char *text, uint32_t *field) {
    uint32_t numbers[2];
    if (parse_numbers(option, text, 'x', numbers, 2) != 2) return false;
    memcpy(field, numbers, sizeof numbers);
    return true;
}

static bool set_bytes(const struct cli_option *option, const char *text, uint64_t *field) {
    uint64_t number;
    if (!parse_bytes(text, &number)) return false;
    if (number < option->whole.min || number > option->whole.max) return false;
    *field = number;
    return true;
}

static bool set_range(const char *text, double *field) {
    char first[64];
    double low, high;
    const char *comma = strchr(text, ',');
    if (!comma || (size_t)(comma - text) >= sizeof first) return false;
    memcpy(first, text, (size_t)(comma - text));
    first[comma - text] = 0;
    if (!parse_real(first, &low) || !parse_real(comma + 1, &high) || low >= high) return false;
    field[0] = low;
    field[1] = high;
    return true;
}

static bool set_real(const struct cli_option *option, const char *text, void *field) {
    double number;
    if (!parse_real(text, &number)) return false;
    if (number < option->real.min || number > option->real.max) return false;
    *(double *)field = number;
    return true;
}

bool cli_value_set(const struct cli_option *option, const char *name, const char *text, void *values,
                   struct cli_message *message) {
    void *field = (char *)values + option->offset;
    bool ok = true;
    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)field = true;
        break;
    case CLI_TEXT:
    case CLI_ASIDE:
    case CLI_CONFIG:
        if (text && !*text) return cli_refuse(message, "%s is empty; give it a value", name);
        if (option->kind != CLI_CONFIG) *(const char **)field = text ? text : "";
        break;
    case CLI_CHOICE:
        ok = find_choice(option, text) != NULL;
        if (ok) *(const char **)field = text;
        break;
    case CLI_FILE:
        ok = has_ending(option, text);
        if (ok) *(const char **)field = text;
        break;
    case CLI_WHOLE32:
    case CLI_WHOLE64:
        ok = set_whole(option, text, field);
        break;
    case CLI_LIST:
        ok = set_list(option, text, field);
        break;
    case CLI_SIZE:
        ok = set_size(option, text, field);
        break;
    case CLI_BYTES:
        ok = set_bytes(option, text, field);
        break;
    case CLI_REAL:
        ok = set_real(option, text, field);
        break;
    case CLI_RANGE:
        ok = set_range(text, field);
        break;
    case CLI_HELP:
        break;
    }
    if (!ok) refuse(option, name, text, message);
    return ok;
}

static void print_list(const uint32_t *numbers, uint32_t items, char *text, size_t size) {
    size_t used = 0;
    for (uint32_t i = 0; i < items && numbers[i] && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%" PRIu32, i ? "," : "", numbers[i]);
}

void cli_value_default(const struct cli_option *option, const void *values, char *text, size_t size) {
    const void *field = (const char *)values + option->offset;
    const char *unset = option->unset ? option->unset : "";
    uint64_t number = 0;
    text[0] = 0;
    switch (option->kind) {
    case CLI_FLAG:
    case CLI_ASIDE:
    case CLI_CONFIG:
    case CLI_HELP:
        break;
    case CLI_TEXT:
    case CLI_CHOICE:
    case CLI_FILE: {
        const char *value = *(const char *const *)field;
        (void)snprintf(text, size, "%s", value ? value : unset);
        break;
    }
    case CLI_WHOLE32:
    case CLI_WHOLE64:
    case CLI_BYTES:
        number = option->kind == CLI_WHOLE32 ? *(const uint32_t *)field : *(const uint64_t *)field;
        if (number == 0 && option->unset)
            (void)snprintf(text, size, "%s", unset);
        else
            (void)snprintf(text, size, "%" PRIu64, number);
        break;
    case CLI_LIST:
        print_list(field, option->items, text, size);
        if (!text[0]) (void)snprintf(text, size, "%s", unset);
        break;
    case CLI_SIZE:
        if (((const uint32_t *)field)[0] == 0)
            (void)snprintf(text, size, "%s", unset);
        else
            (void)snprintf(text, size, "%" PRIu32 "x%" PRIu32, ((const uint32_t *)field)[0],
                           ((const uint32_t *)field)[1]);
        break;
    case CLI_RANGE:
        (void)snprintf(text, size, "%s", unset);
        break;
    case CLI_REAL:
        if (*(const double *)field == 0 && option->unset)
            (void)snprintf(text, size, "%s", unset);
        else
            (void)snprintf(text, size, "%g", *(const double *)field);
        break;
    }
}

size_t cli_field_size(const struct cli_option *option) {
    switch (option->kind) {
    case CLI_FLAG:
        return sizeof(bool);
    case CLI_TEXT:
    case CLI_CHOICE:
    case CLI_FILE:
    case CLI_ASIDE:
        return sizeof(const char *);
    case CLI_WHOLE32:
        return sizeof(uint32_t);
    case CLI_WHOLE64:
    case CLI_BYTES:
        return sizeof(uint64_t);
    case CLI_LIST:
        return option->items * sizeof(uint32_t);
    case CLI_SIZE:
        return 2 * sizeof(uint32_t);
    case CLI_REAL:
        return sizeof(double);
    case CLI_RANGE:
        return 2 * sizeof(double);
    case CLI_CONFIG:
    case CLI_HELP:
        break;
    }
    return 0;
}
