// Saves within an epoch: what is lost by a kill is what came after the last, and nothing else changes.
#include "runner.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// An epoch of so many pictures, in short steps.
#define LONG(images)                                                                                    \
    "--images", images, "--test-images", "20", "--hidden", "24", "--latent", "2", "--batch", "10",      \
        "--epochs", "1"

// Starts a run that saves so often, kills it once it has, and continues it with more words.
static void kill_behind_a_save(struct room *r, const char *images, const char *every) {
    START(r, "train", LONG(images), "--out", in(r, "run"), "--save-every", every);
    await_file(r, in(r, "run/resume.safetensors"));
    assert_int_equal(kill(r->pid, SIGKILL), 0);
    assert_int_equal(program_finish(r), 1000 + SIGKILL);
    assert_string_equal(r->out, "");  // no epoch has ended
}

static void killed_within_an_epoch_goes_on_from_the_save(void **state) {
    struct room *r = *state;
    RUN(r, "train", LONG("6000"), "--out", in(r, "whole"));
    assert_ok(r);
    kill_behind_a_save(r, "6000", "50");
    assert_true(exists(in(r, "run/checkpoint.safetensors")));
    RUN(r, "sample", in(r, "run"), "-n", "1", "-o", in(r, "one.png"));
    assert_ok(r);
    RUN(r, "train", "--resume", in(r, "run"), "--save-every", "none");
    assert_ok(r);
    assert_same_run(in(r, "whole"), in(r, "run"));
}

static void saved_when_it_is_time_and_again_when_resumed(void **state) {
    struct room *r = *state;
    kill_behind_a_save(r, "40000", "1s");
    size_t size;
    START(r, "train", "--resume", in(r, "run"));
    await_err(r, "data: ");
    pause_ms(100);
    assert_int_equal(kill(r->pid, SIGTERM), 0);
    assert_int_equal(program_finish(r), 128 + SIGTERM);
    unsigned char *config = read_bytes(in(r, "run/config.json"), &size);
    assert_has((const char *)config, "\"save-every\":\t\"1s\"");
    free(config);
    RUN(r, "train", "--config", in(r, "run/config.json"), "--out", in(r, "other"), "--images", "20",
        "--batch", "5");
    assert_ok(r);
    config = read_bytes(in(r, "other/config.json"), &size);
    assert_has((const char *)config, "\"save-every\":\t\"1s\"");
    free(config);
}

// It fails while steps run, and is told all the same.
static void save_that_fails_ends_the_run(void **state) {
    struct room *r = *state;
    r->file_limit = 30000;
    RUN(r, "train", LONG("6000"), "--out", in(r, "run"), "--save-every", "100");
    ASSERT_REFUSED(r, 1, in(r, "run/checkpoint.safetensors"), "writing at offset ",
                   "nothing of the run in ", "--force");
    r->file_limit = 0;
    assert_string_equal(r->out, "");
    assert_tidy(in(r, "run"));
}

// There is nothing to save yet, and no need to wait for the rest of the pictures.
static void stopped_while_pictures_are_drawn(void **state) {
    struct room *r = *state;
    START(r, "train", LONG("500000"), "--size", "28x28", "--out", in(r, "run"));
    await_err(r, "device: ");
    assert_int_equal(kill(r->pid, SIGTERM), 0);
    assert_int_equal(program_finish(r), 128 + SIGTERM);
    assert_has(r->err, "stopped before the first step; nothing is written");
    assert_int_equal(count_of(r->err, "data: "), 0);
    assert_false(exists(in(r, "run")));
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(killed_within_an_epoch_goes_on_from_the_save),
        ROOM(saved_when_it_is_time_and_again_when_resumed),
        ROOM(save_that_fails_ends_the_run),
        ROOM(stopped_while_pictures_are_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
