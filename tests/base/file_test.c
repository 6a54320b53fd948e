// RTLD_NEXT, unshare
#define _GNU_SOURCE
#include "file.h"
#include "held.h"
#include "leftover.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

// The writer's system calls go through these: the n-th call of one kind fails, or writes are cut short.
static struct {
    const char *call;  // NULL: none
    int countdown, error;
    bool hit, short_writes, no_links;
    unsigned writes;
} inject;

static bool injected(const char *call) {
    if (!inject.call || strcmp(inject.call, call) != 0 || inject.countdown-- != 0) return false;
    inject.hit = true;
    errno = inject.error;
    return true;
}

static void inject_failure(const char *call, int nth, int error) {
    memset(&inject, 0, sizeof inject);
    inject.call = call;
    inject.countdown = nth;
    inject.error = error;
}

#define REAL(type, name, ...)                                                                           \
    type (*real)(__VA_ARGS__);                                                                          \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    if (injected("write")) return -1;
    if (inject.short_writes) {
        if (inject.writes++ % 3 == 2) {
            errno = EINTR;
            return -1;
        }
        if (size > 7) size = 7;
    }
    return real(fd, bytes, size);
}

// A signal's handler that comes as soon as the file is there, or cannot be.
int open(const char *path, int flags, ...) {
    REAL(int, open, const char *, int, ...);
    va_list more;
    va_start(more, flags);
    const int fd = real(path, flags, flags & O_CREAT ? va_arg(more, mode_t) : 0);
    va_end(more);
    if (flags & O_CREAT && injected("open")) vv_leftover_remove();
    return fd;
}

int fsync(int fd) {
    REAL(int, fsync, int);
    return injected("fsync") ? -1 : real(fd);
}

int close(int fd) {
    REAL(int, close, int);
    int result = real(fd);
    return injected("close") ? -1 : result;
}

int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    return injected("rename") ? -1 : real(from, to);
}

int link(const char *from, const char *to) {
    REAL(int, link, const char *, const char *);
    if (inject.no_links) {
        errno = EPERM;
        return -1;
    }
    return injected("link") ? -1 : real(from, to);
}

int unlink(const char *path) {
    REAL(int, unlink, const char *);
    return injected("unlink") ? -1 : real(path);
}

static void write_creates_and_replaces(void **state) {
    struct temporary *t = *state;
    assert_true(vv_file_write(&t->ctx, path_of(t, "a"), "old", 3));
    assert_holds(t, "a", "old");
    assert_true(vv_file_write(&t->ctx, path_of(t, "a"), "new!", 4));
    assert_holds(t, "a", "new!");
    assert_int_equal(entries_in(t->folder), 1);
}

static void write_follows_the_umask(void **state) {
    struct temporary *t = *state;
    struct stat info;
    mode_t before = umask(027);
    bool ok = vv_file_write(&t->ctx, path_of(t, "a"), "x", 1);
    (void)umask(before);
    assert_true(ok);
    assert_int_equal(stat(t->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

static void write_takes_a_bare_name_and_the_longest_one(void **state) {
    struct temporary *t = *state;
    char name[256], cwd[1024];
    memset(name, 'n', 255);
    name[255] = '\0';
    assert_non_null(getcwd(cwd, sizeof cwd));
    assert_int_equal(chdir(t->folder), 0);
    bool bare = vv_file_write(&t->ctx, "bare", "1", 1), longest = vv_file_write(&t->ctx, name, "2", 1);
    assert_int_equal(chdir(cwd), 0);
    assert_true(bare);
    assert_true(longest);
    assert_holds(t, "bare", "1");
    assert_holds(t, name, "2");
}

static void writer_keeps_the_old_file_until_commit(void **state) {
    struct temporary *t = *state;
    struct vv_writer writer;
    put(t, "a", "old");
    assert_true(vv_writer_open(&t->ctx, path_of(t, "a"), &writer));
    assert_true(vv_writer_write(&writer, "ne", 2));
    assert_true(vv_writer_write(&writer, "w", 1));
    assert_int_equal(writer.size, 3);
    assert_holds(t, "a", "old");
    assert_true(vv_writer_commit(&writer));
    assert_holds(t, "a", "new");
    vv_writer_abort(&writer);
    assert_holds(t, "a", "new");
    assert_int_equal(entries_in(t->folder), 1);
}

static void abort_leaves_nothing_behind(void **state) {
    struct temporary *t = *state;
    struct vv_writer writer, zeroed;
    memset(&zeroed, 0, sizeof zeroed);
    put(t, "a", "old");
    assert_true(vv_writer_open(&t->ctx, path_of(t, "a"), &writer));
    assert_true(vv_writer_write(&writer, "new", 3));
    assert_int_equal(entries_in(t->folder), 2);
    vv_writer_abort(&writer);
    vv_writer_abort(&writer);
    assert_holds(t, "a", "old");
    assert_int_equal(entries_in(t->folder), 1);
    int before = fcntl(0, F_GETFD);
    vv_writer_abort(&zeroed);
    assert_int_equal(fcntl(0, F_GETFD), before);  // descriptor 0 is not the writer's
}

static void writer_retries_short_writes_and_interrupts(void **state) {
    struct temporary *t = *state;
    const char *text = "forty-four bytes are written in seven pieces";
    memset(&inject, 0, sizeof inject);
    inject.short_writes = true;
    bool ok = vv_file_write(&t->ctx, path_of(t, "a"), text, strlen(text));
    inject.short_writes = false;
    assert_true(ok);
    assert_true(inject.writes >= 7);
    assert_holds(t, "a", text);
}

static void writer_passes_over_planted_links(void **state) {
    struct temporary *t = *state;
    char name[64], victim[PATH_ROOM];
    put(t, "victim", "precious");
    (void)snprintf(victim, sizeof victim, "%s/victim", t->folder);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, ".a.%ld-%d.tmp", (long)getpid(), i);
        assert_int_equal(symlink(i == 1 ? "/nowhere/at/all" : victim, path_of(t, name)), 0);
    }
    assert_true(vv_file_write(&t->ctx, path_of(t, "a"), "new", 3));
    assert_holds(t, "a", "new");
    assert_holds(t, "victim", "precious");
    assert_int_equal(entries_in(t->folder), 5);  // the planted ones are not ours to remove
}

static void writer_replaces_a_link_and_not_its_target(void **state) {
    struct temporary *t = *state;
    struct stat info;
    put(t, "target", "precious");
    assert_int_equal(symlink("target", path_of(t, "a")), 0);
    assert_true(vv_file_write(&t->ctx, path_of(t, "a"), "new", 3));
    assert_int_equal(lstat(t->path, &info), 0);
    assert_true(S_ISREG(info.st_mode));
    assert_holds(t, "target", "precious");
}

static void writer_refuses_what_it_must_not_replace(void **state) {
    struct temporary *t = *state;
    struct vv_writer writer;
    assert_false(vv_writer_open(&t->ctx, t->folder, &writer));
    assert_failure(&t->ctx, VV_FAILED, t->folder, "a folder", (char *)NULL);
    assert_false(vv_writer_open(&t->ctx, "/dev/null", &writer));
    assert_failure(&t->ctx, VV_FAILED, "/dev/null", "not a regular file", (char *)NULL);
    assert_false(vv_writer_open(&t->ctx, path_of(t, "a/"), &writer));
    assert_failure(&t->ctx, VV_FAILED, "names no file", (char *)NULL);
    assert_false(vv_writer_open(&t->ctx, path_of(t, "none/a"), &writer));
    assert_failure(&t->ctx, VV_FAILED, t->path, "No such file", (char *)NULL);
    assert_false(vv_writer_write(&writer, "x", 1));
    assert_false(vv_writer_commit(&writer));
    vv_writer_abort(&writer);
    assert_int_equal(entries_in(t->folder), 0);
}

static void keeping_holds_on_to_the_file_before(void **state) {
    struct temporary *t = *state;
    char previous[PATH_ROOM];
    struct vv_writer writer;
    (void)snprintf(previous, sizeof previous, "%s/a.previous", t->folder);
    const char *contents[] = {"first", "second", "third"};
    for (int i = 0; i < 3; i++) {
        assert_true(vv_writer_open(&t->ctx, path_of(t, "a"), &writer));
        assert_true(vv_writer_write(&writer, contents[i], strlen(contents[i])));
        assert_true(vv_writer_commit_keeping(&writer, previous));
        assert_holds(t, "a", contents[i]);
        if (i > 0) assert_holds(t, "a.previous", contents[i - 1]);
        assert_int_equal(entries_in(t->folder), i > 0 ? 2 : 1);
    }
}

static void keeping_works_without_hard_links(void **state) {
    struct temporary *t = *state;
    char previous[PATH_ROOM];
    (void)snprintf(previous, sizeof previous, "%s/a.previous", t->folder);
    for (int failing = 0; failing < 3; failing++) {
        struct vv_writer writer;
        put(t, "a", "old");
        put(t, "a.previous", "older");
        assert_true(vv_writer_open(&t->ctx, path_of(t, "a"), &writer));
        assert_true(vv_writer_write(&writer, "new", 3));
        // The first rename keeps the present file, the second puts the new one in its place.
        inject_failure(failing ? "rename" : "", failing - 1, EIO);
        inject.no_links = true;
        bool ok = vv_writer_commit_keeping(&writer, previous);
        inject.call = NULL;
        inject.no_links = false;
        assert_int_equal(ok, failing == 0);
        assert_int_equal(inject.hit, failing != 0);
        assert_holds(t, "a", ok ? "new" : "old");
        if (failing < 2) assert_holds(t, "a.previous", ok ? "old" : "older");
        assert_int_equal(entries_in(t->folder), failing < 2 ? 2 : 1);
        vv_clear(&t->ctx);
    }
}

// As SQLite does it: each call fails once; afterwards the old file or the new one is whole, and nothing
// else lies there.
static void every_failing_call_leaves_old_or_new(void **state) {
    struct temporary *t = *state;
    static const char *const calls[] = {"write", "fsync", "close", "rename", "link", "unlink"};
    char previous[PATH_ROOM];
    int hits = 0;
    (void)snprintf(previous, sizeof previous, "%s/a.previous", t->folder);
    for (size_t c = 0; c < sizeof calls / sizeof calls[0]; c++) {
        for (int nth = 0;; nth++) {
            struct vv_writer writer;
            (void)unlink(previous);  // it may be another name of the same file
            put(t, "a", "old");
            put(t, "a.previous", "older");
            inject_failure(calls[c], nth, EIO);
            bool ok = vv_writer_open(&t->ctx, path_of(t, "a"), &writer);
            assert_true(ok);
            (void)vv_writer_write(&writer, "n", 1);
            (void)vv_writer_write(&writer, "ew", 2);
            ok = vv_writer_commit_keeping(&writer, previous);
            inject.call = NULL;
            bool second_fsync = strcmp(calls[c], "fsync") == 0 && nth == 1;  // the folder's
            assert_holds(t, "a", ok || second_fsync ? "new" : "old");
            // Until the last rename the one before it is kept, too.
            const bool kept = ok || second_fsync || (strcmp(calls[c], "rename") == 0 && nth == 1);
            assert_holds(t, "a.previous", kept ? "old" : "older");
            assert_int_equal(entries_in(t->folder), 2);
            if (!inject.hit) {
                assert_true(ok);
                break;
            }
            hits++;
            bool survives = strstr(calls[c], "link") || (strcmp(calls[c], "close") == 0 && nth == 1);
            assert_int_equal(ok, survives);
            if (!ok)
                assert_failure(&t->ctx, VV_FAILED, path_of(t, "a"), "Input/output error", (char *)NULL);
        }
    }
    assert_int_equal(hits, 2 + 2 + 2 + 2 + 1 + 1);
}

static void folder_that_cannot_be_synced_is_tolerated(void **state) {
    struct temporary *t = *state;
    inject_failure("fsync", 1, EINVAL);
    bool ok = vv_file_write(&t->ctx, path_of(t, "a"), "new", 3);
    inject.call = NULL;
    assert_true(inject.hit);
    assert_true(ok);
}

// Runs in a child, since limits and mounts are for a whole process. Returns its exit code.
static int in_child(struct temporary *t, int (*body)(struct temporary *)) {
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(body(t));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

enum { CHILD_FINE = 0, CHILD_WRONG = 1, CHILD_SKIPS = 77 };

static int write_too_much(struct temporary *t, const char *cause) {
    static char bytes[1 << 20];
    if (vv_file_write(&t->ctx, path_of(t, "a"), bytes, sizeof bytes)) return CHILD_WRONG;
    bool told =
        t->ctx.status == VV_FAILED && strstr(t->ctx.error, t->path) && strstr(t->ctx.error, cause);
    return told && entries_in(t->folder) == 1 ? CHILD_FINE : CHILD_WRONG;
}

static int write_past_the_size_limit(struct temporary *t) {
    const struct rlimit limit = {100000, 100000};
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return CHILD_SKIPS;
    return write_too_much(t, "File too large");
}

static void file_size_limit_leaves_the_old_file(void **state) {
    struct temporary *t = *state;
    put(t, "a", "old");
    int code = in_child(t, write_past_the_size_limit);
    if (code == CHILD_SKIPS) skip();
    assert_int_equal(code, CHILD_FINE);
    assert_holds(t, "a", "old");
}

static int write_on_a_full_disk(struct temporary *t) {
    char bytes[8] = "";
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", t->folder, "tmpfs", 0, "size=128k") != 0)
        return CHILD_SKIPS;
    if (!vv_file_write(&t->ctx, path_of(t, "a"), "old", 3)) return CHILD_WRONG;
    int code = write_too_much(t, "No space left");
    FILE *file = fopen(path_of(t, "a"), "rb");
    if (!file) return CHILD_WRONG;
    size_t got = fread(bytes, 1, sizeof bytes - 1, file);
    (void)fclose(file);
    return got == 3 && strcmp(bytes, "old") == 0 ? code : CHILD_WRONG;
}

static void full_disk_leaves_the_old_file(void **state) {
    int code = in_child(*state, write_on_a_full_disk);
    if (code == CHILD_SKIPS) skip();
    assert_int_equal(code, CHILD_FINE);
}

// In a process of its own, which is what ends then.
static void leftovers_are_removed_and_nothing_else(void **state) {
    struct temporary *t = *state;
    struct vv_writer begun[3], done;
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        bool ok = vv_writer_open(&t->ctx, path_of(t, "done"), &done) && vv_writer_commit(&done);
        for (int i = 0; i < 3; i++) ok = ok && vv_writer_open(&t->ctx, path_of(t, "open"), &begun[i]);
        vv_writer_abort(&begun[1]);
        vv_leftover_remove();
        ok = ok && access(begun[0].temporary, F_OK) != 0 && access(begun[2].temporary, F_OK) != 0;
        ok = ok && !vv_writer_commit(&begun[0]) && access(path_of(t, "open"), F_OK) != 0;
        vv_writer_abort(&begun[2]);
        char other[PATH_ROOM];
        (void)snprintf(other, sizeof other, ".new.%ld-0.tmp", (long)getpid());
        put(t, other, "another's");
        inject_failure("open", 0, 0);
        ok = ok && vv_writer_open(&t->ctx, path_of(t, "new"), &begun[0]) && inject.hit;
        ok = ok && access(begun[0].temporary, F_OK) != 0;
        ok = ok && access(path_of(t, other), F_OK) == 0;
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(access(path_of(t, "done"), F_OK), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(write_creates_and_replaces),
        TEST(write_follows_the_umask),
        TEST(write_takes_a_bare_name_and_the_longest_one),
        TEST(writer_keeps_the_old_file_until_commit),
        TEST(abort_leaves_nothing_behind),
        TEST(writer_retries_short_writes_and_interrupts),
        TEST(writer_passes_over_planted_links),
        TEST(writer_replaces_a_link_and_not_its_target),
        TEST(writer_refuses_what_it_must_not_replace),
        TEST(keeping_holds_on_to_the_file_before),
        TEST(keeping_works_without_hard_links),
        TEST(every_failing_call_leaves_old_or_new),
        TEST(folder_that_cannot_be_synced_is_tolerated),
        TEST(file_size_limit_leaves_the_old_file),
        TEST(full_disk_leaves_the_old_file),
        TEST(leftovers_are_removed_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
