#include "../temporary.h"
#include "array.h"
#include "dataset.h"
#include "file.h"
#include "idx.h"
#include "shapes.h"

static const char *const train_images = "train-images-idx3-ubyte",
                         *const train_labels = "train-labels-idx1-ubyte",
                         *const test_images = "t10k-images-idx3-ubyte",
                         *const test_labels = "t10k-labels-idx1-ubyte";

static void put_images(struct temporary *t, const char *folder, const char *name, int count, int height,
                       int width) {
    unsigned char bytes[16 + 256] = {0, 0, 8, 3};
    char path[PATH_ROOM / 2];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    bytes[7] = (unsigned char)count;
    bytes[11] = (unsigned char)height;
    bytes[15] = (unsigned char)width;
    memset(bytes + 16, count, 256);
    assert_true(
        vv_file_write(&t->ctx, path_of(t, path), bytes, (uint64_t)(16 + count * height * width)));
}

static void put_labels(struct temporary *t, const char *folder, const char *name, int count) {
    unsigned char bytes[8 + 16] = {0, 0, 8, 1};
    char path[PATH_ROOM / 2];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    bytes[7] = (unsigned char)count;
    memset(bytes + 8, 5, 16);
    assert_true(vv_file_write(&t->ctx, path_of(t, path), bytes, (uint64_t)(8 + count)));
}

// A set without labels: 3 pictures to train on, 2 to test.
static void put_set(struct temporary *t, const char *folder) {
    assert_true(vv_folder_create(&t->ctx, path_of(t, folder)));
    put_images(t, folder, train_images, 3, 4, 4);
    put_images(t, folder, test_images, 2, 4, 4);
}

static void assert_small_set(const struct vv_dataset *set) {
    assert_int_equal(set->train.count, 3);
    assert_int_equal(set->test.count, 2);
    assert_int_equal(vv_images_stride(&set->train), 16);
    assert_int_equal(set->train.pixels[47], 3);
    assert_int_equal(set->test.pixels[31], 2);
}

// Every search is confined to the test's folder, but for /usr/share/datasets.
static int isolated(void **state) {
    if (temporary_create(state) != 0) return -1;
    struct temporary *t = *state;
    (void)setenv("HOME", path_of(t, "home"), 1);
    (void)unsetenv("XDG_DATA_HOME");
    (void)unsetenv("VKVAE_DATA");
    return 0;
}

static void opens_a_folder_without_labels(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    put_set(t, "s");
    assert_true(vv_dataset_open(&t->ctx, path_of(t, "s"), NULL, &set));
    assert_small_set(&set);
    assert_null(set.train.labels);
    assert_null(set.test.labels);
    assert_string_equal(set.name, t->path);
    assert_string_equal(set.path, t->path);
    vv_dataset_finish(&set);
    vv_dataset_finish(&set);
    assert_null(set.train.pixels);
}

static void reads_labels_where_there_are_any(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    put_set(t, "s");
    put_labels(t, "s", train_labels, 3);
    put_labels(t, "s", test_labels, 2);
    assert_true(vv_dataset_open(&t->ctx, path_of(t, "s/"), NULL, &set));
    assert_int_equal(set.train.labels[2], 5);
    assert_int_equal(set.test.labels[1], 5);
    vv_dataset_finish(&set);
}

static void labels_that_do_not_match_are_refused(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    put_set(t, "s");
    put_labels(t, "s", test_labels, 3);
    assert_false(vv_dataset_open(&t->ctx, path_of(t, "s"), NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, test_labels, test_images, "3 labels", (char *)NULL);
    assert_null(set.train.pixels);
    assert_null(set.name);
}

static void finds_a_name_in_each_place_in_order(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    char expected[PATH_ROOM];
    static const char *const places[] = {"home/.local/share/vkvae/mnist", "xdg/vkvae/mnist",
                                         "own/mnist"};
    for (int i = 0; i < 3; i++) {
        put_set(t, places[i]);
        if (i == 1) (void)setenv("XDG_DATA_HOME", path_of(t, "xdg"), 1);
        if (i == 2) (void)setenv("VKVAE_DATA", path_of(t, "own"), 1);
        assert_true(vv_dataset_open(&t->ctx, "mnist", NULL, &set));
        (void)snprintf(expected, sizeof expected, "%s/%s", t->folder, places[i]);
        assert_string_equal(set.path, expected);
        assert_string_equal(set.name, "mnist");
        vv_dataset_finish(&set);
    }
}

static void null_and_shapes_are_the_drawn_set(void **state) {
    struct temporary *t = *state;
    static const char *const names[] = {NULL, "shapes"};
    struct vv_shapes small = vv_shapes_default;
    put_set(t, "own/shapes");  // is a path away, not this name
    (void)setenv("VKVAE_DATA", path_of(t, "own"), 1);
    small.images = 9;
    for (int i = 0; i < 2; i++) {
        struct vv_dataset set;
        assert_true(vv_dataset_open(&t->ctx, names[i], &small, &set));
        assert_string_equal(set.name, "shapes");
        assert_null(set.path);
        assert_int_equal(set.train.count, 9);
        assert_int_equal(set.test.count, 2);
        vv_dataset_finish(&set);
    }
    struct vv_dataset set;
    assert_true(vv_dataset_open(&t->ctx, path_of(t, "own/shapes"), &small, &set));
    assert_small_set(&set);
    vv_dataset_finish(&set);
}

// ---- Channels and factors ----

// What vv_idx_write_set writes is what is read again.
static void drawn_set_comes_back_from_a_folder(void **state) {
    struct temporary *t = *state;
    for (uint32_t channels = 1; channels <= 3; channels += 2) {
        struct vv_shapes small = {
            .images = 7, .test_images = 3, .height = 9, .width = 13, .channels = channels};
        struct vv_dataset drawn = {0}, read = {0};
        const char *folder = path_of(t, "s");
        assert_true(vv_shapes_make(&t->ctx, &small, &drawn));
        assert_true(vv_folder_create(&t->ctx, folder));
        assert_true(vv_idx_remove_set(&t->ctx, folder));
        assert_true(vv_idx_write_set(&t->ctx, folder, &drawn));
        assert_int_equal(entries_in(folder), 6);
        assert_true(vv_dataset_open(&t->ctx, folder, NULL, &read));
        const struct vv_images *a[] = {&drawn.train, &drawn.test}, *b[] = {&read.train, &read.test};
        for (int i = 0; i < 2; i++) {
            assert_int_equal(b[i]->count, a[i]->count);
            assert_int_equal(b[i]->height, 9);
            assert_int_equal(b[i]->width, 13);
            assert_int_equal(b[i]->channels, channels);
            assert_int_equal(b[i]->factor_count, channels == 3 ? 6 : 5);
            assert_memory_equal(b[i]->pixels, a[i]->pixels, a[i]->count * vv_images_stride(a[i]));
            assert_memory_equal(b[i]->labels, a[i]->labels, a[i]->count);
            assert_memory_equal(b[i]->factors, a[i]->factors,
                                a[i]->count * a[i]->factor_count * sizeof(float));
        }
        vv_dataset_finish(&drawn);
        vv_dataset_finish(&read);
    }
}

static void only_the_files_of_a_set_are_removed(void **state) {
    struct temporary *t = *state;
    static const char *const own[] = {"train-images-idx3-ubyte", "t10k-images-idx4-ubyte.gz",
                                      "train-labels-idx1-ubyte", "t10k-factors-idx2-float.gz",
                                      ".train-factors-idx2-float.123-4.tmp"};
    static const char *const others[] = {
        "train-images-idx3-ubyte.bak",       "trainimages-idx3-ubyte",
        "x-train-images-idx3-ubyte",         ".train-images-idx3-ubyte.swp",
        ".train-images-idx3-ubyte.1-2.tmp2", "notes"};
    const int owned = sizeof own / sizeof *own, kept = sizeof others / sizeof *others;
    for (int i = 0; i < owned + kept; i++) {
        const char *name = i < owned ? own[i] : others[i - owned];
        assert_true(vv_file_write(&t->ctx, path_of(t, name), "x", 1));
    }
    assert_true(vv_idx_remove_set(&t->ctx, t->folder));
    assert_int_equal(entries_in(t->folder), kept);
    for (int i = 0; i < kept; i++) assert_true(vv_path_exists(path_of(t, others[i])));
}

static void put_factors(struct temporary *t, const char *name, int count, int factors) {
    unsigned char bytes[12 + 256] = {0, 0, 13, 2};
    bytes[7] = (unsigned char)count;
    bytes[11] = (unsigned char)factors;
    assert_true(vv_file_write(&t->ctx, path_of(t, name), bytes, (uint64_t)(12 + 4 * count * factors)));
}

static void parts_with_other_channels_or_factors_are_refused(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    const unsigned char coloured[] = {
        0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 2, [20 + 31] = 0};
    put_set(t, "s");
    put_factors(t, "s/train-factors-idx2-float", 3, 2);
    assert_true(vv_dataset_open(&t->ctx, path_of(t, "s"), NULL, &set));
    assert_int_equal(set.train.factor_count, 2);
    assert_int_equal(set.test.factor_count, 0);
    vv_dataset_finish(&set);
    put_factors(t, "s/t10k-factors-idx2-float", 2, 3);
    assert_false(vv_dataset_open(&t->ctx, path_of(t, "s"), NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "2 factors", "3 to test on", (char *)NULL);
    put_factors(t, "s/t10k-factors-idx2-float", 1, 2);
    assert_false(vv_dataset_open(&t->ctx, path_of(t, "s"), NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "t10k-factors", "1 rows of factors", "2 images", (char *)NULL);
    assert_int_equal(unlink(path_of(t, "s/t10k-factors-idx2-float")), 0);
    assert_int_equal(unlink(path_of(t, "s/t10k-images-idx3-ubyte")), 0);
    assert_true(
        vv_file_write(&t->ctx, path_of(t, "s/t10k-images-idx4-ubyte"), coloured, sizeof coloured));
    assert_false(vv_dataset_open(&t->ctx, path_of(t, "s"), NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "4x4, but", "4x4x2", (char *)NULL);
    assert_null(set.train.pixels);
}

static void empty_folder_does_not_hide_a_later_set(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    put_set(t, "home/.local/share/vkvae/mnist");
    assert_true(vv_folder_create(&t->ctx, path_of(t, "own/mnist")));
    (void)setenv("VKVAE_DATA", path_of(t, "own"), 1);
    assert_true(vv_dataset_open(&t->ctx, "mnist", NULL, &set));
    assert_small_set(&set);
    vv_dataset_finish(&set);
}

static void unknown_name_is_told_what_there_is(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    put_set(t, "own/big-letters");
    put_set(t, "own/letters");
    put_set(t, "own/letters-again");
    put_set(t, "home/.local/share/vkvae/letters");
    assert_true(vv_folder_create(&t->ctx, path_of(t, "own/no-set")));
    (void)setenv("VKVAE_DATA", path_of(t, "own"), 1);
    assert_false(vv_dataset_open(&t->ctx, "mnits", NULL, &set));
    assert_null(strstr(t->ctx.error, "no-set"));
    assert_null(strstr(t->ctx.error, "again, letters,"));
    assert_failure(&t->ctx, VV_BAD_DATA, "'mnits'", t->path, "/usr/share/datasets",
                   "big-letters, letters, letters-again", "known sets: shapes (built in), mnist (",
                   "fashion-mnist (Debian's package dataset-fashion-mnist", train_images, (char *)NULL);
    assert_false(vv_dataset_open(&t->ctx, "", NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "no data set ''", (char *)NULL);
}

static void variables_that_say_nothing_name_no_place(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    (void)setenv("VKVAE_DATA", "", 1);
    (void)setenv("XDG_DATA_HOME", "relative", 1);
    (void)setenv("HOME", "", 1);
    assert_false(vv_dataset_open(&t->ctx, "mnits", NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "as a sub-folder of /usr/share/datasets;", (char *)NULL);
    (void)unsetenv("VKVAE_DATA");
    (void)unsetenv("XDG_DATA_HOME");
    (void)unsetenv("HOME");
    assert_false(vv_dataset_open(&t->ctx, "mnits", NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "as a sub-folder of /usr/share/datasets;", (char *)NULL);
}

static void message_about_a_missing_set_fits_when_paths_are_long(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    char longest[PATH_ROOM];
    memset(longest, 'x', sizeof longest - 1);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    (void)setenv("VKVAE_DATA", longest, 1);
    (void)setenv("XDG_DATA_HOME", longest, 1);
    assert_false(vv_dataset_open(&t->ctx, longest + 1, NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "name one of them, or a folder's path", (char *)NULL);
}

static bool at_once(void *user) {
    (void)user;
    return true;
}

static void a_stop_ends_reading(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    put_set(t, "set");
    const struct vv_reading reading = vv_reading_default;
    char npy[PATH_ROOM];
    (void)snprintf(npy, sizeof npy, "%s", path_of(t, "a.npy"));
    const float values[4] = {0, 1, 1, 0};
    assert_true(vv_npy_write(&t->ctx, npy, values, (const uint32_t[]){2, 2}, 2));
    const char *const paths[] = {path_of(t, "set"), npy};
    t->ctx.stop = at_once;
    for (int i = 0; i < 2; i++) {
        const bool ok = vv_dataset_find(&t->ctx, paths[i], NULL, &reading, &set);
        assert_false(ok && vv_dataset_read(&t->ctx, NULL, &set));
        assert_int_equal(t->ctx.status, VV_STOPPED);
        vv_clear(&t->ctx);
        if (ok) vv_dataset_finish(&set);
    }
    t->ctx.stop = NULL;
}

static void missing_files_are_named(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    assert_true(vv_folder_create(&t->ctx, path_of(t, "s")));
    assert_false(vv_dataset_open(&t->ctx, t->path, NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "holds no set", "PNG or JPEG", test_labels,
                   (char *)NULL);
    put_images(t, "s", test_images, 3, 4, 4);
    assert_false(vv_dataset_open(&t->ctx, path_of(t, "s"), NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "train-images-idx3-ubyte[.gz] is not there",
                   test_labels, (char *)NULL);
    (void)unlink(path_of(t, "s/t10k-images-idx3-ubyte"));
    put_images(t, "s", train_images, 3, 4, 4);
    assert_false(vv_dataset_open(&t->ctx, path_of(t, "s"), NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "t10k-images-idx3-ubyte[.gz] is not there",
                   (char *)NULL);
    assert_false(vv_dataset_open(&t->ctx, path_of(t, "s/none"), NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "is not there", ".npy", (char *)NULL);
    assert_false(vv_dataset_open(&t->ctx, path_of(t, "s/train-images-idx3-ubyte"), NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "is no set", (char *)NULL);
}

static void pictures_of_two_sizes_are_refused(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    put_set(t, "s");
    static const struct {
        int height, width;
        const char *shown;
    } others[] = {{5, 4, "5x4"}, {4, 5, "4x5"}, {2, 8, "2x8"}};
    for (int i = 0; i < 3; i++) {
        put_images(t, "s", test_images, 2, others[i].height, others[i].width);
        assert_false(vv_dataset_open(&t->ctx, path_of(t, "s"), NULL, &set));
        assert_failure(&t->ctx, VV_BAD_DATA, train_images, "4x4", test_images, others[i].shown,
                       (char *)NULL);
    }
    assert_null(set.train.pixels);
}

static void debian_package_opens_when_installed(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    if (!vv_path_exists("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz")) skip();
    assert_true(vv_dataset_open(&t->ctx, "fashion-mnist", NULL, &set));
    assert_int_equal(set.train.count, 60000);
    assert_int_equal(set.test.count, 10000);
    assert_int_equal(vv_images_stride(&set.train), 784);
    unsigned counts[10] = {0};
    for (uint32_t i = 0; i < set.train.count; i++) {
        assert_in_range(set.train.labels[i], 0, 9);
        counts[set.train.labels[i]]++;
    }
    for (int i = 0; i < 10; i++) assert_int_equal(counts[i], 6000);
    vv_dataset_finish(&set);
}

#define ISOLATED(name) cmocka_unit_test_setup_teardown(name, isolated, temporary_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        ISOLATED(opens_a_folder_without_labels),
        ISOLATED(reads_labels_where_there_are_any),
        ISOLATED(labels_that_do_not_match_are_refused),
        ISOLATED(finds_a_name_in_each_place_in_order),
        ISOLATED(null_and_shapes_are_the_drawn_set),
        ISOLATED(drawn_set_comes_back_from_a_folder),
        ISOLATED(only_the_files_of_a_set_are_removed),
        ISOLATED(parts_with_other_channels_or_factors_are_refused),
        ISOLATED(empty_folder_does_not_hide_a_later_set),
        ISOLATED(unknown_name_is_told_what_there_is),
        ISOLATED(variables_that_say_nothing_name_no_place),
        ISOLATED(message_about_a_missing_set_fits_when_paths_are_long),
        ISOLATED(a_stop_ends_reading),
        ISOLATED(missing_files_are_named),
        ISOLATED(pictures_of_two_sizes_are_refused),
        ISOLATED(debian_package_opens_when_installed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
