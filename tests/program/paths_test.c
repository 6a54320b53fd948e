// Folders whose names have spaces, quotes and letters beyond ASCII.
#include "runner.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define UNICODE "l\xc3\xa4ufe/mein erster Lauf \xc3\xbc"

static const char *const names[] = {UNICODE, "it's \"quoted\" $HOME `x`", "-dash", "a\\b*?[c] & ;d",
                                    "\xe2\x88\x87 \xf0\x9f\x8e\xa8"};
enum { NAMES = sizeof names / sizeof *names };

// What stands behind "next: " or "continue with: ", as a user would copy it.
static void paste(struct room *r, const char *text, const char *label) {
    char line[4096];
    const char *start = strstr(text, label);
    assert_non_null(start);
    start += strlen(label);
    // Standing in the room's folder, so that the picture comes to lie there.
    assert_in_range(
        snprintf(line, sizeof line, "cd '%s' && %.*s", r->folder, (int)strcspn(start, "\n"), start), 1,
        sizeof line - 1);
    if (run_shell(r, line) != 0) fail_msg("%s: %s", line, r->err);
}

static void run_is_trained_continued_and_sampled(void **state) {
    struct room *r = *state;
    for (size_t i = 0; i < NAMES; i++) {
        const char *run = in(r, "%s", names[i]);
        const char *config = in(r, "%s/config.json", names[i]), *again = in(r, "%s again", names[i]);
        RUN(r, "train", "--images", "40", "--size", "8x8", SMALL, "--epochs", "1", "--out", run);
        assert_ok(r);
        paste(r, r->out, "next: ");
        assert_true(exists(in(r, "grid.png")));
        remove_tree(in(r, "grid.png"));
        RUN(r, "train", "--resume", run, "--epochs", "2");
        assert_ok(r);
        RUN(r, "sample", run, "-o", in(r, "%s/\xc3\xbc b.npy", names[i]));
        assert_ok(r);
        remove_tree(in(r, "%s/\xc3\xbc b.npy", names[i]));
        RUN(r, "train", "--config", config, "--out", again);
        assert_ok(r);
        assert_same_run(run, again);
    }
}

static void name_that_begins_with_a_dash_is_pasted_as_a_path(void **state) {
    struct room *r = *state;
    char line[PATH_SIZE + 512];
    (void)snprintf(
        line, sizeof line,
        "cd '%s' && '%s' train --images 40 --size 8x8 --hidden 8 --latent 2 --batch 20 --epochs 1 "
        "--out=-r",
        r->folder, VKVAE_PROGRAM);
    run_shell(r, line);
    assert_ok(r);
    paste(r, r->out, "next: ");
    assert_true(exists(in(r, "-r/checkpoint.safetensors")));
}

static void set_is_found_and_kept(void **state) {
    struct room *r = *state;
    for (size_t i = 0; i < NAMES; i++) {
        const char *set = in(r, "set %s", i ? names[i] : "\xc3\xa4 \xc3\xb6"),
                   *run = in(r, "run-%zu", i);
        write_set(set, &small_set);
        RUN(r, "train", "--data", set, SMALL, "--epochs", "1", "--out", run);
        assert_ok(r);
        RUN(r, "train", "--resume", run, "--epochs", "2");  // by the path that config.json keeps
        assert_ok(r);
        RUN(r, "train", "--config", in(r, "run-%zu/config.json", i), "--out", in(r, "again-%zu", i));
        assert_ok(r);
        assert_same_run(run, in(r, "again-%zu", i));
    }
}

static void set_is_found_by_its_name(void **state) {
    struct room *r = *state;
    char variable[PATH_SIZE];
    assert_int_equal(mkdir(in(r, "my data \xc3\xbc's"), 0777), 0);
    write_set(in(r, "my data \xc3\xbc's/pic tures"), &small_set);
    (void)snprintf(variable, sizeof variable, "VKVAE_DATA=%s", in(r, "my data \xc3\xbc's"));
    r->variable[0] = variable;
    RUN(r, "train", "--data", "pic tures", SMALL, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(run_is_trained_continued_and_sampled),
        ROOM(name_that_begins_with_a_dash_is_pasted_as_a_path),
        ROOM(set_is_found_and_kept),
        ROOM(set_is_found_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
