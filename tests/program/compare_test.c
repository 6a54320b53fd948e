// `compare`: the table, its order, the settings that differ, the picture, and runs that cannot be read.
#include "file.h"
#include "told.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// Runs of their own settings on one set: runs/wide learns more than runs/narrow.
static void train_two(struct room *r) {
    train_small(r, in(r, "runs/narrow"), "1");
    RUN(r, "train", "--data", in(r, "set"), "--hidden", "64", "--latent", "4", "--batch", "20", "--lr",
        "1e-2", "--beta", "0.5", "--epochs", "3", "--out", in(r, "runs/wide"));
    assert_ok(r);
}

static void the_best_is_first_and_only_what_differs_is_shown(void **state) {
    struct room *r = *state;
    train_two(r);
    assert_int_equal(RUN(r, "compare", in(r, "runs/narrow"), in(r, "runs/wide/")), 0);
    assert_string_equal(r->err, "");
    assert_int_equal(strncmp(r->out, "run     hidden  beta  epochs  ", 30), 0);
    assert_has(r->out, "\nwide    64      0.5      3/3  ");
    assert_has(r->out, "\nnarrow  32      -        1/1  ");
    assert_true(strstr(r->out, "\nwide") < strstr(r->out, "\nnarrow"));
    assert_null(strstr(r->out, "latent"));

    assert_int_equal(RUN(r, "compare", in(r, "runs/narrow"), in(r, "runs/wide"), "--json"), 0);
    cJSON *json = json_of(r);
    const cJSON *runs = cJSON_GetObjectItemCaseSensitive(json, "runs"),
                *first = cJSON_GetArrayItem(runs, 0), *second = cJSON_GetArrayItem(runs, 1);
    assert_int_equal(cJSON_GetArraySize(runs), 2);
    assert_string_equal(text_of(first, "name"), "wide");
    assert_string_equal(text_of(first, "path"), in(r, "runs/wide"));
    assert_true(number_of(first, "images_per_second") > 0);
    const cJSON *settings = cJSON_GetObjectItemCaseSensitive(first, "settings");
    assert_string_equal(text_of(settings, "hidden"), "64");
    assert_string_equal(text_of(settings, "beta"), "0.5");
    settings = cJSON_GetObjectItemCaseSensitive(second, "settings");
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(settings, "beta")));
    assert_int_equal(cJSON_GetArraySize(settings), 2);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "comparable")));
    cJSON_Delete(json);
}

// The library's figures are those of the files.
static void figures_are_those_of_the_metrics(void **state) {
    struct room *r = *state;
    train_two(r);
    const char *const names[] = {in(r, "runs/wide"), in(r, "runs/narrow")};
    const vkvae_compare_options options = {.runs = names, .count = 2};
    vkvae_comparison *c;
    vkvae *v = vkvae_create();
    if (vkvae_compare(v, &options, &c) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    assert_int_equal(c->run_count, 2);
    cJSON *last = metrics_line(in(r, "runs/wide/metrics.jsonl"), 3),
          *best = metrics_line(in(r, "runs/wide/metrics.jsonl"), c->runs[0].best_epoch);
    assert_int_equal(c->runs[0].epochs, 3);
    assert_losses(&c->runs[0].train, last, "train");
    assert_losses(&c->runs[0].test, last, "test");
    assert_losses(&c->runs[0].best, best, "test");
    assert_true(c->runs[0].best.loss <= c->runs[1].best.loss);
    cJSON_Delete(last);
    cJSON_Delete(best);
    vkvae_free(c);
    vkvae_destroy(v);
}

static void the_picture_says_which_runs_it_shows(void **state) {
    struct room *r = *state;
    train_small(r, in(r, "runs/0"), "2");
    for (int i = 1; i < 8; i++) copy_folder(in(r, "runs/0"), in(r, "runs/%d", i));
    // One that has not had its first epoch yet.
    assert_int_equal(remove(in(r, "runs/0/metrics.jsonl")), 0);
    char line[1024];
    (void)snprintf(line, sizeof line, "cd '%s' && '%s' compare runs/* -o c.png", r->folder,
                   VKVAE_PROGRAM);
    assert_int_equal(run_shell(r, line), 0);
    assert_has(r->err, "c.png shows the first 6 of 7 runs that have a curve\n");
    assert_has(r->out, "\n0       0/2          -  ");
    assert_int_equal(count_of(r->out, "\n"), 9);
    assert_int_equal(strncmp(r->out, "run  epochs", 11), 0);
    size_t size;
    unsigned char *png = read_bytes(in(r, "c.png"), &size);
    assert_true(size > 1000 && memcmp(png, "\x89PNG", 4) == 0);
    free(png);
}

static void losses_of_different_things_are_said_to_be(void **state) {
    struct room *r = *state;
    const struct set other = {12, 10, 200, 60, 77, false, false};
    train_small(r, in(r, "runs/a"), "1");
    write_set(in(r, "other"), &other);
    RUN(r, "train", "--data", in(r, "other"), SMALL, "--epochs", "1", "--out", in(r, "runs/data"));
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--likelihood", "gaussian", "--out",
        in(r, "runs/gaussian"));
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--binarize", "static", "--out",
        in(r, "runs/binary"));
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--objective", "ae", "--out",
        in(r, "runs/ae"));
    static const struct {
        const char *name, *why;
    } all[] = {{"data", "they are of different data"},
               {"gaussian", "gaussian"},
               {"binary", "0 or 1 differently"},
               {"ae", "one is an autoencoder"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        RUN(r, "compare", in(r, "runs/a"), in(r, "runs/%s", all[i].name), "--quiet");
        assert_int_equal(r->code, 0);
        assert_has(r->err, "warning: the losses of ");
        assert_has(r->err, all[i].why);
        assert_int_equal(count_of(r->err, "\n"), 1);
    }
}

// "b/x" and "a/x" are called by their paths, and others by their names.
static void folders_of_one_name_are_told_apart(void **state) {
    struct room *r = *state;
    char line[1024];
    train_small(r, in(r, "a/x"), "1");
    assert_int_equal(mkdir(in(r, "b"), 0777), 0);
    copy_folder(in(r, "a/x"), in(r, "b/x"));
    copy_folder(in(r, "a/x"), in(r, "b/y"));
    (void)snprintf(line, sizeof line, "cd '%s' && '%s' compare b/y b/x a/x", r->folder, VKVAE_PROGRAM);
    assert_int_equal(run_shell(r, line), 0);
    assert_has(r->out, "\ny    ");
    assert_has(r->out, "\nb/x  ");
    assert_has(r->out, "\na/x  ");
    assert_true(strstr(r->out, "\ny ") < strstr(r->out, "\nb/x"));  // equals stay in their order
}

static void runs_that_cannot_be_read_are_refused(void **state) {
    struct room *r = *state;
    train_small(r, in(r, "a"), "1");
    RUN(r, "compare");
    ASSERT_REFUSED(r, 2, "RUN is missing");
    RUN(r, "compare", in(r, "a"), in(r, "nowhere"));
    ASSERT_REFUSED(r, 4, "nowhere: holds no config.json");
    RUN(r, "compare", in(r, "a"), in(r, "a/checkpoint.safetensors"));
    ASSERT_REFUSED(r, 2, "checkpoint.safetensors: is a file");
    RUN(r, "compare", in(r, "a"), "-o", in(r, "x.jpg"));
    ASSERT_REFUSED(r, 2, "ends in .png");
    RUN(r, "compare", in(r, "a"), "-o", in(r, "nowhere/x.png"));
    ASSERT_REFUSED(r, 1, "nowhere/x.png");
    copy_folder(in(r, "a"), in(r, "b"));
    write_bytes(in(r, "b/metrics.jsonl"), "{}\n", 3);
    RUN(r, "compare", in(r, "a"), in(r, "b"));
    ASSERT_REFUSED(r, 4, "b/metrics.jsonl: line 1");
    write_bytes(in(r, "b/config.json"), "{", 1);
    RUN(r, "compare", in(r, "a"), in(r, "b"));
    ASSERT_REFUSED(r, 4, "b/config.json");
}

// A bit that changed in a config.json: what the run was trained with is shown as it stands there.
static void strange_settings_are_shown(void **state) {
    struct room *r = *state;
    train_two(r);
    struct vv_context ctx;
    unsigned char *bytes;
    uint64_t size;
    vv_context_init(&ctx);
    assert_true(vv_file_read(&ctx, in(r, "runs/wide/config.json"), 1 << 20, &bytes, &size));
    char *record = strstr((char *)bytes, "\"record\""), *name = record ? strstr(record, "adam") : NULL;
    assert_non_null(name);
    *name = 'A';
    assert_true(vv_file_write(&ctx, in(r, "runs/wide/config.json"), bytes, size));
    free(bytes);
    assert_int_equal(RUN(r, "compare", in(r, "runs/narrow"), in(r, "runs/wide")), 0);
    assert_has(r->out, "Adam");
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(the_best_is_first_and_only_what_differs_is_shown),
        ROOM(figures_are_those_of_the_metrics),
        ROOM(the_picture_says_which_runs_it_shows),
        ROOM(losses_of_different_things_are_said_to_be),
        ROOM(folders_of_one_name_are_told_apart),
        ROOM(runs_that_cannot_be_read_are_refused),
        ROOM(strange_settings_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
