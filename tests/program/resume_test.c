// However often a run is stopped, killed or continued, it leaves the bytes of the run that nobody
// disturbed.
#include "runner.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const devices[] = {"reference", NULL};  // NULL: the best Vulkan device

static void one_and_one_epochs_are_two(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    for (int i = 0; i < 2; i++) {
        r->device = devices[i];
        const char *whole = in(r, "whole-%d", i), *parts = in(r, "parts-%d", i);
        RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "2", "--out", whole);
        assert_ok(r);
        RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--out", parts);
        assert_ok(r);
        RUN(r, "train", "--resume", parts, "--epochs", "2");
        assert_ok(r);
        assert_same_run(whole, parts);
        assert_int_equal(count_of(list_folder(parts, "").text, "-002.png"), 2);
    }
}

// ---- Stopped by the library's callback, at chosen steps ----

enum {
    HEIGHT = 7,
    WIDTH = 5,
    TRAIN = 37,
    TEST = 9,
    STEPS = 5
};  // of an epoch: 4 of 8 pictures, one of 5

static unsigned char train_pixels[TRAIN * HEIGHT * WIDTH], test_pixels[TEST * HEIGHT * WIDTH];
static const vkvae_images train_set = {train_pixels, TRAIN, HEIGHT, WIDTH, 1},
                          test_set = {test_pixels, TEST, HEIGHT, WIDTH, 1};

static bool count_down(void *user) {
    int *calls = user;
    return (*calls)-- == 0;
}

static const char *model, *precision;           // of sessions; NULL: mlp, fp32
static void (*change)(vkvae_train_options *o);  // of sessions, what is more than that; NULL: nothing
static int weighed;                             // of sessions: which way the KL divergence is, 0: none

// A session of the run in `out`, a new one where `resume` is false, that is stopped when asked for the
// `calls`-th time after the first; -1: never.
static vkvae_train_result session(const char *device, const char *out, bool resume, int calls) {
    vkvae_train_options options;
    vkvae_train_result result;
    vkvae *v = vkvae_create();
    vkvae_train_defaults(&options);
    options.train_images = &train_set;
    options.test_images = &test_set;
    options.hidden[0] = model ? 0 : 11;
    options.model = model ? model : options.model;
    options.channels[0] = model ? 6 : 0;
    options.dropout = model ? 0.1 : 0;
    options.precision = precision;
    options.latent = 3;
    options.batch = 8;
    options.epochs = 3;
    options.lr = 1e-2;
    options.kl_warmup = weighed == 1 ? 8 : 0;
    options.kl_cycle = weighed == 2 ? 6 : 0;
    options.free_bits = weighed == 1 ? 0.05 : 0;
    options.capacity = weighed == 2 ? 2 : 0;
    options.capacity_steps = 12;
    options.samples = weighed == 2 ? 2 : 1;
    if (resume)
        options.resume = out;
    else
        options.out = out;
    options.device.device = device;
    options.stop = count_down;
    options.user = &calls;
    if (change && !resume) change(&options);
    if (vkvae_train(v, &options, &result) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    assert_string_equal(vkvae_error(v), "");
    vkvae_destroy(v);
    return result;
}

static void is_to_be_continued(const char *run, uint32_t epochs) {
    vkvae_run_info info;
    vkvae *v = vkvae_create();
    if (vkvae_info(v, run, &info, NULL, NULL) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    assert_string_equal(info.problem, "");
    assert_true(info.resumable);
    assert_int_equal(info.epochs, epochs);
    vkvae_destroy(v);
}

// The first two submissions of a session are single steps, so that any step can be stopped at, `group`
// of them on; and where an epoch's are done, each of the `batches` of its test.
static void stop_at_each_step(struct room *r, const char *kind, unsigned group, int batches) {
    const char *whole = in(r, "whole-%s", kind), *steps = in(r, "steps-%s", kind);
    assert_int_equal(session("reference", whole, false, -1).steps, 3 * STEPS);
    vkvae_train_result result = session("reference", steps, false, 0);
    assert_true(result.stopped);
    assert_int_equal(result.steps, 0);
    for (unsigned epoch = 0; epoch < 3; epoch++) {
        for (unsigned step = 0; step < STEPS;) {
            result = session("reference", steps, true, 1);
            step = step + group < STEPS ? step + group : STEPS;
            assert_true(result.stopped);
            assert_int_equal(result.steps, epoch * STEPS + step);
            assert_int_equal(result.epochs, epoch);
        }
        for (int batch = 0; batch < batches; batch++) {  // it is begun anew each time
            result = session("reference", steps, true, batch);
            assert_true(result.stopped);
            assert_int_equal(result.steps, (epoch + 1) * STEPS);
            assert_int_equal(result.epochs, epoch);
        }
        is_to_be_continued(steps, epoch);
        // Asked for once more after each epoch but the last, when all is saved already.
        result = session("reference", steps, true, batches);
        assert_true(result.stopped == (epoch < 2));
        assert_int_equal(result.epochs, epoch + 1);
    }
    assert_same_run(whole, steps);
}

static void stopped_at_each_step_is_the_same_run(void **state) {
    stop_at_each_step(*state, "mlp", 1, 1);
}

static void stop_now_and_then(struct room *r, const char *kind) {
    const char *whole = in(r, "whole-%s", kind), *parts = in(r, "parts-%s", kind);
    (void)session(NULL, whole, false, -1);
    vkvae_train_result result = session(NULL, parts, false, 2);
    assert_int_equal(result.steps, 2);
    for (int calls = 3; result.stopped; calls--) result = session(NULL, parts, true, calls);
    assert_int_equal(result.epochs, 3);
    assert_same_run(whole, parts);
}

static void stopped_now_and_then_is_the_same_run(void **state) {
    stop_now_and_then(*state, "mlp");
}

// With running statistics and dropout.
static void stopped_convolutions_are_the_same_run(void **state) {
    model = "conv";
    stop_now_and_then(*state, model);
    model = NULL;
}

// With a warm-up and free bits; with cycles and a capacity, and two draws.
static void stopped_schedules_are_the_same_run(void **state) {
    for (weighed = 1; weighed <= 2; weighed++)
        stop_now_and_then(*state, weighed == 1 ? "warm-up" : "cycles");
    weighed = 0;
}

static void stopped_halves_are_the_same_run(void **state) {
    model = "conv";
    precision = "fp16-storage";
    stop_now_and_then(*state, "halves");
    model = precision = NULL;
}

// Steps of two batches, the epoch's last one of a smaller one.
static void everything(vkvae_train_options *o) {
    o->optimiser = "adamw";
    o->lr_schedule = "cosine";
    o->lr_warmup = 2;
    o->lr_floor = 1e-4;
    o->clip = 5;
    o->ema = 0.9;
    o->accumulate = 2;
    o->keep_best = true;
}

static void stop_between_steps(struct room *r, const char *kind, const char *device) {
    const char *whole = in(r, "whole-%s", kind), *parts = in(r, "parts-%s", kind);
    (void)session(device, whole, false, -1);
    vkvae_train_result result = session(device, parts, false, 1);
    assert_true(result.stopped);
    for (int calls = 2; result.stopped; calls--) {
        assert_true(result.steps % STEPS % 2 == 0);
        result = session(device, parts, true, calls);
    }
    assert_int_equal(result.epochs, 3);
    assert_same_run(whole, parts);
}

// And with the states of each epoch's beginning, though nothing has to go back there. A convolutional
// model's test goes in batches as its training does.
static void everything_twice(vkvae_train_options *o) {
    everything(o);
    o->on_nan = "rollback";
    o->patience = 3;
    o->save_every = "2";
}

static void stopped_with_everything_on_is_the_same_run(void **state) {
    change = everything_twice;
    model = "conv";
    weighed = 1;
    stop_at_each_step(*state, "all-steps", 2, 2);
    weighed = 0;
    model = NULL;
    change = everything;
    stop_between_steps(*state, "all-host", "reference");
    model = "conv";
    stop_between_steps(*state, "all", NULL);
    model = NULL;
    assert_true(access(in(*state, "whole-all/best.safetensors"), F_OK) == 0);
    change = NULL;
}

// The fourth step of the first epoch is not sound until the rate is small enough; a run that is stopped
// before it goes back to the epoch's beginning all the same.
static void too_fast(vkvae_train_options *o) {
    o->optimiser = "sgd";
    o->lr = 10;
    o->lr_schedule = "step";
    o->lr_step = 1;
    o->lr_gamma = 1e-3;
    o->on_nan = "rollback";
}

static void stopped_before_going_back_is_the_same_run(void **state) {
    struct room *r = *state;
    change = too_fast;
    for (int i = 0; i < 2; i++) {
        const char *whole = in(r, "whole-%d", i), *parts = in(r, "parts-%d", i);
        (void)session(devices[i], whole, false, -1);
        vkvae_train_result result = session(devices[i], parts, false, 2);
        assert_true(result.stopped && result.steps == 2);
        assert_false(session(devices[i], parts, true, -1).stopped);
        assert_same_run(whole, parts);
        size_t size;
        unsigned char *save = read_bytes(in(r, "parts-%d/resume.safetensors", i), &size);
        assert_true(size > 8);
        assert_has((const char *)save + 8, "\"rollbacks\"");  // behind the header's length
        free(save);
    }
    change = NULL;
}

// ---- Stopped by signals ----

// What stands behind "continue with: " in what was said.
static const char *proposed(struct room *r, char line[1024]) {
    static const char mark[] = "continue with: ";
    const char *at = strstr(r->err, mark);
    if (!at) fail_msg("no way to continue is said: %s", r->err);
    at += strlen(mark);
    (void)snprintf(line, 1024, "%.*s", (int)strcspn(at, "\n"), at);
    return line;
}

// At a step, or on a busy machine before anything is known of the epoch, or between two: "at", "after".
static void stop_by(struct room *r, int signal) {
    pause_ms(100);
    assert_int_equal(kill(r->pid, signal), 0);
    assert_int_equal(program_finish(r), 128 + signal);
    assert_has(r->err, "stopped a");
    assert_int_equal(count_of(r->err, "continue with: "), 1);
    assert_int_equal(count_of(r->out, "next: "), 0);
}

static void stopped_by_signals_is_the_same_run(void **state) {
    struct room *r = *state;
    const struct set set = {.height = 6, .width = 6, .train = 1201, .test = 20, .seed = 3, .gz = true};
    const char *whole = in(r, "whole"), *parts = in(r, "it's a run; $HOME");
    char line[1024];
    r->device = NULL;
    write_set(in(r, "set"), &set);
// An epoch takes a tenth of a second or some of them: there are enough of them for two stops.
#define SLOW "--data", in(r, "set"), "--hidden", "16", "--latent", "2", "--batch", "1", "--epochs", "6"
    RUN(r, "train", SLOW, "--out", whole);
    assert_ok(r);
    START(r, "train", SLOW, "--out", parts);
    await_file(r, in(r, "it's a run; $HOME/config.json"));
    stop_by(r, SIGINT);
    assert_has(proposed(r, line), " train --resume ");
    assert_tidy(parts);
    START(r, "train", "--resume", parts);  // to as many epochs as it wanted
    await_out(r, "epoch ");
    stop_by(r, SIGTERM);
    assert_int_equal(run_shell(r, proposed(r, line)), 0);
    assert_has(r->out, "epoch 6/6");
    assert_same_run(whole, parts);
    assert_tidy(parts);
}

static double now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void second_signal_ends_in_the_middle_of_a_step(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    // A step takes seconds on the reference.
    START(r, "train", "--data", in(r, "set"), "--hidden", "2000", "--latent", "2000", "--batch", "200",
          "--out", in(r, "run"));
    await_file(r, in(r, "run/config.json"));
    pause_ms(500);  // before the first step there would be nothing to wait for
    assert_int_equal(kill(r->pid, SIGINT), 0);
    pause_ms(400);
    const double start = now();
    assert_int_equal(kill(r->pid, SIGINT), 0);
    assert_int_equal(program_finish(r), 130);
    assert_true(now() - start < 2);
    assert_int_equal(count_of(r->err, "continue with"), 0);
    struct listing left = list_folder(in(r, "run"), "");
    assert_int_equal(count_of(left.text, "\n"), 1);
    assert_has(left.text, "config.json");
}

// ---- Killed ----

enum { KILLS = 4 };

// Each epoch trains for a millisecond or so and then writes its files, so that most kills meet a file
// that is being written.
static void killed_at_any_moment_is_the_same_run(void **state) {
    struct room *r = *state;
    struct timespec seed;
    int killed = 0;
    (void)clock_gettime(CLOCK_REALTIME, &seed);
    srand((unsigned)seed.tv_nsec);
    write_set(in(r, "set"), &small_set);
#define BRIEF                                                                                           \
    "--data", in(r, "set"), "--hidden", "8", "--latent", "2", "--batch", "100", "--epochs", "12"
    RUN(r, "train", BRIEF, "--out", in(r, "whole"));
    assert_ok(r);
    for (int i = 0; i < KILLS; i++) {
        const unsigned ms = (unsigned)rand() % 60;
        START(r, "train", BRIEF, "--out", in(r, "killed"));
        await_out(r, "epoch  1/12");
        pause_ms(ms);
        assert_int_equal(kill(r->pid, SIGKILL), 0);
        killed += program_finish(r) == 1000 + SIGKILL;
        print_message("killed after %u ms more, %d epochs\n", ms, count_of(r->out, "epoch "));
        RUN(r, "train", "--resume", in(r, "killed"), "--epochs", "12");
        assert_ok(r);
        assert_same_run(in(r, "whole"), in(r, "killed"));
        remove_tree(in(r, "killed"));
    }
    assert_true(2 * killed >= KILLS);
}

// ---- Damaged saves ----

static void cut_in_half(const char *path) {
    size_t size;
    unsigned char *bytes = read_bytes(path, &size);
    write_bytes(path, bytes, size / 2);
    free(bytes);
}

static void resume_with_warning(struct room *r, const char *run, const char *epochs) {
    RUN(r, "train", "--resume", run, "--epochs", epochs);
    assert_ok(r);
    assert_int_equal(count_of(r->err, "warning: "), 2);
    assert_has(r->err, "resume.safetensors");
    assert_has(r->err, "resume-previous.safetensors");
}

static void damaged_save_is_replaced_by_the_one_before(void **state) {
    struct room *r = *state;
    const char *whole = in(r, "whole"), *run = in(r, "run");
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "3", "--out", whole);
    assert_ok(r);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "2", "--out", run);
    assert_ok(r);
    cut_in_half(in(r, "run/resume.safetensors"));
    resume_with_warning(r, run, "2");
    // The damaged save must not have taken the place of the good one before it.
    cut_in_half(in(r, "run/resume.safetensors"));
    resume_with_warning(r, run, "3");
    assert_same_run(whole, run);
    assert_int_equal(unlink(in(r, "run/resume.safetensors")),
                     0);  // as after a power cut without hard links
    resume_with_warning(r, run, "3");
    assert_same_run(whole, run);
}

// ---- What cannot be continued ----

static void refused_resume_touches_nothing(void **state) {
    struct room *r = *state;
    const char *run = in(r, "run"), *missing = in(r, "missing");
    struct set other = small_set;
    other.seed = 99;
    write_set(in(r, "set"), &small_set);
    write_set(in(r, "other"), &other);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "2", "--out", run);
    assert_ok(r);
    struct listing before = list_folder(run, "");
    RUN(r, "train", "--resume", run, "--epochs", "1");
    ASSERT_REFUSED(r, 2, "--epochs 1", "already done 2", run);
    RUN(r, "train", "--resume", run, "--epochs", "3", "--data", in(r, "other"));
    ASSERT_REFUSED(r, 4, in(r, "other"), "name that set with --data", "--data");
    RUN(r, "train", "--resume", run, "--epochs", "3", "--out", in(r, "elsewhere"));
    ASSERT_REFUSED(r, 2, "--out", run);
    RUN(r, "train", "--resume", run, "--epochs", "3", "--hidden", "64");
    ASSERT_REFUSED(r, 2, "--hidden", run);
    RUN(r, "train", "--resume", run, "--epochs", "3", "--kernels", "plain");
    ASSERT_REFUSED(r, 1, "reference", "plain", "--kernels auto");
    r->device = "no such device";
    RUN(r, "train", "--resume", run, "--epochs", "3");
    assert_int_equal(r->code, 3);
    r->device = "reference";
    remove_tree(in(r, "set"));
    RUN(r, "train", "--resume", run, "--epochs", "3");
    ASSERT_REFUSED(r, 4, in(r, "set"), "not there");
    assert_string_equal(before.text, list_folder(run, "").text);
    RUN(r, "train", "--resume", in(r, "other"), "--epochs", "3");
    ASSERT_REFUSED(r, 4, in(r, "other"), "no run that can be continued");
    RUN(r, "train", "--resume", missing, "--epochs", "3");
    ASSERT_REFUSED(r, 4, missing, "no run that can be continued");
    assert_false(exists(missing));
    assert_false(exists(in(r, "elsewhere")));
}

static void run_that_is_done_is_left_as_it_is(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "2", "--out", in(r, "run"));
    assert_ok(r);
    struct listing before = list_folder(in(r, "run"), "");
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2");
    assert_ok(r);
    assert_has(r->err, "nothing to do");
    assert_string_equal(before.text, list_folder(in(r, "run"), "").text);
    RUN(r, "train", "--resume", in(r, "run"));
    assert_ok(r);
    assert_has(r->err, "nothing to do: the run has done its 2 epochs");
    assert_string_equal(before.text, list_folder(in(r, "run"), "").text);
}

int main(void) {
    begin(true);
    fill_pictures(train_pixels, TRAIN, HEIGHT, WIDTH, 5);
    fill_pictures(test_pixels, TEST, HEIGHT, WIDTH, 6);
    const struct CMUnitTest tests[] = {
        ROOM(one_and_one_epochs_are_two),
        ROOM(stopped_at_each_step_is_the_same_run),
        ROOM(stopped_now_and_then_is_the_same_run),
        ROOM(stopped_convolutions_are_the_same_run),
        ROOM(stopped_schedules_are_the_same_run),
        ROOM(stopped_halves_are_the_same_run),
        ROOM(stopped_with_everything_on_is_the_same_run),
        ROOM(stopped_before_going_back_is_the_same_run),
        ROOM(stopped_by_signals_is_the_same_run),
        ROOM(second_signal_ends_in_the_middle_of_a_step),
        ROOM(killed_at_any_moment_is_the_same_run),
        ROOM(damaged_save_is_replaced_by_the_one_before),
        ROOM(refused_resume_touches_nothing),
        ROOM(run_that_is_done_is_left_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
