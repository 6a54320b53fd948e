// What killed writers left is removed; what others have is not.
#include "../temporary.h"
#include "sweep.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void put(struct temporary *t, const char *name) {
    FILE *file = fopen(path_of(t, name), "wb");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

// As one that was last written so many minutes ago.
static void put_before(struct temporary *t, const char *name, time_t minutes) {
    const struct timespec at = {.tv_sec = time(NULL) - 60 * minutes}, times[2] = {at, at};
    put(t, name);
    assert_int_equal(utimensat(AT_FDCWD, path_of(t, name), times, 0), 0);
}

static void files_of_dead_processes_are_removed(void **state) {
    struct temporary *t = *state;
    char own[64], dead[64];
    const pid_t child = fork();
    if (child == 0) _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    (void)snprintf(own, sizeof own, ".kept-1.bin.%ld-0.tmp", (long)getpid());
    (void)snprintf(dead, sizeof dead, ".kept-1.bin.%ld-12.tmp", (long)child);
    static const char *const stay[] = {"kept-1.bin",
                                       ".kept-1.bin",
                                       ".kept-1.bin.0-0.tmp",
                                       ".kept-1.bin.x-0.tmp",
                                       ".kept-1.bin.-5-0.tmp",
                                       ".kept-1.bin.999999999.tmp",
                                       ".tmp",
                                       ".other.999999999-0.tmp",
                                       "kept-1.bin.999999999-0.tmp"};
    for (size_t i = 0; i < sizeof stay / sizeof *stay; i++) put_before(t, stay[i], 62);
    put_before(t, own, 62);
    put_before(t, dead, 62);
    put_before(t, ".kept-2.bin.999999999-0.tmp", 62);
    // Of a writer that may be in another container.
    put_before(t, ".kept-3.bin.999999999-0.tmp", 58);
    vv_sweep(t->folder, "kept-");
    for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
        if (access(path_of(t, stay[i]), F_OK) != 0) fail_msg("%s is gone", stay[i]);
    assert_int_equal(access(path_of(t, own), F_OK), 0);
    assert_int_not_equal(access(path_of(t, dead), F_OK), 0);
    assert_int_not_equal(access(path_of(t, ".kept-2.bin.999999999-0.tmp"), F_OK), 0);
    assert_int_equal(access(path_of(t, ".kept-3.bin.999999999-0.tmp"), F_OK), 0);
    vv_sweep("/nonexistent", "kept-");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_of_dead_processes_are_removed, temporary_create,
                                        temporary_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
