// Folders of pictures, as a user has them.
#include "runner.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PICTURES = 800 };

// A folder of links to one picture of 2048 x 2048, each of which takes some 20 ms to decode.
static void many_pictures(struct room *r) {
    RUN(r, "data", "info", "--images", "4", "--size", "1024x1024", "--count", "4", "-o", in(r, "p.png"));
    assert_ok(r);
    assert_int_equal(mkdir(in(r, "many"), 0777), 0);
    const char *to = in(r, "p.png");
    for (unsigned i = 0; i < PICTURES; i++) {
        char path[PATH_SIZE];
        (void)snprintf(path, sizeof path, "%s/many/%04u.png", r->folder, i);
        assert_int_equal(symlink(to, path), 0);
    }
    static char cache[PATH_SIZE];
    (void)snprintf(cache, sizeof cache, "VKVAE_CACHE=%s/cache", r->folder);
    r->variable[0] = cache;
}

static void stop_while_decoding(struct room *r, int signal, const char *said) {
    await_err(r, "many: decoding ");
    assert_int_equal(kill(r->pid, signal), 0);
    assert_int_equal(program_finish(r), 128 + signal);
    assert_has(r->err, "\nstopping (once more to stop at once)\n");
    assert_has(r->err, said);
    assert_null(strstr(r->err, "data: "));  // it had not begun
    assert_string_equal(r->out, "");
}

static void a_stop_ends_decoding(void **state) {
    struct room *r = *state;
    many_pictures(r);
    assert_int_equal(chdir(r->folder), 0);
    START(r, "train", "--data", "many", "--size", "8x8", SMALL);
    stop_while_decoding(r, SIGINT, "\nstopped before the first step; nothing is written\n");
    assert_string_equal(list_folder(in(r, "cache"), "").text, "");
    assert_false(exists(in(r, "runs")));
    // A run that is continued stays as it is.
    RUN(r, "train", "--data", "many", "--size", "8x8", "--limit", "60", "--epochs", "1", SMALL, "--out",
        in(r, "run"));
    assert_ok(r);
    const struct listing before = list_folder(in(r, "run"), "");
    assert_int_equal(unlink(in(r, "many/0000.png")), 0);
    START(r, "train", "--resume", in(r, "run"), "--epochs", "2");
    stop_while_decoding(r, SIGTERM, "\nstopped before the first step; the run is as it was\n");
    assert_string_equal(list_folder(in(r, "run"), "").text, before.text);
    assert_int_equal(chdir("/"), 0);
}

// A run has PNGs in it, and lies where sets are looked for, or among pictures.
static void a_run_is_no_set(void **state) {
    struct room *r = *state;
    static char data[PATH_SIZE];
    (void)snprintf(data, sizeof data, "VKVAE_DATA=%s", r->folder);
    r->variable[0] = data;
    RUN(r, "train", "--images", "40", "--size", "8x8", "--epochs", "1", SMALL, "--out",
        in(r, "photos/run"));
    assert_ok(r);
    assert_true(exists(in(r, "photos/run/samples-001.png")));
    copy_folder(in(r, "photos/run"), in(r, "run"));
    RUN(r, "data", "info", "none");
    ASSERT_REFUSED(r, 4, "found there: ");
    assert_null(strstr(r->err, "there: photos"));
    assert_null(strstr(r->err, "there: run"));
    // A set may have a config.json of its own, with a word that a run's has.
    for (char name[] = "photos/a.png"; name[7] < 'e'; name[7]++)
        assert_int_equal(link(in(r, "run/samples-001.png"), in(r, "%s", name)), 0);
    write_bytes(in(r, "photos/config.json"), "{\"record\": 7}", 13);
    RUN(r, "data", "info", "photos");
    assert_ok(r);
    assert_has(r->err, "photos: decoding 4 pictures\n");
    assert_has(r->err, "photos/run: is the folder of a run; its pictures are left out\n");
    RUN(r, "data", "info", "none");
    ASSERT_REFUSED(r, 4, "found there: photos");
    assert_null(strstr(r->err, "there: photos, run"));
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(a_stop_ends_decoding),
        ROOM(a_run_is_no_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
