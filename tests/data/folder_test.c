// Folders of pictures: their parts, classes and limits, and what makes none.
#include "folder_pictures.h"
#include "message.h"

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

// ---- Parts, classes, limits ----

static void sub_folders_are_classes(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    assert_int_equal(mkdir(path_of(t, "set"), 0777), 0);
    put_some(t, "set/zebra", 4);
    put_some(t, "set/ant", 4);
    put_some(t, "set/Bee", 4);
    put_some(t, "set/Bee/below", 4);
    put_some(t, "set/.hidden", 4);
    for (int kept = 0; kept < 2; kept++) {
        uint32_t times[3] = {0};
        open_set(t, "set", &vv_reading_default, &set);
        assert_int_equal(set.class_count, 3);
        assert_string_equal(set.classes[0], "Bee");
        assert_string_equal(set.classes[1], "ant");
        assert_string_equal(set.classes[2], "zebra");
        for (uint32_t i = 0; i < set.train.count; i++) times[set.train.labels[i]]++;
        for (uint32_t i = 0; i < set.test.count; i++) times[set.test.labels[i]]++;
        assert_true(times[0] == 8 && times[1] == 4 && times[2] == 4);
        vv_dataset_finish(&set);
    }
}

static void train_and_test_are_parts(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    struct vv_reading reading = vv_reading_default;
    assert_int_equal(mkdir(path_of(t, "set"), 0777), 0);
    assert_int_equal(mkdir(path_of(t, "set/train"), 0777), 0);
    assert_int_equal(mkdir(path_of(t, "set/test"), 0777), 0);
    put_some(t, "set/train/a", 5);
    put_some(t, "set/test/b", 3);
    put_some(t, "other", 2);
    open_set(t, "set", &reading, &set);
    assert_int_equal(set.train.count, 5);
    assert_int_equal(set.test.count, 3);
    assert_int_equal(set.train.labels[4], 0);
    assert_int_equal(set.test.labels[0], 1);
    vv_dataset_finish(&set);
    reading.limit = 2;
    open_set(t, "set", &reading, &set);
    assert_int_equal(set.train.count, 2);
    assert_int_equal(set.test.count, 2);
    vv_dataset_finish(&set);
    char test[PATH_ROOM];
    (void)snprintf(test, sizeof test, "%s", path_of(t, "other"));
    reading = vv_reading_default;
    reading.test = test;
    open_set(t, "set", &reading, &set);
    assert_int_equal(set.train.count, 5);
    assert_int_equal(set.test.count, 2);
    assert_null(set.train.labels);  // those of `other` are in no class
    vv_dataset_finish(&set);
    reading.split = 0.5;
    for (int i = 0; i < 2; i++, reading.test = NULL) {
        assert_false(vv_folder_open(&t->ctx, path_of(t, "set"), &reading, &set));
        assert_failure(&t->ctx, VV_USAGE, "--split 0.5", "leave it out", (char *)NULL);
        vv_clear(&t->ctx);
    }
}

static void folders_to_test_on(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set = {0};
    struct vv_reading reading = vv_reading_default;
    char test[PATH_ROOM];
    assert_int_equal(mkdir(path_of(t, "set"), 0777), 0);
    assert_int_equal(mkdir(path_of(t, "set/train"), 0777), 0);
    put_some(t, "set/train/a", 5);
    (void)snprintf(test, sizeof test, "%s", path_of(t, "other"));
    assert_int_equal(mkdir(test, 0777), 0);
    reading.test = test;
    assert_false(vv_folder_open(&t->ctx, path_of(t, "set"), &reading, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, test, "holds no picture", (char *)NULL);
    put_some(t, "other", 3);
    reading.limit = 2;
    open_set(t, "set", &reading, &set);
    assert_int_equal(set.train.count, 2);
    assert_int_equal(set.test.count, 2);
    vv_dataset_finish(&set);
    // A folder of that name alone is a class.
    open_set(t, "set", &vv_reading_default, &set);
    assert_int_equal(set.train.count + set.test.count, 5);
    assert_int_equal(set.class_count, 1);
    assert_string_equal(set.classes[0], "train");
    vv_dataset_finish(&set);
}

static void split_and_limit(void **state) {
    struct temporary *t = *state;
    static const struct {
        double split;
        uint32_t limit, train, test;
    } cases[] = {{0.5, 0, 5, 5}, {0.999, 0, 9, 1}, {0.001, 0, 1, 9}, {0.9, 3, 3, 1}, {0.5, 100, 5, 5}};
    put_some(t, "set", 10);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vv_reading reading = vv_reading_default;
        struct vv_dataset set;
        reading.split = cases[i].split;
        reading.limit = cases[i].limit;
        open_set(t, "set", &reading, &set);
        assert_int_equal(set.train.count, cases[i].train);
        assert_int_equal(set.test.count, cases[i].test);
        vv_dataset_finish(&set);
    }
}

// A circle, a link to a folder beside, and one that leads nowhere.
static void links_end(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    char to[PATH_ROOM];
    put_some(t, "set", 3);
    put_some(t, "other", 2);
    (void)snprintf(to, sizeof to, "%s", path_of(t, "set"));
    assert_int_equal(symlink(to, path_of(t, "set/circle")), 0);
    assert_int_equal(symlink("../other", path_of(t, "set/other")), 0);
    assert_int_equal(symlink("..", path_of(t, "other/up")), 0);
    assert_int_equal(symlink("nowhere", path_of(t, "set/a.png")), 0);
    assert_int_equal(symlink("nowhere", path_of(t, "set/a.txt")), 0);
    assert_int_equal(symlink("round", path_of(t, "set/round")), 0);
    open_set(t, "set", &vv_reading_default, &set);
    assert_int_equal(set.train.count + set.test.count, 5);
    vv_dataset_finish(&set);
    struct vv_reading strict = vv_reading_default;
    strict.strict = true;
    assert_false(vv_folder_open(&t->ctx, path_of(t, "set"), &strict, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "set/a.png: cannot be read", (char *)NULL);
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

static void sizes_that_differ_are_named(void **state) {
    struct temporary *t = *state;
    struct vv_reading reading = vv_reading_default;
    struct vv_dataset set = {0};
    put_some(t, "set", 2);
    put_grey(t, "set/p09.png", 2, 4, 9);
    assert_false(vv_folder_open(&t->ctx, path_of(t, "set"), &reading, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "p00.png is of 2x3 (height x width), but", "p09.png of 2x4",
                   (char *)NULL);
    put_grey(t, "set/p09.png", 3, 3, 9);
    reading.crop = 3;
    assert_false(vv_folder_open(&t->ctx, path_of(t, "set"), &reading, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, " when cropped, but", "give a size for all", (char *)NULL);
}

// No picture of the second part is whole: what is said is of one of its own.
static void parts_without_a_whole_picture_are_told(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set = {0};
    assert_int_equal(mkdir(path_of(t, "set"), 0777), 0);
    put_some(t, "set/train", 3);
    put_some(t, "set/test", 0);
    (void)put_bytes(t, "set/train/a.png", "x", 1);
    (void)put_bytes(t, "set/test/b.png", "y", 1);
    assert_false(vv_folder_open(&t->ctx, path_of(t, "set"), &vv_reading_default, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "no picture to test on is whole, of 1;", "set/test/b.png",
                   (char *)NULL);
}

// ---- A stop ----

static bool is_due(void *user) {
    int *left = user;
    return (*left)-- == 0;
}

// Wherever it is asked for, nothing is kept, and the next call begins anew.
static void a_stop_leaves_nothing(void **state) {
    struct temporary *t = *state;
    struct vv_reading reading = vv_reading_default;
    bool stopped = true;
    put_some(t, "set", 6);
    (void)mkdir(path_of(t, "cache"), 0777);
    reading.threads = 1;
    for (int n = 0; stopped; n++) {
        struct vv_dataset set = {0};
        int left = n;
        vv_clear(&t->ctx);
        t->ctx.stop = is_due;
        t->ctx.stop_user = &left;
        stopped = !vv_folder_open(&t->ctx, path_of(t, "set"), &reading, &set);
        assert_int_equal(t->ctx.status, stopped ? VV_STOPPED : VV_OK);
        assert_int_equal(entries_in(path_of(t, "cache")), stopped ? 0 : 1);
        if (!stopped) assert_in_range(n, 1 + 6 + 6, 1 + 7 + 7);  // the folder, headers, pixels
        vv_dataset_finish(&set);
    }
    t->ctx.stop = NULL;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(all_pictures_are_in_one_part),
        FOLDER_TEST(sub_folders_are_classes),
        FOLDER_TEST(train_and_test_are_parts),
        FOLDER_TEST(split_and_limit),
        FOLDER_TEST(links_end),
        FOLDER_TEST(a_folder_without_pictures),
        FOLDER_TEST(a_size_that_is_too_large),
        FOLDER_TEST(a_stop_leaves_nothing),
        FOLDER_TEST(folders_to_test_on),
        FOLDER_TEST(sizes_that_differ_are_named),
        FOLDER_TEST(parts_without_a_whole_picture_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
