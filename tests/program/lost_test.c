// Devices that are lost, hang or become slow in the midst of a run, as tests/layer makes them; and how
// much of its memory was taken.
#include "layered.h"

#include <signal.h>
#include <time.h>

// ---- What the layer writes down ----

static const char *use_log(struct room *r, const char *name) {
    static char variable[PATH_SIZE + 32];
    const char *path = in(r, "%s", name);
    (void)snprintf(variable, sizeof variable, "VKVAE_TEST_LAYER_LOG=%s", path);
    r->variable[1] = variable;
    return path;
}

// The numbers behind "submit ", in order; returns how many there are.
static unsigned read_submissions(const char *path, unsigned *sizes, unsigned room) {
    unsigned count = 0;
    FILE *file = fopen(path, "rb");
    char line[128];
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "submit ", 7) == 0 && count < room)
            sizes[count++] = (unsigned)strtoul(line + 7, NULL, 10);
    (void)fclose(file);
    return count;
}

// ---- Retries ----

// Behind `word` in the layer's last line.
static unsigned long long noted(const char *path, const char *word) {
    char *text = (char *)read_bytes(path, NULL), *end = strstr(text, "end objects 0 peak ");
    if (!end) fail_msg("objects are left: %s", text);
    const unsigned long long number = strtoull(strstr(end, word) + strlen(word), NULL, 10);
    free(text);
    return number;
}

static void lose_and_retry(struct room *r, const char *whole, unsigned call) {
    const char *run = in(r, "run-%u", call);
    char epoch[32], layer[48];
    (void)snprintf(layer, sizeof layer, "VKVAE_TEST_LAYER=gone@%u", call);
    r->variable[0] = layer;
    RUN(r, TRAIN, "--epochs", "3", "--out", run, "--retries", "1");
    assert_ok(r);
    assert_int_equal(count_of(r->err, "warning: "), 1);
    assert_has(r->err, "failed (-4): the device was lost");
    assert_int_equal(count_of(r->err, "data: shapes"), 1);
    for (int i = 1; i <= 3; i++) {
        (void)snprintf(epoch, sizeof epoch, "epoch %d/3 ", i);
        assert_int_equal(count_of(r->out, epoch), 1);
    }
    assert_same_run(whole, run);
    assert_tidy(run);
}

// Lost at several moments, before the first save and after it: each time the run ends in the same bytes,
// is told of once, and begins its report once.
static void retried_run_is_that_of_a_device_that_stays(void **state) {
    struct room *r = with(state, "");
    const char *whole = in(r, "whole"), *log = use_log(r, "log");
    RUN(r, TRAIN, "--epochs", "3", "--out", whole);
    assert_ok(r);
    const unsigned calls = (unsigned)noted(log, " calls "),
                   behind[] = {3 * calls / 4, calls / 3, 40, 25, 8};
    int from_save = 0, from_begin = 0;
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        lose_and_retry(r, whole, calls - behind[i]);
        from_save +=
            strstr(r->err, ": opening the device anew, to go on from the end of epoch ") != NULL;
        from_begin += strstr(r->err, ", to go on from the beginning (1 of 1 times)\n") != NULL;
    }
    print_message("%d times from the beginning, %d times from a save\n", from_begin, from_save);
    assert_true(from_begin >= 2 && from_save >= 2);
}

static void continued_run_is_retried_too(void **state) {
    struct room *r = with(state, "");
    RUN(r, TRAIN, "--epochs", "4", "--out", in(r, "whole"));
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    (void)with(state, "lost@30");  // of each device: two of three epochs, then the third
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "4", "--retries", "2");
    assert_ok(r);
    assert_has(r->err, "to go on from the end of epoch ");
    assert_same_run(in(r, "whole"), in(r, "run"));
}

// Each device is lost before it comes to the first save.
static void retries_come_to_an_end(void **state) {
    struct room *r = with(state, "lost@12");
    RUN(r, TRAIN, "--epochs", "2", "--out", in(r, "run"), "--retries", "2");
    ASSERT_REFUSED(r, 1, "the device was lost", "; nothing of the run in ",
                   "begin it again with --force");
    assert_int_equal(count_of(r->err, ", to go on from the beginning ("), 2);
    assert_has(r->err, "(2 of 2 times)");
    (void)with(state, "");
    RUN(r, TRAIN, "--epochs", "2", "--out", in(r, "whole"));
    RUN(r, TRAIN, "--epochs", "2", "--out", in(r, "run"), "--force");
    assert_same_run(in(r, "whole"), in(r, "run"));
}

// It is waited for, and not another one taken in its place.
static void device_that_stays_away_ends_the_run(void **state) {
    struct room *r = with(state, "lost@40,dies");
    RUN(r, TRAIN, "--epochs", "3", "--out", in(r, "run"), "--retries", "2");
    ASSERT_REFUSED(r, 3, "no device is usable",
                   "; the run is saved up to epoch 2: vkvae train --resume ");
    assert_int_equal(count_of(r->err, "opening the device anew"), 2);
    (void)with(state, "lost@40,dies,other");
    RUN(r, TRAIN, "--epochs", "3", "--out", in(r, "other"), "--retries", "1");
    ASSERT_REFUSED(r, 3, " was lost and is not there again, and on other",
                   "; the run is saved up to epoch 2: ");
}

// One with other kernels, too: those of the run are no matter of the device that is waited for.
static void device_with_other_kernels_is_not_taken(void **state) {
    struct room *r = with(state, "lost@40,dies,other,wide@2");
    RUN(r, TRAIN, "--epochs", "3", "--out", in(r, "run"), "--retries", "2");
    ASSERT_REFUSED(r, 3, " was lost and is not there again, and on other",
                   "; the run is saved up to epoch 2: ");
    assert_int_equal(count_of(r->err, "opening the device anew"), 2);
}

static double now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void device_lost_before_the_run_begins_is_waited_for(void **state) {
    struct room *r = with(state, "");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    (void)with(state, "lost@1");
    double begin = now();
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2", "--retries", "2");
    ASSERT_REFUSED(r, 1, "the device was lost");
    assert_in_range((uint64_t)(1e3 * (now() - begin)), 4000, 60000);
    assert_int_equal(count_of(r->err, ", to go on from the end of epoch 1 ("), 2);
    begin = now();
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "new"), "--retries", "1");
    ASSERT_REFUSED(r, 1, "the device was lost");
    assert_in_range((uint64_t)(1e3 * (now() - begin)), 2000, 60000);
    assert_has(r->err, ", to go on from the beginning (1 of 1 times)");
}

// It is a stop, as at any other time.
static void wait_for_a_device_can_be_ended(void **state) {
    struct room *r = with(state, "lost@40,dies");
    START(r, TRAIN, "--epochs", "3", "--out", in(r, "run"), "--retries", "9");
    await_err(r, "(2 of 9 times)");
    pause_ms(300);
    const double begin = now();
    assert_int_equal(kill(r->pid, SIGINT), 0);
    assert_int_equal(program_finish(r), 128 + SIGINT);
    assert_in_range((uint64_t)(1e3 * (now() - begin)), 0, 1500);
    assert_has(r->err, "stopped after epoch 2 of 3; continue with: ");
    (void)with(state, "");
    RUN(r, TRAIN, "--epochs", "3", "--out", in(r, "whole"));
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "3");
    assert_ok(r);
    assert_same_run(in(r, "whole"), in(r, "run"));
}

static void memory_that_runs_out_is_no_loss(void **state) {
    struct room *r = with(state, "oom@9");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"), "--retries", "3");
    ASSERT_REFUSED(r, 1, "vkAllocateMemory failed (-2): the device is out of memory");
    assert_lacks(r->err, "opening the device anew");
}

struct seen {
    unsigned starts, epochs;
};

static void on_start(void *user, const vkvae_start *start) {
    (void)start;
    ((struct seen *)user)->starts++;
}

static void on_epoch(void *user, const vkvae_epoch *epoch) {
    (void)epoch;
    ((struct seen *)user)->epochs++;
}

// Of a run that is written nowhere all is done again.
static void library_retries_a_run_without_a_folder(void **state) {
    (void)state;
    static unsigned char pixels[60 * 64];
    const vkvae_images set = {pixels, 60, 8, 8, 1}, test = {pixels, 20, 8, 8, 1};
    vkvae_train_options options;
    vkvae_train_result whole, again;
    struct seen seen = {0};
    vkvae *v = vkvae_create();
    fill_pictures(pixels, 60, 8, 8, 1);
    vkvae_train_defaults(&options);
    options.train_images = &set;
    options.test_images = &test;
    options.hidden[0] = 8;
    options.batch = 10;
    options.epochs = 2;
    options.on_start = on_start;
    options.on_epoch = on_epoch;
    options.user = &seen;
    (void)setenv("VKVAE_TEST_LAYER", "", 1);
    assert_int_equal(vkvae_train(v, &options, &whole), VKVAE_OK);
    assert_true(seen.starts == 1 && seen.epochs == 2 && whole.retries == 0 && whole.device_bytes > 0);
    options.retries = 1;
    (void)setenv("VKVAE_TEST_LAYER", "lost@20", 1);
    if (vkvae_train(v, &options, &again) == VKVAE_OK) fail_msg("nothing was lost");
    assert_has(vkvae_error(v), "the device was lost");
    assert_int_equal(again.retries, 1);
    seen = (struct seen){0};
    // The layer counts over both runs until here.
    for (int call = 1100; call < 4000 && seen.epochs != 3; call += 150) {
        char words[32];
        (void)snprintf(words, sizeof words, "gone@%d", call);
        (void)setenv("VKVAE_TEST_LAYER", words, 1);
        seen = (struct seen){0};
        assert_int_equal(vkvae_train(v, &options, &again), VKVAE_OK);
        assert_int_equal(seen.starts, 1);
        assert_true(again.test.loss == whole.test.loss && again.train.loss == whole.train.loss);
    }
    (void)setenv("VKVAE_TEST_LAYER", "", 1);
    vkvae_destroy(v);
}

// ---- A device that hangs ----

// The layer ends the program where it destroys what the device may still use, and does not return where
// it waits for it.
static void device_that_hangs_is_left(void **state) {
    struct room *r = with(state, "");
    char words[32];
    RUN(r, TRAIN, "--epochs", "3", "--out", in(r, "whole"));
    for (int submission = 1; submission < 20; submission += 8) {
        const char *run = in(r, "run-%d", submission);
        (void)snprintf(words, sizeof words, "hang@%d", submission);
        (void)with(state, words);
        const double begin = now();
        RUN(r, TRAIN, "--epochs", "3", "--out", run, "--device-timeout", "0.3");
        assert_in_range((uint64_t)(1e3 * (now() - begin)), 300, 20000);
        ASSERT_REFUSED(r, 1, " hangs: it did not end what it was given (tape '", "within 0.3 s",
                       "--device-timeout");
        RUN(r, TRAIN, "--epochs", "3", "--out", run, "--device-timeout", "0.3", "--retries", "1",
            "--force");
        assert_ok(r);
        assert_has(r->err, "opening the device anew");
        assert_same_run(in(r, "whole"), run);
    }
    (void)with(state, "hang@1");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "staged"), "--device-timeout", "0.3", "--limits",
        "minimum");
    ASSERT_REFUSED(r, 1, " hangs: it did not end what it was given (");
}

// Each of its submissions takes as long as the timeout is, or nearly.
static void slow_device_does_not_hang(void **state) {
    struct room *r = with(state, "slow@25");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"), "--device-timeout", "2");
    assert_ok(r);
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "short"), "--device-timeout", "0.02");
    ASSERT_REFUSED(r, 1, " hangs: it did not end what it was given (");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "ever"), "--device-timeout", "0");
    assert_ok(r);
    assert_same_run(in(r, "run"), in(r, "ever"));
}

// Ctrl-Z for longer than the timeout, while the device works.
static void stopped_process_has_not_waited(void **state) {
    struct room *r = with(state, "slow@50");
    START(r, TRAIN, "--epochs", "1", "--out", in(r, "run"), "--device-timeout", "1");
    await_err(r, "model: ");
    for (int i = 0; i < 2; i++) {
        pause_ms(150);
        assert_int_equal(kill(r->pid, SIGSTOP), 0);
        pause_ms(1500);
        assert_int_equal(kill(r->pid, SIGCONT), 0);
    }
    assert_int_equal(program_finish(r), 0);
    assert_lacks(r->err, " hangs: ");
}

// ---- A device that becomes slow ----

static unsigned most_of(const unsigned *sizes, unsigned from, unsigned to) {
    unsigned most = 0;
    for (unsigned i = from; i < to; i++)
        if (sizes[i] > most) most = sizes[i];
    return most;
}

#define MANY_STEPS                                                                                      \
    "train", "--data", "shapes", "--images", "300", "--size", "8x8", "--hidden", "16", "--latent", "4", \
        "--batch", "10", "--epochs", "2", "--out"

// From the beginning of the second epoch on.
static void submissions_shrink_when_the_device_is_slow(void **state) {
    struct room *r = with(state, "");
    unsigned fast[256], slow[256];
    const char *log = use_log(r, "fast");
    RUN(r, MANY_STEPS, in(r, "whole"));
    assert_ok(r);
    const unsigned count = read_submissions(log, fast, 256), after = count / 2 + 2;
    char words[48];
    (void)snprintf(words, sizeof words, "slow@50,after@%u", after);
    (void)with(state, words);
    log = use_log(r, "slow");
    RUN(r, MANY_STEPS, in(r, "run"));
    assert_ok(r);
    const unsigned slower = read_submissions(log, slow, 256);
    print_message("%u command buffers in a submission at most, then %u\n", most_of(fast, 0, count),
                  most_of(slow, after + 4, slower));
    assert_true(most_of(fast, after, count) >= 8);
    assert_true(most_of(slow, after + 4, slower) <= 7);  // a step takes 50 to 100 ms, and 150 are wanted
    assert_same_run(in(r, "whole"), in(r, "run"));
}

// A step of several pieces, each of which takes most of what a submission should.
static void long_step_is_cut(void **state) {
#define LONG_STEPS                                                                                      \
    "train", "--data", "shapes", "--images", "1536", "--test-images", "8", "--hidden", "400",           \
        "--batch", "256", "--epochs", "1", "--out"
    struct room *r = with(state, "");
    unsigned fast[256], slow[256];
    const char *log = use_log(r, "fast");
    RUN(r, LONG_STEPS, in(r, "whole"));
    assert_ok(r);
    const unsigned count = read_submissions(log, fast, 256);
    (void)with(state, "slow@80");
    log = use_log(r, "slow");
    RUN(r, LONG_STEPS, in(r, "run"));
    assert_ok(r);
    const unsigned slower = read_submissions(log, slow, 256);
    print_message("%u submissions, then %u\n", count, slower);
    assert_true(most_of(slow, 0, slower) <= 3);
    assert_true(slower > count || most_of(fast, 0, count) <= 3);  // fast enough a host took whole steps
    assert_same_run(in(r, "whole"), in(r, "run"));
}

// ---- Memory ----

static void memory_is_counted_as_the_device_gave_it(void **state) {
    struct room *r = with(state, "");
    static const char *const limits[] = {"--quiet", "--limits=minimum"};
    for (int i = 0; i < 2; i++) {
        const char *log = use_log(r, i ? "staged" : "mapped");
        RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run-%d", i), "--json", limits[i]);
        assert_ok(r);
        char told[64];
        (void)snprintf(told, sizeof told, "\"device_bytes\":%llu,", noted(log, " peak "));
        assert_has(r->out, told);
    }
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "human"));
    assert_has(r->err, "device memory: ");
    r->device = "reference";
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "reference"));
    assert_lacks(r->err, "device memory: ");
}

int main(void) {
    begin(true);
    use_layer();
    const struct CMUnitTest tests[] = {
        ROOM(retried_run_is_that_of_a_device_that_stays),
        ROOM(continued_run_is_retried_too),
        ROOM(retries_come_to_an_end),
        ROOM(device_that_stays_away_ends_the_run),
        ROOM(device_with_other_kernels_is_not_taken),
        ROOM(device_lost_before_the_run_begins_is_waited_for),
        ROOM(wait_for_a_device_can_be_ended),
        ROOM(memory_that_runs_out_is_no_loss),
        ROOM(library_retries_a_run_without_a_folder),
        ROOM(device_that_hangs_is_left),
        ROOM(slow_device_does_not_hang),
        ROOM(stopped_process_has_not_waited),
        ROOM(submissions_shrink_when_the_device_is_slow),
        ROOM(long_step_is_cut),
        ROOM(memory_is_counted_as_the_device_gave_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
