#include "../temporary.h"
#include "file.h"
#include "folder.h"
#include "folder_cache.h"
#include "made_pictures.h"
#include "message.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

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

static void open_set(struct temporary *t, const char *folder, const struct vv_reading *reading,
                     struct vv_dataset *set) {
    *set = (struct vv_dataset){0};
    if (!vv_folder_open(&t->ctx, path_of(t, folder), reading, set)) fail_msg("%s", t->ctx.error);
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

// ---- The same bytes, however they are come by ----

static void threads_and_cache_change_no_byte(void **state) {
    struct temporary *t = *state;
    struct vv_reading reading = vv_reading_default;
    struct vv_dataset first, set;
    put_some(t, "set", 40);
    for (int i = 0; i < 10;
         i++) {  // broken ones in between: 5 text, 5 of them cut off behind the header
        char name[32];
        struct made m;
        png_grey(&m, 2, 3, 9);
        (void)snprintf(name, sizeof name, "set/p%02d.png", i * 4);
        (void)put_bytes(t, name, i % 2 ? m.bytes : (const unsigned char *)"text", i % 2 ? 50 : 4);
    }
    reading.height = reading.width = 5;
    reading.threads = 1;
    open_set(t, "set", &reading, &first);
    assert_int_equal(first.skipped, 10);
    assert_int_equal(first.train.count + first.test.count, 30);
    for (int i = 0; i < 3; i++) {  // kept; with more threads; in memory
        if (i == 1) assert_int_equal(utimensat(AT_FDCWD, path_of(t, "set/p01.png"), NULL, 0), 0);
        if (i == 2) assert_int_equal(setenv("VKVAE_CACHE", "", 1), 0);
        if (i) reading.threads = 5;
        open_set(t, "set", &reading, &set);
        assert_int_equal(set.skipped, 10);
        assert_int_equal(set.train.count, first.train.count);
        assert_int_equal(set.test.count, first.test.count);
        assert_true((set.train.map != NULL) == (i < 2));
        assert_memory_equal(set.train.pixels, first.train.pixels, first.train.count * 25);
        assert_memory_equal(set.test.pixels, first.test.pixels, first.test.count * 25);
        vv_dataset_finish(&set);
    }
    vv_dataset_finish(&first);
    reading.strict = true;
    assert_false(vv_folder_open(&t->ctx, path_of(t, "set"), &reading, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "/set/p", "does not begin as", (char *)NULL);
}

// A log that counts what is decoded; nothing there is a reason to warn.
static void count_decoding(void *user, enum vv_log_level level, const char *line) {
    if (level == VV_LOG_WARNING) fail_msg("%s", line);
    *(int *)user += strstr(line, ": decoding ") != NULL;
}

// The same, with a warning each time but the first.
static void count_damage(void *user, enum vv_log_level level, const char *line) {
    int *times = user;
    times[0] += strstr(line, ": decoding ") != NULL;
    times[1] += level == VV_LOG_WARNING && strstr(line, ": is damaged, and is made anew");
}

static void what_changed_is_decoded_anew(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    const struct timespec times[2] = {{1, 0}, {1, 5}};
    int decoded = 0;
    t->ctx.log = count_decoding;
    t->ctx.log_user = &decoded;
    put_some(t, "set", 4);
    for (int i = 0; i < 5; i++) {
        if (i == 2) assert_int_equal(utimensat(AT_FDCWD, path_of(t, "set/p01.png"), times, 0), 0);
        if (i == 3) put_grey(t, "set/p02.png", 2, 3, 99);
        if (i == 4) assert_int_equal(unlink(path_of(t, "set/p03.png")), 0);
        open_set(t, "set", &vv_reading_default, &set);
        vv_dataset_finish(&set);
        assert_int_equal(decoded, i < 1 ? 1 : i);
    }
    assert_int_equal(entries_in(path_of(t, "cache")), 1);
}

// Runs with other options do not drive each other's pictures out, and old ones make room.
static void four_ways_to_read_are_kept(void **state) {
    struct temporary *t = *state;
    struct vv_reading reading = vv_reading_default;
    struct vv_dataset set;
    int decoded = 0;
    t->ctx.log = count_decoding;
    t->ctx.log_user = &decoded;
    put_some(t, "set", 4);
    static const struct {
        unsigned char red;
        int decoded;
        size_t kept;
    } steps[] = {
        {1, 1, 1}, {2, 2, 2}, {1, 2, 2}, {2, 2, 2}, {3, 3, 3}, {4, 4, 4},
        {1, 4, 4}, {5, 5, 4}, {1, 5, 4}, {2, 6, 4}};  // 2, as that used longest ago, was removed
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const struct timespec pause = {0, 20000000};  // times of files may be as coarse as that
        (void)nanosleep(&pause, NULL);
        reading.background[0] = steps[i].red;
        open_set(t, "set", &reading, &set);
        vv_dataset_finish(&set);
        assert_int_equal(decoded, steps[i].decoded);
        assert_int_equal(entries_in(path_of(t, "cache")), steps[i].kept);
    }
}

// The only file in the cache, as it is.
static void read_cache(struct temporary *t, char path[PATH_ROOM], unsigned char **bytes,
                       uint64_t *size) {
    DIR *folder = opendir(path_of(t, "cache"));
    assert_non_null(folder);
    *path = '\0';
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.')
            (void)snprintf(path, PATH_ROOM, "%s/cache/%.100s", t->folder, entry->d_name);
    (void)closedir(folder);
    assert_true(vv_file_read(&t->ctx, path, 1 << 20, bytes, size));
}

static void damaged_cache_is_not_believed(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    char path[PATH_ROOM];
    unsigned char *bytes;
    uint64_t size;
    int times[2] = {0, 0};
    t->ctx.log = count_damage;
    t->ctx.log_user = times;
    assert_int_equal(mkdir(path_of(t, "set"), 0777), 0);
    put_some(t, "set/one", 6);
    open_set(t, "set", &vv_reading_default, &set);
    vv_dataset_finish(&set);
    read_cache(t, path, &bytes, &size);
    for (int i = 0; i < 8; i++) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        const uint64_t cut[] = {0, 5, 104, 4096, size - 1, size, size, size};
        bytes[size - 6] ^= i >= 5;
        assert_int_equal(fwrite(bytes, 1, cut[i], file), cut[i]);
        assert_int_equal(fclose(file), 0);
        bytes[size - 6] ^= i >= 5;
        open_set(t, "set", &vv_reading_default, &set);
        assert_int_equal(times[0], i + 2);
        assert_int_equal(times[1], i + 1);
        assert_int_equal(set.class_count, 1);
        vv_dataset_finish(&set);
    }
    free(bytes);
}

// Headers that lie, with checksums that do not: whatever is in them, nothing outside the file is read.
static void lying_headers_are_refused(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    struct vv_folder_cached cached;
    struct vv_folder_key key;
    char path[PATH_ROOM];
    unsigned char *bytes;
    uint64_t size;
    uint32_t random = 7, taken = 0;
    assert_int_equal(mkdir(path_of(t, "set"), 0777), 0);
    put_some(t, "set/one", 6);
    open_set(t, "set", &vv_reading_default, &set);
    vv_dataset_finish(&set);
    read_cache(t, path, &bytes, &size);
    memcpy(&key, bytes + 24, sizeof key);
    assert_true(vv_folder_cache_check(bytes, size, &key, &cached));
    for (int i = 0; i < 3000; i++) {
        unsigned char *lie = malloc(size);
        assert_non_null(lie);
        memcpy(lie, bytes, size);
        for (int k = 0; k < 1 + i % 3; k++) {
            random = random * 1664525U + 1013904223U;
            const uint64_t at = i % 4 ? 40 + (random >> 8) % 64 : size - 1 - (random >> 8) % 28;
            lie[at] = (unsigned char)(i % 2 ? random >> 24 : lie[at] ^ 1U << (random & 7));
        }
        const uint32_t sum = (uint32_t)crc32_z(0, lie + 16, size - 16);
        memcpy(lie + 8, &sum, 4);
        if (vv_folder_cache_check(lie, size, &key, &cached)) {
            const uint64_t stride = (uint64_t)cached.height * cached.width * cached.channels;
            taken++;
            assert_true(cached.pixels[0] + cached.count[0] * stride <= lie + size);
            assert_true(cached.pixels[1] + cached.count[1] * stride <= lie + size);
        }
        free(lie);
    }
    assert_in_range(taken, 1, 1500);
    free(bytes);
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

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, isolated, temporary_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(all_pictures_are_in_one_part),
        FOLDER_TEST(sub_folders_are_classes),
        FOLDER_TEST(train_and_test_are_parts),
        FOLDER_TEST(split_and_limit),
        FOLDER_TEST(links_end),
        FOLDER_TEST(threads_and_cache_change_no_byte),
        FOLDER_TEST(what_changed_is_decoded_anew),
        FOLDER_TEST(four_ways_to_read_are_kept),
        FOLDER_TEST(damaged_cache_is_not_believed),
        FOLDER_TEST(lying_headers_are_refused),
        FOLDER_TEST(a_folder_without_pictures),
        FOLDER_TEST(a_size_that_is_too_large),
        FOLDER_TEST(a_stop_leaves_nothing),
        FOLDER_TEST(folders_to_test_on),
        FOLDER_TEST(sizes_that_differ_are_named),
        FOLDER_TEST(parts_without_a_whole_picture_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
