// Folders of tiny PNG, whose pixels tell them apart, and what opens them.
#ifndef VV_TESTS_DATA_FOLDER_PICTURES_H
#define VV_TESTS_DATA_FOLDER_PICTURES_H

#include "../temporary.h"
#include "folder.h"
#include "made_pictures.h"

static inline void put_grey(struct temporary *t, const char *name, uint32_t height, uint32_t width,
                            int value) {
    struct made m;
    png_grey(&m, height, width, value);
    (void)put_made(t, name, &m);
}

// `count` pictures p00.png, … of 2 x 3 with the value 10 + number.
static inline void put_some(struct temporary *t, const char *folder, int count) {
    char name[64];
    (void)mkdir(path_of(t, folder), 0777);
    for (int i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "%s/p%02d.png", folder, i);
        put_grey(t, name, 2, 3, 10 + i);
    }
}

static inline int isolated(void **state) {
    if (temporary_create(state) != 0) return -1;
    struct temporary *t = *state;
    return setenv("VKVAE_CACHE", path_of(t, "cache"), 1);
}

static inline void open_set(struct temporary *t, const char *folder, const struct vv_reading *reading,
                            struct vv_dataset *set) {
    *set = (struct vv_dataset){0};
    if (!vv_folder_open(&t->ctx, path_of(t, folder), reading, set)) fail_msg("%s", t->ctx.error);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, isolated, temporary_remove)

#endif
