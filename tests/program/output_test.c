// Folders that cannot be written, disks that are full, runs that are there already: nothing is lost or
// half-written.
#include "runner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void train_to(struct room *r, const char *epochs, const char *out) {
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", epochs, "--out", out);
}

// Each line of `part` (a file, its size and checksum) is in `whole` too; timing.jsonl is not in either.
static void assert_files_of(const struct listing *part, const struct listing *whole) {
    for (const char *at = part->text; *at;) {
        char line[512];
        const int length = (int)strcspn(at, "\n") + 1;
        assert_in_range(snprintf(line, sizeof line, "%.*s", length, at), 1, sizeof line - 1);
        if (!strstr(whole->text, line)) fail_msg("not as in the whole run: %s", line);
        at += length;
    }
}

static void folder_that_cannot_be_made_is_refused(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    struct listing before = list_folder(in(r, "set"), "");
    const char *file = in(r, "set/train-images-idx3-ubyte");
    train_to(r, "1", file);
    ASSERT_REFUSED(r, 2, file, "not a folder", "--out");
    train_to(r, "1", in(r, "set/train-images-idx3-ubyte/run"));
    ASSERT_REFUSED(r, 1, file, "cannot be created");
    train_to(r, "1", "/proc/vkvae/run");
    ASSERT_REFUSED(r, 1, "/proc/vkvae", "cannot be created");
    train_to(r, "1", "/proc/self/fd");
    assert_int_equal(r->code, 2);  // not empty
    assert_int_equal(count_of(r->out, "epoch"), 0);
    assert_string_equal(before.text, list_folder(in(r, "set"), "").text);
}

// ---- A disk that is full: no file may be larger than so many bytes ----

// The sizes of a run's files lie between these; a line of error is shorter.
static const uint64_t limits[] = {1000, 10000, 30000, 50000, 80000, 100000};
enum { LIMITS = sizeof limits / sizeof *limits };

static void new_run_on_a_full_disk(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    train_to(r, "1", in(r, "whole"));
    assert_ok(r);
    struct listing whole = list_folder(in(r, "whole"), "");
    for (size_t i = 0; i < LIMITS; i++) {
        const char *out = in(r, "run-%zu", i);
        r->file_limit = limits[i];
        train_to(r, "1", out);
        r->file_limit = 0;
        ASSERT_REFUSED(r, 1, out, "writing at offset ", "File too large");
        assert_tidy(out);
        struct listing left = list_folder(out, "timing.jsonl");
        assert_files_of(&left, &whole);
        assert_false(exists(in(r, "run-%zu/resume.safetensors", i)));
    }
}

static void continued_run_on_a_full_disk_can_go_on(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    train_to(r, "2", in(r, "whole"));
    assert_ok(r);
    train_to(r, "1", in(r, "begun"));
    assert_ok(r);
    for (size_t i = 0; i < LIMITS; i++) {
        const char *run = in(r, "run-%zu", i);
        copy_folder(in(r, "begun"), run);
        r->file_limit = limits[i];
        RUN(r, "train", "--resume", run, "--epochs", "2");
        r->file_limit = 0;
        ASSERT_REFUSED(r, 1, run, "writing at offset ", "File too large");
        assert_tidy(run);
        assert_same_file(in(r, "run-%zu/resume.safetensors", i), in(r, "begun/resume.safetensors"));
        RUN(r, "train", "--resume", run, "--epochs", "2");
        assert_ok(r);
        assert_same_run(in(r, "whole"), run);
    }
}

static void samples_on_a_full_disk(void **state) {
    struct room *r = *state;
    static const char *const names[] = {"grid.png", "grid.npy"};
    write_set(in(r, "set"), &small_set);
    train_to(r, "1", in(r, "run"));
    assert_ok(r);
    for (int i = 0; i < 2; i++) {
        const char *grid = in(r, "%s", names[i]);
        write_bytes(grid, "older", 5);
        r->file_limit = 1000;
        RUN(r, "sample", in(r, "run"), "-o", grid);
        r->file_limit = 0;
        ASSERT_REFUSED(r, 1, grid, "writing at offset ");
        size_t size;
        unsigned char *bytes = read_bytes(grid, &size);
        assert_int_equal(size, 5);
        assert_memory_equal(bytes, "older", 5);
        free(bytes);
        RUN(r, "sample", in(r, "run"), "-o", grid);
        assert_ok(r);
        assert_int_equal(unlink(grid), 0);
    }
    assert_int_equal(unlink(in(r, "stdout")), 0);
    assert_int_equal(unlink(in(r, "stderr")), 0);
    remove_tree(in(r, "run"));
    remove_tree(in(r, "set"));
    assert_string_equal(list_folder(r->folder, "").text, "");
}

// ---- The same on a real file system, where this process may mount one ----

static bool mount_small(struct room *r, const char *options, unsigned long flags) {
    assert_int_equal(mkdir(in(r, "disk"), 0777), 0);
    if (mount("vkvae-test", in(r, "disk"), "tmpfs", flags, options) == 0) return true;
    print_message("SKIPPED: mount: %s\n", strerror(errno));
    return false;
}

static int unmount_and_remove(void **state) {
    struct room *r = *state;
    (void)umount2(in(r, "disk"), 2 /* MNT_DETACH */);
    return room_remove(state);
}

static void full_file_system(void **state) {
    struct room *r = *state;
    if (!mount_small(r, "size=160k", 0)) skip();
    write_set(in(r, "set"), &small_set);
    train_to(r, "2", in(r, "whole"));
    assert_ok(r);
    train_to(r, "2", in(r, "disk/run"));
    ASSERT_REFUSED(r, 1, in(r, "disk/run"), "failed", "No space left on device");
    assert_tidy(in(r, "disk/run"));
    struct listing left = list_folder(in(r, "disk/run"), "timing.jsonl config.json"),
                   whole = list_folder(in(r, "whole"), "");
    if (!strstr(left.text, "loss.png")) fail_msg("it failed too early to tell anything: %s", left.text);
    (void)mount("vkvae-test", in(r, "disk"), "tmpfs", MS_REMOUNT, "size=2m");
    train_to(r, "2", in(r, "disk/run"));
    ASSERT_REFUSED(r, 2, "--force", "holds no run to continue");
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "2", "--out", in(r, "disk/run"),
        "--force");
    assert_ok(r);
    assert_same_run(in(r, "whole"), in(r, "disk/run"));
    assert_int_equal(count_of(whole.text, "\n"), 11);
}

static void read_only_file_system(void **state) {
    struct room *r = *state;
    if (!mount_small(r, "size=1m", MS_RDONLY)) skip();
    write_set(in(r, "set"), &small_set);
    train_to(r, "1", in(r, "disk/run"));
    ASSERT_REFUSED(r, 1, in(r, "disk/run"), "Read-only");
    train_to(r, "1", in(r, "disk"));
    ASSERT_REFUSED(r, 1, in(r, "disk/config.json"), "Read-only", "writable");
}

// ---- A run that is there already ----

static void run_is_not_overwritten_unasked(void **state) {
    struct room *r = *state;
    const char *run = in(r, "run");
    write_set(in(r, "set"), &small_set);
    train_to(r, "1", run);
    assert_ok(r);
    struct listing before = list_folder(run, "");
    train_to(r, "2", run);
    ASSERT_REFUSED(r, 2, run, "--resume", "--force", "--out");
    train_to(r, "2", in(r, "run/"));
    ASSERT_REFUSED(r, 2, run, "--force");
    // Also with --force nothing is lost by a run that cannot begin.
    static const char *const wrong[] = {"--batch=201", "--data=no-such-set", "--device=none of them",
                                        "--hidden=0"};
    static const int code[] = {2, 4, 3, 2};
    for (int i = 0; i < 4; i++) {
        r->device = NULL;
        RUN(r, "train", "--data", in(r, "set"), "--out", run, "--force", wrong[i]);
        assert_int_equal(r->code, code[i]);
    }
    assert_string_equal(before.text, list_folder(run, "").text);
}

static void force_leaves_nothing_of_the_old_run(void **state) {
    struct room *r = *state;
    const char *run = in(r, "run");
    write_set(in(r, "set"), &small_set);
    train_to(r, "1", in(r, "new"));
    assert_ok(r);
    train_to(r, "3", run);
    assert_ok(r);
    write_bytes(in(r, "run/samples-007.png"), "old", 3);
    write_bytes(in(r, "run/samples-1007.png"), "old", 3);
    write_bytes(in(r, "run/.samples-002.png.123-0.tmp"), "old", 3);
    write_bytes(in(r, "run/.checkpoint.safetensors.4711-12.tmp"), "old", 3);
    // Not ours, and so not to be removed.
    static const char *const theirs[] = {"notes.txt", "samples-7.png.txt", ".notes.123-0.tmp",
                                         "samples-.png"};
    for (int i = 0; i < 4; i++) write_bytes(in(r, "run/%s", theirs[i]), "mine", 4);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--out", run, "--force");
    assert_ok(r);
    for (int i = 0; i < 4; i++) assert_int_equal(unlink(in(r, "run/%s", theirs[i])), 0);
    assert_same_run(in(r, "new"), run);
}

static void parents_of_the_folder_are_made(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    train_to(r, "1", in(r, "a/b/c/"));
    assert_ok(r);
    assert_true(exists(in(r, "a/b/c/checkpoint.safetensors")));
    struct listing listing = list_folder(in(r, "a/b/c"), "");
    assert_int_equal(count_of(listing.text, "\n"), 8);
}

#define MOUNTING(test) cmocka_unit_test_setup_teardown(test, room_create, unmount_and_remove)

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(folder_that_cannot_be_made_is_refused),
        ROOM(new_run_on_a_full_disk),
        ROOM(continued_run_on_a_full_disk_can_go_on),
        ROOM(samples_on_a_full_disk),
        MOUNTING(full_file_system),
        MOUNTING(read_only_file_system),
        ROOM(run_is_not_overwritten_unasked),
        ROOM(force_leaves_nothing_of_the_old_run),
        ROOM(parents_of_the_folder_are_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
