// Devices, kernels, limits, the validation layer, and the printed tape.
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void train_to(struct room *r, const char *option, const char *out) {
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--out", out, option);
}

static void unknown_device_is_refused(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    static const char *const wrong[] = {"--device=no such thing", "--device=99", "--device=4294967296",
                                        "--device=00000000-0000-0000-0000-000000000000"};
    r->device = NULL;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        train_to(r, wrong[i], in(r, "run"));
        ASSERT_REFUSED(r, 3, strchr(wrong[i], '=') + 1, "0 ");  // and what there is
    }
    r->device = "nothing of the kind";
    train_to(r, "--limits=minimum", in(r, "run"));
    ASSERT_REFUSED(r, 3, r->device);
    assert_false(exists(in(r, "run")));
    train_to(r, "--device=reference", in(r, "run"));  // what is typed counts
    assert_ok(r);
    r->device = NULL;
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2");  // there again, though unasked
    assert_ok(r);
    r->device = "nothing of the kind";
    RUN(r, "sample", in(r, "run"), "-o", in(r, "grid.png"));
    ASSERT_REFUSED(r, 3, r->device);
    assert_false(exists(in(r, "grid.png")));
}

static void machine_without_a_driver_is_told_in_one_line(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    r->device = NULL;
    r->variable[0] = "VK_ICD_FILENAMES=/nonexistent";
    r->variable[1] = "VK_DRIVER_FILES=/nonexistent";
    train_to(r, "--limits=minimum", in(r, "run"));
    ASSERT_REFUSED(r, 3, "driver", "install");
    RUN(r, "train", "--data", in(r, "set"), "--out", in(r, "run"));
    ASSERT_REFUSED(r, 3, "driver", "install", "--device reference");
    assert_false(exists(in(r, "run")));
    train_to(r, "--device=reference", in(r, "run"));
    assert_ok(r);
    RUN(r, "sample", in(r, "run"), "-o", in(r, "grid.png"));
    ASSERT_REFUSED(r, 3, "driver", "install");
    RUN(r, "devices");
    assert_int_equal(r->code, 3);
}

// The numbers before and behind `part`, as in "needs 12 bytes ... allows 10".
static unsigned long long number_after(const char *text, const char *part) {
    assert_has(text, part);
    return strtoull(strstr(text, part) + strlen(part), NULL, 10);
}

static void model_larger_than_the_limits_is_refused(void **state) {
    struct room *r = *state;
    const struct set set = {.height = 4, .width = 4, .train = 600, .test = 3};
    write_set(in(r, "set"), &set);
    r->device = NULL;
    // The hidden layer of a batch, 600 x 65536 floats, is more than 128 MiB in one range.
    RUN(r, "train", "--data", in(r, "set"), "--hidden", "65536", "--latent", "1", "--batch", "600",
        "--limits", "minimum", "--out", in(r, "run"));
    ASSERT_REFUSED(r, 1, "larger than the device's limits", "node '", "smaller batch or model");
    assert_int_equal(number_after(r->err, "needs "), 600ull * 65536 * 4);
    assert_int_equal(number_after(r->err, "allows "), 1 << 27);
    assert_int_equal(count_of(r->out, "epoch"), 0);
    assert_false(exists(in(r, "run")));
}

static void kernels_that_are_not_there_are_refused(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    train_to(r, "--kernels=plain", in(r, "run"));
    ASSERT_REFUSED(r, 2, "--kernels plain", "reference");
    r->device = NULL;
    train_to(r, "--kernels=fast", in(r, "run"));
    ASSERT_REFUSED(r, 2, "--kernels fast", "plain, tile, subgroup-buffer");
    train_to(r, "--kernels=plain", in(r, "run"));
    assert_ok(r);
    assert_has(r->err, "kernels: plain/");
    // A run keeps the kernels that it began with, and not each device has them.
    r->device = "reference";
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2");
    ASSERT_REFUSED(r, 1, "'plain/", "--kernels auto");
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2", "--kernels", "auto");
    assert_ok(r);
    assert_has(r->out, "epoch 2/2");
}

static int barriers_before(const char *text, const char *end) {
    int count = 0;
    for (; (text = strstr(text, "---- barrier ----")) != NULL && text < end; text++) count++;
    return count;
}

static void tape_is_printed_before_training(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    r->device = NULL;
    RUN(r, "train", "--data", in(r, "set"), "--hidden", "32", "--latent", "4", "--batch", "60",
        "--epochs", "1", "--out", in(r, "run"), "--print-tape");
    assert_ok(r);
    static const char *const parts[] = {
        "tape 'train'\n", "tape 'train, last batch'\n", "tape 'test'\n", "fc21.weight",
        "[32,120]",       "---- barrier ----",          "adam",          "%0",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) assert_has(r->out, parts[i]);
    // The test is one smaller batch. Each ends with the sums of what stands in it.
    static const char *const sums[] = {" nodes, ", " barriers, arena ", " without reuse), state "};
    assert_int_equal(count_of(r->out, "tape '"), 3);
    for (int i = 0; i < 3; i++) assert_int_equal(count_of(r->out, sums[i]), 3);
    const char *nodes = strstr(r->out, " nodes, ");
    assert_int_equal(number_after(r->out, " nodes, "), barriers_before(r->out, nodes));
    assert_true(strstr(r->out, "tape '") < strstr(r->out, "epoch 1/1"));
}

// ---- The validation layer ----

static bool without_validation(const struct room *r) {
    if (r->code == 0 || !strstr(r->err, "vulkan-validationlayers")) return false;
    print_message("SKIPPED: %s\n", r->err);
    return true;
}

static void no_validation_message(void **state, const char *limits) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    r->device = NULL;
#define VALIDATED(...)                                                                                  \
    limits ? RUN(r, __VA_ARGS__, "--validate", limits) : RUN(r, __VA_ARGS__, "--validate")
    (void)(VALIDATED("train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--out", in(r, "run")));
    if (without_validation(r)) skip();
    assert_ok(r);
    (void)(VALIDATED("train", "--resume", in(r, "run"), "--epochs", "2"));
    assert_ok(r);
    (void)(VALIDATED("sample", in(r, "run"), "-n", "10", "-o", in(r, "grid.png")));
    assert_ok(r);
    (void)(VALIDATED("sample", in(r, "run"), "--temperature", "2", "-o", in(r, "grid.png")));
    assert_ok(r);
    assert_int_equal(count_of(r->err, "warning"), 0);
}

static void training_is_valid(void **state) {
    no_validation_message(state, NULL);
}
static void training_within_the_least_limits_is_valid(void **state) {
    no_validation_message(state, "--limits=minimum");
}

int main(void) {
    begin(true);
    const struct CMUnitTest tests[] = {
        ROOM(unknown_device_is_refused),
        ROOM(machine_without_a_driver_is_told_in_one_line),
        ROOM(model_larger_than_the_limits_is_refused),
        ROOM(kernels_that_are_not_there_are_refused),
        ROOM(tape_is_printed_before_training),
        ROOM(training_is_valid),
        ROOM(training_within_the_least_limits_is_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
