// Which options mean something for which kind of set.
#include "../temporary.h"

#include "../message.h"
#include "array.h"
#include "dataset.h"
#include "file.h"
#include "idx.h"
#include "reading.h"
#include "shapes.h"

#include <math.h>

static bool find(struct temporary *t, const char *source, const struct vv_reading *reading) {
    struct vv_dataset set;
    vv_clear(&t->ctx);
    const bool ok = vv_dataset_find(&t->ctx, source, NULL, reading, &set);
    if (ok) vv_dataset_finish(&set);
    return ok;
}

static void put_array(struct temporary *t) {
    static const float values[12];
    const uint32_t dims[] = {4, 3};
    assert_true(vv_npy_write(&t->ctx, path_of(t, "a.npy"), values, dims, 2));
}

static void what_means_nothing_is_refused(void **state) {
    struct temporary *t = *state;
    char array[PATH_ROOM], text[2 * PATH_ROOM];
    put_array(t);
    (void)snprintf(array, sizeof array, "%s", t->path);
    struct vv_reading r = vv_reading_default;
    assert_true(find(t, array, &r));
    r.fit = VV_FIT_STRETCH;
    assert_false(find(t, array, &r));
    (void)snprintf(text, sizeof text,
                   "--fit is for folders of pictures, and %.200s is an .npy file; leave it out", array);
    ASSERT_MESSAGE("<option> is for <kind of set>, and <set> is <kind>; leave it out", VV_USAGE, text,
                   &t->ctx);
    r = vv_reading_default;
    r.labels = "labels.npy";
    assert_false(find(t, "shapes", &r));
    assert_failure(&t->ctx, VV_USAGE, "--labels", "the built-in set", (char *)NULL);
    r = vv_reading_default;
    r.split = 0.5;
    assert_false(find(t, NULL, &r));
    assert_failure(&t->ctx, VV_USAGE, "--split", "the built-in set", (char *)NULL);
}

static void what_makes_no_sense_is_refused(void **state) {
    struct temporary *t = *state;
    char array[PATH_ROOM];
    put_array(t);
    (void)snprintf(array, sizeof array, "%s", t->path);
    struct vv_reading r = vv_reading_default;
    r.split = 1;
    assert_false(find(t, array, &r));
    ASSERT_MESSAGE("--split <number>: expected a number between 0 and 1", VV_USAGE,
                   "--split 1: expected a number between 0 and 1", &t->ctx);
    r = vv_reading_default;
    r.has_range = true;
    r.range[0] = 3;
    r.range[1] = 3;
    assert_false(find(t, array, &r));
    ASSERT_MESSAGE("--range <low>,<high>: expected LOW,HIGH, two numbers, the first less", VV_USAGE,
                   "--range 3,3: expected LOW,HIGH, two numbers, the first less", &t->ctx);
    r.range[1] = 4;
    r.normalize = VV_NORMALIZE_MINMAX;
    assert_false(find(t, array, &r));
    ASSERT_MESSAGE("--range and --normalize both tell where values lie; leave one out", VV_USAGE,
                   "--range and --normalize both tell where values lie; leave one out", &t->ctx);
}

static void limits_are_of_every_kind(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set, limited;
    struct vv_shapes small = vv_shapes_default;
    struct vv_reading r = vv_reading_default;
    small.images = 10;
    small.height = small.width = 8;
    r.limit = 1;
    assert_true(vv_dataset_open(&t->ctx, NULL, &small, &set));
    assert_true(vv_folder_create(&t->ctx, path_of(t, "s")));
    assert_true(vv_idx_write_set(&t->ctx, t->path, &set));
    const char *const sources[] = {NULL, t->path};
    for (int i = 0; i < 2; i++) {
        assert_true(vv_dataset_find(&t->ctx, sources[i], &small, &r, &limited));
        assert_int_equal(limited.train.count, 1);
        assert_true(vv_dataset_read(&t->ctx, &small, &limited));
        assert_memory_equal(limited.train.pixels, set.train.pixels, 64);
        assert_memory_equal(limited.test.pixels, set.test.pixels, 64);
        assert_int_equal(limited.train.labels[0], set.train.labels[0]);
        assert_int_equal(limited.test.count, 1);
        vv_dataset_finish(&limited);
    }
    vv_dataset_finish(&set);
}

static void numbers_at_their_edges_are_refused(void **state) {
    static const double splits[] = {0, -0.1, 1.5, NAN, INFINITY},
                        ranges[][2] = {{NAN, 1}, {0, NAN},        {-INFINITY, 1}, {0, INFINITY},
                                       {2, 1},   {-1e308, 1e308}, {-3e38, 3e38}};
    struct temporary *t = *state;
    char array[PATH_ROOM];
    put_array(t);
    (void)snprintf(array, sizeof array, "%s", t->path);
    for (size_t i = 0; i < sizeof splits / sizeof *splits; i++) {
        struct vv_reading r = vv_reading_default;
        r.split = splits[i];
        assert_false(find(t, array, &r));
        assert_failure(&t->ctx, VV_USAGE, "--split", (char *)NULL);
    }
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        struct vv_reading r = vv_reading_default;
        r.has_range = true;
        memcpy(r.range, ranges[i], sizeof ranges[i]);
        assert_false(find(t, array, &r));
        assert_failure(&t->ctx, VV_USAGE, "--range", (char *)NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_means_nothing_is_refused), TEST(what_makes_no_sense_is_refused),
        TEST(limits_are_of_every_kind), TEST(numbers_at_their_edges_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
