// Files that are read whole; folders and paths.
#include "file.h"
#include "held.h"

static void read_returns_bytes_and_a_nul(void **state) {
    struct temporary *t = *state;
    unsigned char *bytes = NULL;
    uint64_t size = 0;
    put(t, "a", "hello");
    assert_true(vv_file_read(&t->ctx, path_of(t, "a"), 5, &bytes, &size));
    assert_int_equal(size, 5);
    assert_memory_equal(bytes, "hello", 6);
    free(bytes);
}

static void read_takes_an_empty_file(void **state) {
    struct temporary *t = *state;
    unsigned char *bytes = NULL;
    uint64_t size = 1;
    put(t, "a", "");
    assert_true(vv_file_read(&t->ctx, path_of(t, "a"), 0, &bytes, &size));
    assert_int_equal(size, 0);
    assert_int_equal(bytes[0], 0);
    free(bytes);
}

static void read_refuses_a_file_over_the_limit(void **state) {
    struct temporary *t = *state;
    unsigned char *bytes = NULL;
    uint64_t size = 0;
    put(t, "a", "hello");
    assert_false(vv_file_read(&t->ctx, path_of(t, "a"), 4, &bytes, &size));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "at most 4 are read", (char *)NULL);
    assert_null(bytes);
}

static void read_reads_files_that_claim_no_size(void **state) {
    struct temporary *t = *state;
    unsigned char *bytes = NULL;
    uint64_t size = 0;
    if (access("/proc/self/status", R_OK) != 0) skip();
    assert_true(vv_file_read(&t->ctx, "/proc/self/status", 1 << 20, &bytes, &size));
    assert_true(size > 100);
    assert_int_equal(strlen((char *)bytes), size);
    free(bytes);
    assert_false(vv_file_read(&t->ctx, "/proc/self/status", 10, &bytes, &size));
    assert_failure(&t->ctx, VV_BAD_DATA, "/proc/self/status", "at most 10 are read", (char *)NULL);
}

static void read_refuses_what_is_not_a_file(void **state) {
    struct temporary *t = *state;
    unsigned char *bytes = NULL;
    uint64_t size = 0;
    assert_false(vv_file_read(&t->ctx, path_of(t, "none"), 9, &bytes, &size));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "No such file", (char *)NULL);
    assert_false(vv_file_read(&t->ctx, t->folder, 9, &bytes, &size));
    assert_failure(&t->ctx, VV_BAD_DATA, t->folder, "a folder", (char *)NULL);
    assert_int_equal(mkfifo(path_of(t, "fifo"), 0600), 0);
    assert_false(vv_file_read(&t->ctx, t->path, 9, &bytes, &size));  // and does not wait for a writer
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "a pipe", (char *)NULL);
}

static void folder_create_makes_parents_and_takes_existing_ones(void **state) {
    struct temporary *t = *state;
    assert_true(vv_folder_create(&t->ctx, path_of(t, "a//b/c/")));
    assert_true(vv_path_is_folder(path_of(t, "a/b/c")));
    assert_true(vv_folder_create(&t->ctx, path_of(t, "a/b/c")));
    assert_true(vv_folder_create(&t->ctx, "/"));
    assert_false(vv_folder_create(&t->ctx, ""));
    assert_failure(&t->ctx, VV_FAILED, "names no folder", (char *)NULL);
}

static void folder_create_refuses_a_file_in_the_way(void **state) {
    struct temporary *t = *state;
    put(t, "a", "file");
    assert_false(vv_folder_create(&t->ctx, path_of(t, "a")));
    assert_failure(&t->ctx, VV_FAILED, t->path, "exists", (char *)NULL);
    assert_false(vv_folder_create(&t->ctx, path_of(t, "a/b")));
    assert_failure(&t->ctx, VV_FAILED, t->folder, "cannot be created", (char *)NULL);
    assert_holds(t, "a", "file");
}

static void path_questions_are_answered(void **state) {
    struct temporary *t = *state;
    bool has;
    assert_true(vv_folder_has_entries(&t->ctx, t->folder, &has) && !has);
    put(t, "a", "");
    assert_true(vv_folder_has_entries(&t->ctx, t->folder, &has) && has);
    assert_true(vv_folder_has_entries(&t->ctx, path_of(t, "a"), &has) && !has);
    assert_true(vv_folder_has_entries(&t->ctx, path_of(t, "b"), &has) && !has);
    assert_true(vv_path_exists(path_of(t, "a")));
    assert_false(vv_path_exists(path_of(t, "b")));
    assert_false(vv_path_is_folder(path_of(t, "a")));
    assert_true(vv_path_is_folder(t->folder));
}

static void room_is_that_of_the_disk(void **state) {
    struct temporary *t = *state;
    uint64_t here, below;
    assert_true(vv_disk_room(&t->ctx, t->folder, &here) && here > 0);
    // The same disk, where others write, too.
    assert_true(vv_disk_room(&t->ctx, path_of(t, "a/b/c"), &below) && below > here / 2);
    put(t, "a", "file");
    assert_false(vv_disk_room(&t->ctx, path_of(t, "a/b"), &below));
    assert_true(vv_disk_room(&t->ctx, "no-such-folder", &below));
    assert_int_equal(t->ctx.status, VV_OK);
}

static void join_never_doubles_the_slash(void **state) {
    struct temporary *t = *state;
    static const char *const cases[][3] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"}, {"", "b", "b"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *path = vv_path_join(&t->ctx, cases[i][0], cases[i][1]);
        assert_non_null(path);
        assert_string_equal(path, cases[i][2]);
        free(path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(read_returns_bytes_and_a_nul),
        TEST(read_takes_an_empty_file),
        TEST(read_refuses_a_file_over_the_limit),
        TEST(read_reads_files_that_claim_no_size),
        TEST(read_refuses_what_is_not_a_file),
        TEST(folder_create_makes_parents_and_takes_existing_ones),
        TEST(folder_create_refuses_a_file_in_the_way),
        TEST(path_questions_are_answered),
        TEST(room_is_that_of_the_disk),
        TEST(join_never_doubles_the_slash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
