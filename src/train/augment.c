#include "augment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// An item of the text: a word, or a word and a number.
struct item {
    const char *name;
    enum { WORD, WHOLE, REAL } kind;  // bool, uint32_t, float
    size_t offset;
    double low, high;
};
#define AT(member) offsetof(struct vv_augment, member)
static const struct item items[] = {
    {"flip", WORD, AT(flip), 0, 0},
    {"vflip", WORD, AT(vertical_flip), 0, 0},
    {"shift", WHOLE, AT(shift), 1, VV_AUGMENT_MAX_SHIFT},
    {"brightness", REAL, AT(brightness), 1e-6, 1},
    {"contrast", REAL, AT(contrast), 1e-6, 1},
    {"noise", REAL, AT(noise), 1e-6, 1},
};
enum { ITEMS = sizeof items / sizeof *items };

static double value_of(const struct vv_augment *augment, const struct item *item) {
    const unsigned char *at = (const unsigned char *)augment + item->offset;
    bool word;
    uint32_t whole;
    float real;
    switch (item->kind) {
    case WORD:
        memcpy(&word, at, sizeof word);
        return word;
    case WHOLE:
        memcpy(&whole, at, sizeof whole);
        return whole;
    default:
        memcpy(&real, at, sizeof real);
        return (double)real;
    }
}

static void set_value(struct vv_augment *augment, const struct item *item, double value) {
    unsigned char *at = (unsigned char *)augment + item->offset;
    const bool word = true;
    const uint32_t whole = (uint32_t)value;
    const float real = (float)value;
    switch (item->kind) {
    case WORD:
        memcpy(at, &word, sizeof word);
        break;
    case WHOLE:
        memcpy(at, &whole, sizeof whole);
        break;
    default:
        memcpy(at, &real, sizeof real);
    }
}

// The number behind "=": digits, and for a REAL a point and an exponent, as JSON has them.
static bool read_number(const char *text, size_t length, const struct item *item, double *value) {
    char number[32], *end;
    const char *allowed = item->kind == WHOLE ? "0123456789" : "0123456789.eE+-";
    if (length == 0 || length >= sizeof number || text[0] < '0' || text[0] > '9') return false;
    memcpy(number, text, length);
    number[length] = 0;
    if (number[strspn(number, allowed)]) return false;
    *value = strtod(number, &end);
    return !*end && *value >= item->low && *value <= item->high;
}

static bool refuse_number(struct vv_context *ctx, const char *text, int length,
                          const struct item *item) {
    if (item->kind == WORD)
        return vv_fail(ctx, VV_USAGE, "--augment %.*s: expected '%s' alone; leave the rest out", length,
                       text, item->name);
    return vv_fail(ctx, VV_USAGE, "--augment %.*s: expected '%s=' and a %s from %g to %g", length, text,
                   item->name, item->kind == WHOLE ? "whole number" : "number", item->low, item->high);
}

// One item, `length` characters long.
static bool parse_item(struct vv_context *ctx, const char *text, size_t length,
                       struct vv_augment *augment) {
    const char *equals = memchr(text, '=', length);
    const size_t name = equals ? (size_t)(equals - text) : length;
    const int shown = length > 64 ? 64 : (int)length;  // of what the message quotes
    for (size_t i = 0; i < ITEMS; i++) {
        const struct item *item = &items[i];
        double value = 1;
        if (strlen(item->name) != name || memcmp(text, item->name, name) != 0) continue;
        if (value_of(augment, item) != 0)
            return vv_fail(ctx, VV_USAGE, "--augment: '%s' is there twice; leave one out", item->name);
        const bool good = item->kind == WORD
                              ? !equals
                              : equals && read_number(equals + 1, length - name - 1, item, &value);
        if (!good) return refuse_number(ctx, text, shown, item);
        set_value(augment, item, value);
        return true;
    }
    return vv_fail(ctx, VV_USAGE,
                   "--augment: there is no '%.*s'; take some of flip, vflip, shift=N, brightness=X, "
                   "contrast=X and noise=X, with commas between",
                   shown, text);
}

bool vv_augment_parse(struct vv_context *ctx, const char *text, struct vv_augment *augment) {
    *augment = (struct vv_augment){.flip = false};
    for (const char *at = text; *text;) {
        const size_t length = strcspn(at, ",");
        if (!parse_item(ctx, at, length, augment)) return false;
        if (!at[length]) break;
        at += length + 1;
    }
    return true;
}

const char *vv_augment_print(const struct vv_augment *augment, char text[VV_AUGMENT_TEXT]) {
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        const double value = value_of(augment, &items[i]);
        char number[32] = "";
        if (value == 0) continue;
        if (items[i].kind != WORD) {
            (void)snprintf(number, sizeof number, "=%.6g", value);  // 0.1, where that is exact
            if (strtof(number + 1, NULL) != (float)value)
                (void)snprintf(number, sizeof number, "=%.9g", value);
        }
        used += (size_t)snprintf(text + used, VV_AUGMENT_TEXT - used, "%s%s%s", used ? "," : "",
                                 items[i].name, number);
    }
    return text;
}

bool vv_augment_is_none(const struct vv_augment *augment) {
    for (size_t i = 0; i < ITEMS; i++)
        if (value_of(augment, &items[i]) != 0) return false;
    return true;
}
