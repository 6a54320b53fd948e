// Folders whose names have spaces, quotes, letters beyond ASCII, what commands a terminal, what is no
// text.
#include "runner.h"

#include <cJSON.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNICODE "l\xc3\xa4ufe/mein erster Lauf \xc3\xbc"

// Red, a second line, what turns the direction, and a quote.
#define COMMANDING "r\x1b[31m\nline\xe2\x80\xae it's \\"
#define NO_TEXT    "b\xff\xc0\xaf" COMMANDING

static const char *const names[] = {UNICODE,          "it's \"quoted\" $HOME `x`",     "-dash",
                                    "a\\b*?[c] & ;d", "\xe2\x88\x87 \xf0\x9f\x8e\xa8", COMMANDING};
enum { NAMES = sizeof names / sizeof *names };

// What stands behind "next: " or "continue with: ", as a user would copy it into bash, or into sh where
// there is no $'...' in it.
static void paste(struct room *r, const char *text, const char *label) {
    static const char *const shells[] = {"sh", "bash"};
    char line[4096], call[PATH_SIZE];
    const char *start = strstr(text, label);
    assert_non_null(start);
    start += strlen(label);
    // Standing in the room's folder, so that the picture comes to lie there.
    const int length =
        snprintf(line, sizeof line, "cd '%s' && %.*s\n", r->folder, (int)strcspn(start, "\n"), start);
    assert_in_range(length, 1, sizeof line - 1);
    write_bytes(in(r, "script"), line, (size_t)length);
    (void)snprintf(call, sizeof call, "%s '%s'", shells[strstr(line, "$'") != NULL], in(r, "script"));
    if (run_shell(r, call) != 0) fail_msg("%s: %s", line, r->err);
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

// ---- What is no UTF-8, what commands a terminal ----

static void assert_shown_clean(const struct room *r) {
    const char *const texts[] = {r->out, r->err};
    for (size_t i = 0; i < 2; i++)
        for (const char *bad = "\x1b\xff\xc0\x7f"; *bad; bad++)
            if (strchr(texts[i], *bad)) fail_msg("a byte %02x is in: %s", (unsigned char)*bad, texts[i]);
    assert_int_equal(count_of(r->out, "\xe2\x80\xae") + count_of(r->err, "\xe2\x80\xae"), 0);
}

// JSON as programs read it, whose texts are UTF-8, with U+FFFD for what was none.
static void assert_json(const struct room *r, const char *key, const char *text) {
    assert_ok(r);
    assert_int_equal(count_of(r->out, "\xff") + count_of(r->out, "\xc0"), 0);
    const char *end;
    cJSON *json = cJSON_ParseWithOpts(r->out, &end, false);  // of train, the first line
    if (!json || (*end && *end != '\n')) fail_msg("no JSON: %s", r->out);
    const char *found = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
    assert_non_null(found);
    assert_has(found, text);
    cJSON_Delete(json);
}

static void what_is_shown_is_clean(void **state) {
    static const char *const all[] = {COMMANDING, NO_TEXT};
    struct room *r = *state;
    for (size_t i = 0; i < 2; i++) {
        const char *folder = in(r, "%s", all[i]), *run = in(r, "%s/run", all[i]);
        const char *grid = in(r, "%s/grid.png", all[i]), *each = in(r, "%s/each", all[i]);
        const char *none = in(r, "%s/none", all[i]);
        RUN(r, "data", "shapes", "-n", "40", "--size", "8x8", "--out", folder);
        assert_shown_clean(r);
        RUN(r, "data", "info", folder, "--out", in(r, "%s/set.png", all[i]));
        assert_ok(r);
        assert_shown_clean(r);
        RUN(r, "train", "--images", "40", "--size", "8x8", SMALL, "--epochs", "1", "--out", run);
        assert_ok(r);
        assert_shown_clean(r);
        paste(r, r->out, "next: ");
        remove_tree(in(r, "grid.png"));
        RUN(r, "sample", run, "--out", grid, "--each", each);
        assert_ok(r);
        assert_shown_clean(r);
        RUN(r, "info", run);
        assert_shown_clean(r);
        paste(r, r->out, "continue");
        RUN(r, "sample", none);
        assert_int_equal(r->code, 4);
        assert_shown_clean(r);
        RUN(r, "devices", "--device", all[i]);
        assert_shown_clean(r);
    }
}

static void json_is_utf8(void **state) {
    static const char shown[] = "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdr\x1b[31m\nline";
    struct room *r = *state;
    const char *set = in(r, NO_TEXT), *run = in(r, NO_TEXT "/run"), *grid = in(r, NO_TEXT ".png");
    RUN(r, "data", "shapes", "-n", "40", "--size", "8x8", "--out", set, "--json");
    assert_json(r, "path", shown);
    RUN(r, "data", "info", set, "-o", grid, "--json");
    assert_json(r, "name", shown);
    assert_json(r, "picture", shown);
    RUN(r, "train", "--images", "40", "--size", "8x8", SMALL, "--epochs", "1", "--out", run, "--json");
    assert_json(r, "run", shown);
    RUN(r, "sample", run, "--out", grid, "--each", in(r, NO_TEXT "/each"), "--json");
    assert_json(r, "run", shown);
    assert_json(r, "out", shown);
    assert_json(r, "each", shown);
    RUN(r, "info", run, "--json");
    assert_json(r, "path", shown);
    RUN(r, "runs", in(r, NO_TEXT), "--json");
    assert_json(r, "folder", shown);
}

// A run keeps where its set is, in JSON: by a link with such a name, else not at all.
static void set_that_cannot_be_kept_is_refused_or_linked(void **state) {
    struct room *r = *state;
    const char *set = in(r, "b\xff"), *run = in(r, "run");
    write_set(set, &small_set);
    RUN(r, "train", "--data", set, SMALL, "--epochs", "1", "--out", run);
    ASSERT_REFUSED(r, 4, "a path that is not UTF-8 cannot be kept with the run");
    assert_false(exists(run));
    assert_int_equal(symlink("b\xff", in(r, "link")), 0);
    assert_int_equal(chdir(r->folder), 0);
    RUN(r, "train", "--data", "./link", SMALL, "--epochs", "1", "--out", run);
    assert_ok(r);
    assert_int_equal(chdir("/"), 0);
    RUN(r, "train", "--resume", run, "--epochs", "2");
    assert_ok(r);
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(run_is_trained_continued_and_sampled),
        ROOM(name_that_begins_with_a_dash_is_pasted_as_a_path),
        ROOM(set_is_found_and_kept),
        ROOM(set_is_found_by_its_name),
        ROOM(what_is_shown_is_clean),
        ROOM(json_is_utf8),
        ROOM(set_that_cannot_be_kept_is_refused_or_linked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
