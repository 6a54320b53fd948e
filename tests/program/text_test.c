// Text from the file to the samples: what a run writes, what is sampled, what a continued run wants.
#include "runner.h"

#include "array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINES = 40, LENGTH = 6 };

// "cat 3", "dog 4" and so on.
static void write_lines(const char *path, const char *more) {
    static const char *const animals[] = {"cat", "dog", "bird", "fish"};
    char text[4096] = "";
    for (int i = 0; i < LINES; i++)
        (void)snprintf(text + strlen(text), 64, "%s %d%s\n", animals[i % 4], i % 3, more);
    write_bytes(path, text, strlen(text));
}

static void train_text(struct room *r, const char *run) {
    RUN(r, "train", "--data", in(r, "a.txt"), SMALL, "--epochs", "2", "--out", in(r, "%s", run),
        "--tokens", "chars", "--length", "6");
    assert_ok(r);
}

static uint32_t count_lines(const char *text) {
    uint32_t count = 0;
    for (; *text; text++) count += *text == '\n';
    return count;
}

static char *read_text(const char *path) {
    size_t size;
    unsigned char *bytes = read_bytes(path, &size);
    char *text = calloc(size + 1, 1);
    memcpy(text, bytes, size);
    free(bytes);
    return text;
}

static void a_run_writes_text_and_not_pictures(void **state) {
    struct room *r = *state;
    write_lines(in(r, "a.txt"), "");
    train_text(r, "run");
    char *samples = read_text(in(r, "run/samples-002.txt"));
    char *again = read_text(in(r, "run/reconstruction-001.txt"));
    assert_int_equal(count_lines(samples), 64);
    assert_int_equal(count_lines(again), 4 * 3 - 1);  // four lines to test on, each with its own below
    assert_false(exists(in(r, "run/samples-002.png")));
    assert_true(exists(in(r, "run/loss.png")));
    free(samples);
    free(again);
    // An overwritten run's text is removed like its pictures.
    RUN(r, "train", "--images", "40", "--size", "8x8", SMALL, "--epochs", "1", "--out", in(r, "run"),
        "--force");
    assert_ok(r);
    assert_false(exists(in(r, "run/samples-002.txt")));
}

static void samples_come_from_the_checkpoint_alone(void **state) {
    struct room *r = *state;
    write_lines(in(r, "a.txt"), "");
    train_text(r, "run");
    assert_int_equal(unlink(in(r, "a.txt")), 0);
    assert_int_equal(rename(in(r, "run/checkpoint.safetensors"), in(r, "model")), 0);
    RUN(r, "sample", in(r, "model"), "-n", "5", "--seed", "3");
    assert_ok(r);
    assert_int_equal(count_lines(r->out), 5);
    char *printed = strdup(r->out);
    RUN(r, "sample", in(r, "model"), "-n", "5", "--seed", "3", "-o", in(r, "s.txt"));
    assert_ok(r);
    char *written = read_text(in(r, "s.txt"));
    assert_string_equal(written, printed);
    RUN(r, "sample", in(r, "model"), "-n", "5", "--seed", "3", "--draw");
    assert_ok(r);
    assert_string_not_equal(r->out, printed);
    RUN(r, "sample", in(r, "model"), "-n", "5", "--seed", "3", "-o", in(r, "s.npy"));
    assert_ok(r);
    struct vv_context ctx;
    struct vv_array array = {0};
    vv_context_init(&ctx);
    if (!vv_npy_read(&ctx, in(r, "s.npy"), &array)) fail_msg("%s", ctx.error);
    assert_int_equal(array.rank, 3);
    assert_int_equal(array.dims[0], 5);
    assert_int_equal(array.dims[1], LENGTH);
    for (uint32_t row = 0; row < 5 * LENGTH; row++) {
        double sum = 0;
        for (uint32_t i = 0; i < array.dims[2]; i++)
            sum += (double)array.values[(size_t)row * array.dims[2] + i];
        assert_true(sum > 0.99999 && sum < 1.00001);
    }
    free(array.values);
    free(printed);
    free(written);
}

static void a_continued_run_wants_the_same_text(void **state) {
    struct room *r = *state;
    write_lines(in(r, "a.txt"), "");
    train_text(r, "whole");
    RUN(r, "train", "--data", in(r, "a.txt"), SMALL, "--epochs", "1", "--out", in(r, "run"), "--tokens",
        "chars", "--length", "6");
    assert_ok(r);
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2");
    assert_ok(r);
    static const char *const files[] = {"checkpoint.safetensors", "samples-002.txt",
                                        "reconstruction-002.txt"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *a = read_text(in(r, "whole/%s", files[i])), *b = read_text(in(r, "run/%s", files[i]));
        assert_string_equal(a, b);
        free(a);
        free(b);
    }
    write_lines(in(r, "b.txt"), "!");
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "3", "--data", in(r, "b.txt"), "--quiet");
    ASSERT_REFUSED(r, 4, "checksum", "name that set with --data");
    // The same bytes of other characters: the vocabulary tells them apart.
    char *text = read_text(in(r, "a.txt"));
    for (char *at = text; *at; at++)
        if (*at == 'c') *at = 'k';
    write_bytes(in(r, "b.txt"), text, strlen(text));
    free(text);
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "3", "--data", in(r, "b.txt"), "--quiet");
    ASSERT_REFUSED(r, 4, "checksum", "name that set with --data");
}

static void a_bag_of_words_learns_which_words_go_together(void **state) {
    struct room *r = *state;
    char text[8192] = "";
    for (int i = 0; i < 60; i++)
        (void)snprintf(text + strlen(text), 64, "%s\n",
                       i % 2 ? "apple pear plum apple" : "iron steel tin iron");
    write_bytes(in(r, "a.txt"), text, strlen(text));
    RUN(r, "train", "--data", in(r, "a.txt"), "--hidden", "16", "--latent", "2", "--batch", "9", "--lr",
        "2e-2", "--epochs", "30", "--out", in(r, "run"), "--quiet");
    assert_ok(r);
    char *again = read_text(in(r, "run/reconstruction-030.txt"));
    // Under each line of fruit stand three fruits first, and so of metals.
    for (char *at = again; *at;) {
        const bool fruit = strncmp(at, "apple", 5) == 0;
        at = strchr(at, '\n') + 1;
        assert_int_equal(strncmp(at, fruit ? "apple" : "iron", fruit ? 5 : 4), 0);
        at = strchr(at, '\n') + 1;
        if (*at == '\n') at++;
    }
    free(again);
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(a_run_writes_text_and_not_pictures),
        ROOM(samples_come_from_the_checkpoint_alone),
        ROOM(a_continued_run_wants_the_same_text),
        ROOM(a_bag_of_words_learns_which_words_go_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
