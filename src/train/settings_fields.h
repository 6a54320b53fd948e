// The table of settings, for settings.c, which checks and writes them, and settings_read.c.
#ifndef VV_TRAIN_SETTINGS_FIELDS_H
#define VV_TRAIN_SETTINGS_FIELDS_H

#include <stddef.h>

#include "settings.h"

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
extern const struct field vv_settings_fields[];
extern const size_t vv_settings_field_count;
#define AT(member) offsetof(struct vv_settings, member)

// What other models than mlp have none of, too.
bool vv_field_is_optional(const struct field *f, const struct vv_settings *s);

// A JSON number is a double, and the larger whole numbers are not all doubles: they are written as text.
#define VV_LARGEST_NUMBER ((UINT64_C(1) << 53) - 1)

#endif
