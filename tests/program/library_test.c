// The library as a program that links it sees it: pictures in memory, callbacks, errors, several
// handles.
#include "runner.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEIGHT = 9, WIDTH = 7, PIXELS = HEIGHT * WIDTH, TRAIN = 70, TEST = 21, BATCH = 16, STEPS = 5 };

static unsigned char train_pixels[TRAIN * PIXELS], test_pixels[TEST * PIXELS];
static const vkvae_images train_set = {train_pixels, TRAIN, HEIGHT, WIDTH, 1},
                          test_set = {test_pixels, TEST, HEIGHT, WIDTH, 1};

// What the callbacks saw.
struct seen {
    unsigned progress, epochs, lines, stops;
    unsigned stop_at;  // the call of `stop` that says yes; 0: none
    vkvae_progress last;
    vkvae_epoch epoch;
    bool wrong;  // an order or a number that makes no sense
};

static void on_progress(void *user, const vkvae_progress *p) {
    struct seen *s = user;
    s->wrong |= p->epoch != s->epochs + 1 || p->step < 1 || p->step > p->steps || p->steps != STEPS;
    s->wrong |= s->last.epoch == p->epoch && p->step <= s->last.step;
    s->wrong |= !(p->loss > 0) || !isfinite(p->loss) || p->images_per_second < 0 || p->seconds_left < 0;
    s->progress++;
    s->last = *p;
}

static void on_epoch(void *user, const vkvae_epoch *e) {
    struct seen *s = user;
    s->epochs++;
    s->wrong |= e->epoch != s->epochs || e->step != (uint64_t)STEPS * e->epoch || e->train_seconds <= 0;
    s->wrong |=
        e->test.loss != e->test.recon + e->test.kl || e->train.loss != e->train.recon + e->train.kl;
    s->epoch = *e;
}

static bool stop(void *user) {
    struct seen *s = user;
    return ++s->stops == s->stop_at;
}

static void on_line(void *user, bool warning, const char *line) {
    struct seen *s = user;
    s->lines++;
    s->wrong |= warning || strncmp(line, "device: ", 8) != 0 || strchr(line, '\n');
}

static vkvae_train_options small_options(struct seen *seen) {
    vkvae_train_options options;
    vkvae_train_defaults(&options);
    options.train_images = &train_set;
    options.test_images = &test_set;
    options.hidden[0] = 20;
    options.latent = 3;
    options.batch = BATCH;
    options.epochs = 3;
    options.on_progress = on_progress;
    options.on_epoch = on_epoch;
    options.stop = stop;
    options.user = seen;
    return options;
}

static void callbacks_follow_the_training(void **state) {
    struct room *r = *state;
    vkvae *v = vkvae_create();
    struct seen seen = {0};
    vkvae_train_options options = small_options(&seen);
    vkvae_train_result result;
    assert_int_equal(chdir(r->folder), 0);
    vkvae_set_log(v, on_line, &seen);
    assert_int_equal(vkvae_train(v, &options, &result), VKVAE_OK);
    assert_string_equal(vkvae_error(v), "");
    assert_false(seen.wrong);
    assert_false(result.stopped);
    assert_int_equal(seen.epochs, 3);
    assert_in_range(seen.progress, 3, 3 * STEPS);
    assert_in_range(seen.stops, 3, 3 * STEPS + 6);
    assert_in_range(seen.lines, 1, 3);  // the device, and how it was chosen
    assert_int_equal(result.epochs, 3);
    assert_int_equal(result.steps, 3 * STEPS);
    assert_memory_equal(&result.train, &seen.epoch.train, sizeof result.train);
    assert_memory_equal(&result.test, &seen.epoch.test, sizeof result.test);
    assert_string_equal(list_folder(".", "").text, "");  // no folder was named: nothing is written
    vkvae_destroy(v);
    assert_int_equal(chdir("/"), 0);
}

static void stop_ends_the_training(void **state) {
    (void)state;
    vkvae *v = vkvae_create();
    struct seen seen = {.stop_at = 3};
    vkvae_train_options options = small_options(&seen);
    vkvae_train_result result;
    assert_int_equal(vkvae_train(v, &options, &result), VKVAE_OK);
    assert_true(result.stopped);
    assert_int_equal(result.epochs, 0);
    assert_int_equal(result.steps, 2);
    assert_int_equal(seen.stops, 3);
    options.on_progress = NULL;  // any may be NULL
    options.on_epoch = NULL;
    options.stop = NULL;
    assert_int_equal(vkvae_train(v, &options, NULL), VKVAE_OK);
    vkvae_destroy(v);
}

// ---- Errors ----

typedef void (*spoil_fn)(vkvae_train_options *options);

static vkvae_images spoilt;
static void no_test(vkvae_train_options *o) {
    o->test_images = NULL;
}
static void no_train(vkvae_train_options *o) {
    o->train_images = NULL;
}
static void other_size(vkvae_train_options *o) {
    spoilt = (vkvae_images){test_pixels, TEST, WIDTH, HEIGHT, 1};
    o->test_images = &spoilt;
}
static void no_pictures(vkvae_train_options *o) {
    spoilt = (vkvae_images){test_pixels, 0, HEIGHT, WIDTH, 1};
    o->test_images = &spoilt;
}
static void no_pixels(vkvae_train_options *o) {
    spoilt = (vkvae_images){NULL, TEST, HEIGHT, WIDTH, 1};
    o->test_images = &spoilt;
}
static void endless_pictures(vkvae_train_options *o) {
    spoilt = (vkvae_images){train_pixels, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
    o->train_images = &spoilt;
}
static void five_channels(vkvae_train_options *o) {
    spoilt = (vkvae_images){test_pixels, 1, HEIGHT, 1, 5};
    o->test_images = &spoilt;
}
static void wide_hidden(vkvae_train_options *o) {
    o->hidden[0] = 65537;
}
static void wide_latent(vkvae_train_options *o) {
    o->latent = 4097;
}
static void zero_batch(vkvae_train_options *o) {
    o->batch = 0;
}
static void large_batch(vkvae_train_options *o) {
    o->batch = TRAIN + 1;
}
static void zero_epochs(vkvae_train_options *o) {
    o->epochs = 0;
}
static void nan_lr(vkvae_train_options *o) {
    o->lr = (double)NAN;
}
static void negative_lr(vkvae_train_options *o) {
    o->lr = -1e-3;
}
static void other_model(vkvae_train_options *o) {
    o->model = "a model that nobody knows";
}
static void no_model(vkvae_train_options *o) {
    o->model = NULL;
}
static void other_activation(vkvae_train_options *o) {
    o->activation = "softmax, which is none for a hidden layer";
}
static void other_kernels(vkvae_train_options *o) {
    o->device.kernels = "bogus";
}
static void other_device(vkvae_train_options *o) {
    o->device.device = "none of these";
}
static void no_set(vkvae_train_options *o) {
    o->train_images = o->test_images = NULL;
    o->data = "/nonexistent/set";
}
static void both_folders(vkvae_train_options *o) {
    o->out = o->resume = "/nonexistent";
}
static void no_run(vkvae_train_options *o) {
    o->resume = "/nonexistent";
}

static const struct {
    spoil_fn spoil;
    vkvae_status status;
    const char *said;
} failures[] = {
    {no_test, VKVAE_USAGE, "together"},
    {no_train, VKVAE_USAGE, "together"},
    {other_size, VKVAE_USAGE, "both of one size"},
    {no_pictures, VKVAE_USAGE, "make no set"},
    {no_pixels, VKVAE_USAGE, "make no set"},
    {endless_pictures, VKVAE_USAGE, "make no set"},
    {five_channels, VKVAE_USAGE, "make no set"},
    {wide_hidden, VKVAE_USAGE, "--hidden 65537"},
    {wide_latent, VKVAE_USAGE, "--latent 4097"},
    {zero_batch, VKVAE_USAGE, "--batch 0"},
    {large_batch, VKVAE_USAGE, "--batch 71"},
    {zero_epochs, VKVAE_USAGE, "--epochs 0"},
    {nan_lr, VKVAE_USAGE, "--lr nan"},
    {negative_lr, VKVAE_USAGE, "--lr -0.001"},
    {other_model, VKVAE_USAGE, "there are: mlp, conv, resnet"},
    {no_model, VKVAE_USAGE, "there are: mlp, conv, resnet"},
    {other_activation, VKVAE_USAGE,
     "there are: relu, leaky-relu, elu, tanh, sigmoid, softplus, silu, gelu"},
    {other_kernels, VKVAE_USAGE, "'bogus'"},
    {other_device, VKVAE_NO_DEVICE, "'none of these'"},
    {no_set, VKVAE_BAD_DATA, "/nonexistent/set"},
    {both_folders, VKVAE_USAGE, "--out"},
    {no_run, VKVAE_BAD_DATA, "/nonexistent"},
};

// One handle for all: a failure must not touch the calls that follow.
static void failures_have_a_status_and_a_sentence(void **state) {
    struct room *r = *state;
    struct seen seen = {0};
    vkvae *v = vkvae_create();
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        vkvae_train_options options = small_options(&seen);
        options.out = in(r, "run");
        options.epochs = 1;
        if (failures[i].spoil == no_run) options.out = NULL;
        failures[i].spoil(&options);
        vkvae_status status = vkvae_train(v, &options, NULL);
        const char *error = vkvae_error(v);
        if (status != failures[i].status) fail_msg("failure %zu: status %d: %s", i, (int)status, error);
        assert_has(error, failures[i].said);
        assert_null(strchr(error, '\n'));
        assert_false(exists(in(r, "run")));
    }
    assert_int_equal(seen.epochs, 0);
    vkvae_train_options options = small_options(&seen);
    assert_int_equal(vkvae_train(v, &options, NULL), VKVAE_OK);
    assert_string_equal(vkvae_error(v), "");
    vkvae_destroy(v);
    vkvae_destroy(NULL);
    vkvae_free(NULL);
}

// ---- Several handles ----

struct job {
    uint64_t seed;
    const char *out;  // NULL: nothing is written
    vkvae_status status;
    vkvae_train_result result;
};

static void *train_job(void *argument) {
    struct job *job = argument;
    struct seen seen = {0};
    vkvae_train_options options = small_options(&seen);
    vkvae *v = vkvae_create();
    options.seed = job->seed;
    options.out = job->out;
    options.save_every = job->out ? "1" : NULL;
    job->status = vkvae_train(v, &options, &job->result);
    if (seen.wrong) job->status = VKVAE_FAILED;
    vkvae_destroy(v);
    return NULL;
}

// Nor does one that saves, beside its training.
static void threads_do_not_meet(void **state) {
    struct room *r = *state;
    enum { JOBS = 3 };
    if (getenv("VKVAE_TEST_LAYER")) skip();  // which knows one device at a time
    struct job alone[JOBS], together[JOBS];
    pthread_t thread[JOBS];
    for (uint64_t i = 0; i < JOBS; i++) alone[i] = together[i] = (struct job){.seed = i};
    together[0].out = in(r, "run");
    for (int i = 0; i < JOBS; i++) (void)train_job(&alone[i]);
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, train_job, &together[i]), 0);
    for (int i = 0; i < JOBS; i++) assert_int_equal(pthread_join(thread[i], NULL), 0);
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(alone[i].status, VKVAE_OK);
        assert_int_equal(together[i].status, VKVAE_OK);
        assert_memory_equal(&alone[i].result.test, &together[i].result.test,
                            sizeof alone[i].result.test);
        assert_true(i == 0 || alone[i].result.test.loss != alone[i - 1].result.test.loss);
    }
}

// ---- Samples ----

static void samples_are_pixels(void **state) {
    struct room *r = *state;
    enum { COUNT = 300 };  // more than are decoded at a time
    struct seen seen = {0};
    vkvae *v = vkvae_create();
    vkvae_train_options train = small_options(&seen);
    train.out = in(r, "run");
    assert_int_equal(vkvae_train(v, &train, NULL), VKVAE_OK);
    float *pixels[2] = {NULL, NULL}, lowest = 2, highest = -1;
    vkvae_sample_options options;
    vkvae_sample_defaults(&options);
    assert_int_equal(options.count, 64);
    options.run = train.out;
    struct listing before = list_folder(train.out, "");
    for (int i = 0; i < 2; i++) {
        options.count = i ? 10 : COUNT;
        options.pixels = &pixels[i];
        if (vkvae_sample(v, &options, NULL) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    }
    for (size_t i = 0; i < (size_t)COUNT * PIXELS; i++) {
        if (!(pixels[0][i] >= 0 && pixels[0][i] <= 1))
            fail_msg("pixel %zu is %g", i, (double)pixels[0][i]);
        if (pixels[0][i] < lowest) lowest = pixels[0][i];
        if (pixels[0][i] > highest) highest = pixels[0][i];
    }
    assert_true(highest - lowest > 0.05f);
    assert_memory_equal(pixels[0], pixels[1],
                        10 * PIXELS * sizeof(float));  // draws do not depend on how many
    assert_memory_not_equal(pixels[0], pixels[0] + (size_t)256 * PIXELS, PIXELS * sizeof(float));
    assert_string_equal(before.text, list_folder(train.out, "").text);
    vkvae_free(pixels[0]);
    vkvae_free(pixels[1]);
    vkvae_destroy(v);
}

static void failed_sample_hands_out_nothing(void **state) {
    (void)state;
    float untouched, *pixels = &untouched;
    vkvae_sample_options options;
    vkvae *v = vkvae_create();
    vkvae_sample_defaults(&options);
    options.pixels = &pixels;
    assert_int_equal(vkvae_sample(v, &options, NULL), VKVAE_USAGE);  // no run is named
    assert_null(pixels);
    options.run = "/nonexistent";
    assert_int_equal(vkvae_sample(v, &options, NULL), VKVAE_BAD_DATA);
    assert_has(vkvae_error(v), "/nonexistent");
    options.out = "grid.jpg";
    assert_int_equal(vkvae_sample(v, &options, NULL), VKVAE_USAGE);
    options.out = NULL;
    options.count = 0;
    assert_int_equal(vkvae_sample(v, &options, NULL), VKVAE_USAGE);
    vkvae_destroy(v);
}

int main(void) {
    begin(true);
    fill_pictures(train_pixels, TRAIN, HEIGHT, WIDTH, 1);
    fill_pictures(test_pixels, TEST, HEIGHT, WIDTH, 2);
    const struct CMUnitTest tests[] = {
        ROOM(callbacks_follow_the_training),
        ROOM(stop_ends_the_training),
        ROOM(failures_have_a_status_and_a_sentence),
        ROOM(threads_do_not_meet),
        ROOM(samples_are_pixels),
        ROOM(failed_sample_hands_out_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
