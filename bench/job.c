// One training in this process, by the public library as 'vkvae train' does it. Prints what it took.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vkvae/vkvae.h>

#include "clock.h"
#include "process.h"

enum { PIXELS = 28 * 28 };

struct job {
    const struct bench_options *options;
    double begun;            // the first step
    double epoch_end;        // of the epoch before
    double thread, process;  // CPU seconds when training began
    cJSON *json, *epochs;
};

static void on_start(void *user, const vkvae_start *start) {
    struct job *job = user;
    (void)cJSON_AddStringToObject(job->json, "device", start->device);
    (void)cJSON_AddStringToObject(job->json, "kernels", start->kernels);
    (void)cJSON_AddStringToObject(job->json, "data", start->data);
    (void)cJSON_AddNumberToObject(job->json, "images", start->train_count);
    (void)cJSON_AddNumberToObject(job->json, "test_images", start->test_count);
    (void)cJSON_AddNumberToObject(job->json, "steps", start->steps);
    job->thread = bench_thread_seconds();
    job->process = bench_process_seconds();
    job->begun = job->epoch_end = vv_now();
}

static bool stop(void *user) {
    const struct job *job = user;
    const double limit = job->options->seconds;
    return limit > 0 && cJSON_GetArraySize(job->epochs) > 1 && vv_now() - job->begun > limit;
}

static void on_epoch(void *user, const vkvae_epoch *epoch) {
    struct job *job = user;
    const double now = vv_now();
    cJSON *one = cJSON_CreateObject();
    (void)cJSON_AddNumberToObject(one, "train_seconds", epoch->train_seconds);
    (void)cJSON_AddNumberToObject(one, "test_seconds", epoch->test_seconds);
    // Pictures, samples, checkpoint.
    (void)cJSON_AddNumberToObject(one, "rest_seconds",
                                  now - job->epoch_end - epoch->train_seconds - epoch->test_seconds);
    (void)cJSON_AddNumberToObject(one, "train_loss", epoch->train.loss);
    (void)cJSON_AddNumberToObject(one, "test_loss", epoch->test.loss);
    (void)cJSON_AddItemToArray(job->epochs, one);
    job->epoch_end = now;
}

// ---- What is trained ----

static bool set_hidden(const char *text, uint32_t hidden[VKVAE_MAX_HIDDEN]) {
    memset(hidden, 0, VKVAE_MAX_HIDDEN * sizeof *hidden);
    for (int i = 0; i < VKVAE_MAX_HIDDEN; i++) {
        char *end;
        hidden[i] = (uint32_t)strtoul(text, &end, 10);
        if (!*end) return true;
        if (*end != ',') break;
        text = end + 1;
    }
    return bench_fail("--hidden: expected up to %d widths with commas between", VKVAE_MAX_HIDDEN);
}

// Nothing that is timed depends on what they show.
static unsigned char *random_pixels(uint32_t images) {
    unsigned char *pixels = malloc((size_t)images * PIXELS);
    uint32_t seed = 1;
    for (size_t i = 0; pixels && i < (size_t)images * PIXELS; i++) {
        seed = seed * 1664525u + 1013904223u;  // Numerical Recipes
        pixels[i] = (unsigned char)(seed >> 24);
    }
    return pixels;
}

static vkvae_train_options options_of(struct job *job) {
    const struct bench_options *o = job->options;
    vkvae_train_options t;
    vkvae_train_defaults(&t);
    t.data = o->data;
    t.out = o->out;
    if (o->batch) t.batch = o->batch;
    t.data_memory = o->data_memory;
    if (o->latent) t.latent = o->latent;
    t.epochs = o->epochs ? o->epochs : 5;
    t.device.device = o->device;
    t.device.kernels = o->kernels;
    t.on_start = on_start;
    t.on_epoch = on_epoch;
    t.stop = stop;
    t.user = job;
    return t;
}

// ---- What it took ----

// From the text of the plans: what all tapes together hold on the device. States are counted in each
// tape that touches them, so the largest sum of one tape stands for them.
static double device_bytes(FILE *tape) {
    char line[1024];
    double arenas = 0, most_state = 0;
    rewind(tape);
    while (fgets(line, sizeof line, tape)) {
        const char *arena = strstr(line, "arena "), *state = strstr(line, ", state ");
        if (!arena || !state) continue;
        const double held = strtod(state + strlen(", state "), NULL);
        arenas += strtod(arena + strlen("arena "), NULL);
        if (held > most_state) most_state = held;
    }
    return arenas + most_state;
}

static bool finish(struct job *job, FILE *tape) {
    const double thread = bench_thread_seconds() - job->thread,
                 process = bench_process_seconds() - job->process;
    cJSON *json = job->json;
    (void)cJSON_AddNumberToObject(json, "peak_bytes", bench_peak_memory());
    if (tape) (void)cJSON_AddNumberToObject(json, "device_bytes", device_bytes(tape));
    (void)cJSON_AddNumberToObject(json, "host_cpu_seconds", thread);
    (void)cJSON_AddNumberToObject(json, "cpu_seconds", process);
    return bench_print_line(json);
}

static bool train(struct job *job, vkvae *v, vkvae_train_options *t) {
    const struct bench_options *o = job->options;
    unsigned char *pixels = o->images ? random_pixels(o->images) : NULL;
    vkvae_images train = {pixels, o->images, 28, 28, 1}, test = {pixels, 1, 28, 28, 1};
    bool ok = !o->images || pixels || bench_fail("out of memory");
    if (ok && pixels) {
        t->train_images = &train;
        t->test_images = &test;
    }
    ok = ok && (vkvae_train(v, t, NULL) == VKVAE_OK || bench_fail("%s", vkvae_error(v)));
    free(pixels);
    return ok;
}

int bench_job(const struct bench_options *options) {
    if (options->first_step) return bench_first_step(options);
    struct job job = {.options = options, .json = cJSON_CreateObject()};
    vkvae_train_options t = options_of(&job);
    vkvae *v = vkvae_create();
    FILE *tape = tmpfile();
    t.print_tape = tape;
    (void)cJSON_AddStringToObject(job.json, "program", "vkvae");
    (void)cJSON_AddStringToObject(job.json, "version", vkvae_version());
    job.epochs = cJSON_AddArrayToObject(job.json, "epochs");
    const bool ok = v && job.epochs && (!options->hidden || set_hidden(options->hidden, t.hidden)) &&
                    train(&job, v, &t) && finish(&job, tape);
    if (tape) (void)fclose(tape);
    vkvae_destroy(v);
    cJSON_Delete(job.json);
    return !ok;
}
