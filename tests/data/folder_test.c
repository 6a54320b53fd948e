#include "../temporary.h"
#include "folder.h"
#include "made_pictures.h"
#include "message.h"

#include <sys/stat.h>

// Folders of tiny PNG, whose pixels tell them apart.

static void put_grey(struct temporary *t, const char *name, uint32_t height, uint32_t width, int value) {
    struct made m;
    png_grey(&m, height, width, value);
    (void)put_made(t, name, &m);
}

// `count` pictures p00.png, … of 2 x 3 with the value 10 + number.
static void put_some(struct temporary *t, const char *folder, int count) {
    char name[64];
    (void)mkdir(path_of(t, folder), 0777);
    for (int i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "%s/p%02d.png", folder, i);
        put_grey(t, name, 2, 3, 10 + i);
    }
}

static int isolated(void **state) {
    if (temporary_create(state) != 0) return -1;
    struct temporary *t = *state;
    return setenv("VKVAE_CACHE", path_of(t, "cache"), 1);
}

// Of each value, how often it is the first pixel of a picture of either part.
static void count_values(const struct vv_dataset *set, int times[256]) {
    const struct vv_images *part[] = {&set->train, &set->test};
    memset(times, 0, 256 * sizeof *times);
    for (int p = 0; p < 2; p++)
        for (uint32_t i = 0; i < part[p]->count; i++)
            times[part[p]->pixels[i * vv_images_stride(part[p])]]++;
}

static void all_pictures_are_in_one_part(void **state) {
    struct temporary *t = *state;
    struct vv_reading reading = vv_reading_default;
    int times[256];
    put_some(t, "set", 20);
    for (int kept = 0; kept < 2; kept++) {
        struct vv_dataset set = {0};
        assert_true(vv_folder_open(&t->ctx, path_of(t, "set"), &reading, &set));
        assert_int_equal(set.train.count, 18);
        assert_int_equal(set.test.count, 2);
        assert_int_equal(set.train.height, 2);
        assert_int_equal(set.train.width, 3);
        assert_int_equal(set.train.channels, 1);
        assert_null(set.train.labels);
        assert_non_null(set.train.map);
        assert_true(set.train.pixels[0] < set.train.pixels[17 * 6]);
        count_values(&set, times);
        for (int i = 0; i < 20; i++) assert_int_equal(times[10 + i], 1);
        vv_dataset_finish(&set);
    }
    assert_int_equal(entries_in(path_of(t, "cache")), 1);
}

// ---- What a command line provokes no more than seldom ----

static void a_folder_without_pictures(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set = {0};
    char text[2 * PATH_ROOM];
    assert_int_equal(mkdir(path_of(t, "none"), 0777), 0);
    (void)put_bytes(t, "none/a.txt", "", 0);
    (void)put_bytes(t, "none/.b.png", "", 0);
    assert_false(vv_folder_has_pictures(path_of(t, "none")));
    assert_false(vv_folder_open(&t->ctx, path_of(t, "none"), &vv_reading_default, &set));
    (void)snprintf(text, sizeof text,
                   "%s: holds no picture, nor does a folder below it: no name ends in .png, .jpg or "
                   ".jpeg; name another folder",
                   t->path);
    ASSERT_MESSAGE("<folder>: holds no picture, nor does a folder below it: no name ends in .png, .jpg "
                   "or .jpeg; name another folder",
                   VV_BAD_DATA, text, &t->ctx);
}

static void a_size_that_is_too_large(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set = {0};
    struct vv_reading reading = vv_reading_default;
    char text[2 * PATH_ROOM];
    put_some(t, "set", 2);
    reading.height = reading.width = 65535;
    assert_false(vv_folder_open(&t->ctx, path_of(t, "set"), &reading, &set));
    (void)snprintf(text, sizeof text,
                   "%s: pictures of 65535x65535x1 take more than 1 GiB each; take a smaller --size",
                   t->path);
    ASSERT_MESSAGE("<folder>: pictures of <height>x<width>x<channels> take more than 1 GiB each; take a "
                   "smaller --size",
                   VV_USAGE, text, &t->ctx);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, isolated, temporary_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(all_pictures_are_in_one_part),
        FOLDER_TEST(a_folder_without_pictures),
        FOLDER_TEST(a_size_that_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
