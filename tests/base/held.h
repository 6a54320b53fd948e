// What a file of a temporary folder holds.
#ifndef VV_TESTS_BASE_HELD_H
#define VV_TESTS_BASE_HELD_H

#include "../temporary.h"

static inline void put(struct temporary *t, const char *name, const char *text) {
    FILE *file = fopen(path_of(t, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static inline void assert_holds(struct temporary *t, const char *name, const char *text) {
    char bytes[256] = "";
    FILE *file = fopen(path_of(t, name), "rb");
    if (!file) fail_msg("%s is not there", name);
    size_t got = fread(bytes, 1, sizeof bytes - 1, file);
    (void)fclose(file);
    bytes[got] = '\0';
    assert_string_equal(bytes, text);
}

#endif
