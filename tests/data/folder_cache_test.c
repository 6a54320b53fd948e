// Folders of pictures that are kept decoded: the same bytes, however they are come by, and of files that
// lie none.
#include "file.h"
#include "folder_cache.h"
#include "folder_pictures.h"

#include <fcntl.h>
#include <time.h>

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

// Files whose times are set: the one that is new among them is.
static void set_new_time(struct temporary *t, long nanoseconds) {
    const struct timespec times[2] = {{1600000000, nanoseconds}, {1600000000, nanoseconds}};
    struct stat info;
    DIR *folder = opendir(path_of(t, "cache"));
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.' && fstatat(dirfd(folder), entry->d_name, &info, 0) == 0 &&
            info.st_mtime > 1600000000)
            assert_int_equal(utimensat(dirfd(folder), entry->d_name, times, 0), 0);
    (void)closedir(folder);
}

// Of one second the nanoseconds tell which is the oldest.
static void times_within_a_second_are_told_apart(void **state) {
    struct temporary *t = *state;
    struct vv_reading reading = vv_reading_default;
    struct vv_dataset set;
    int decoded = 0;
    t->ctx.log = count_decoding;
    t->ctx.log_user = &decoded;
    put_some(t, "set", 2);
    static const unsigned char reds[] = {1, 2, 3, 4, 5, 1, 2, 3, 4};
    static const long nanoseconds[] = {4000, 3000, 1000, 2000};  // 3 goes
    for (size_t i = 0; i < sizeof reds; i++) {
        reading.background[0] = reds[i];
        open_set(t, "set", &reading, &set);
        vv_dataset_finish(&set);
        if (i < 4) set_new_time(t, nanoseconds[i]);
        assert_int_equal(decoded, i < 5 ? i + 1 : i < 7 ? 5 : i - 1);
        if (i == 6) assert_int_equal(entries_in(path_of(t, "cache")), 4);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(threads_and_cache_change_no_byte), FOLDER_TEST(what_changed_is_decoded_anew),
        FOLDER_TEST(four_ways_to_read_are_kept),       FOLDER_TEST(times_within_a_second_are_told_apart),
        FOLDER_TEST(damaged_cache_is_not_believed),    FOLDER_TEST(lying_headers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
