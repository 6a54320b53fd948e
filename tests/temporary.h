// For tests: a fresh folder under $TMPDIR with a context, removed whatever became of the test.
#ifndef VV_TESTS_TEMPORARY_H
#define VV_TESTS_TEMPORARY_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "context.h"
#include "tree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 512 };

struct temporary {
    struct vv_context ctx;
    char folder[PATH_ROOM / 2];
    char path[PATH_ROOM];  // what path_of wrote last
};

// The path of `name` in the folder; good until the next call.
static inline const char *path_of(struct temporary *t, const char *name) {
    int length = snprintf(t->path, sizeof t->path, "%s/%s", t->folder, name);
    assert_in_range(length, 1, sizeof t->path - 1);
    return t->path;
}

static inline int entries_in(const char *path) {
    int count = 0;
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    (void)closedir(folder);
    return count;
}

// cmocka's setup and teardown.
static inline int temporary_create(void **state) {
    const char *root = getenv("TMPDIR");
    struct temporary *t = calloc(1, sizeof *t);
    if (!t) return -1;
    vv_context_init(&t->ctx);
    (void)snprintf(t->folder, sizeof t->folder, "%s/vkvae-test-XXXXXX", root && *root ? root : "/tmp");
    if (!mkdtemp(t->folder)) {
        free(t);
        return -1;
    }
    *state = t;
    return 0;
}

static inline int temporary_remove(void **state) {
    struct temporary *t = *state;
    remove_tree(t->folder);
    free(t);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temporary_create, temporary_remove)

// The failure just recorded has this status, is one line, and contains each of the parts (NULL ends
// them). Clears it.
static inline void assert_failure(struct vv_context *ctx, enum vv_status status, ...) {
    assert_int_equal(ctx->status, status);
    assert_null(strchr(ctx->error, '\n'));
    va_list parts;
    va_start(parts, status);
    for (const char *part; (part = va_arg(parts, const char *)) != NULL;)
        if (!strstr(ctx->error, part)) fail_msg("'%s' is not in: %s", part, ctx->error);
    va_end(parts);
    vv_clear(ctx);
}

#endif
