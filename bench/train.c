// The textbook's run in a process of its own: what an epoch takes, and where the time goes.
#include <math.h>
#include <stdio.h>

#include "clock.h"
#include "process.h"
#include "subject.h"
#include "tree.h"

static const struct bench_column columns[] = {
    {"name", "what", -44, 0, 0},   {"unit", "unit", -5, 0, 0}, {"min", "min", 9, 1, 3},
    {"median", "median", 9, 1, 3}, {"max", "max", 9, 1, 3},    {NULL, NULL, 0, 0, 0},
};

static double number(const cJSON *json, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static void add_row(struct bench_table *t, const char *name, const char *unit,
                    const struct bench_samples *samples, bool ok) {
    cJSON *row = bench_row(t, name);
    if (!row) return;
    (void)cJSON_AddStringToObject(row, "unit", unit);
    bench_row_spread(row, "", samples);
    bench_row_end(t, row, ok);
}

static void add_one(struct bench_table *t, const char *name, const char *unit, double value) {
    add_row(t, name, unit, &(struct bench_samples){.count = 1, .value = {value}}, true);
}

// What each epoch of a run took.
struct epochs {
    struct bench_samples train, test, rest;
    struct bench_samples evaluation;  // its time over that of its share of an epoch's work
    struct bench_samples pictures;    // percent of the epoch's time
};

// Evaluation is forward only: a third of the work for each picture, but for the gradient of the first
// layer's input, which nobody needs. 197.4 GFLOP for 60,000 pictures forward and backward, 13.1 for
// 10,000 forward.
#define EVALUATION_SHARE 0.0663

static struct epochs read_epochs(const cJSON *json) {
    struct epochs e = {.train = {.count = 0}};
    const double images = number(json, "images"), tests = number(json, "test_images");
    const double share = images > 0 ? EVALUATION_SHARE * 6 * tests / images : 0;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "epochs"), *one;
    cJSON_ArrayForEach(one, list) {
        const double train = number(one, "train_seconds"), test = number(one, "test_seconds"),
                     rest = number(one, "rest_seconds");
        bench_sample(&e.train, train);
        bench_sample(&e.test, test);
        bench_sample(&e.rest, rest);
        if (train * share > 0) bench_sample(&e.evaluation, test / (train * share));
        bench_sample(&e.pictures, 100 * rest / (train + test + rest));
    }
    return e;
}

static cJSON *run(struct bench_table *t) {
    const struct bench_options *o = t->options;
    char epochs[16], folder[64], out[80];
    bench_folder_make(folder);
    if (!*folder) {
        (void)bench_fail("no temporary folder can be made");
        return NULL;
    }
    (void)snprintf(out, sizeof out, "%s/run", folder);
    (void)snprintf(epochs, sizeof epochs, "%u", o->epochs ? o->epochs : o->quick ? 1U : 5U);
    struct bench_job job = {.words = {"job", "--data", o->data, "--epochs", epochs, "--out", out}};
    if (o->device) bench_word(&job, "--device"), bench_word(&job, o->device);
    if (o->kernels) bench_word(&job, "--kernels"), bench_word(&job, o->kernels);
    cJSON *json = bench_spawn(o, &job);
    remove_tree(folder);
    return json;
}

// In another process, with the caches as they are.
static cJSON *run_first_step(struct bench_table *t, const char *device, const char *kernels) {
    const struct bench_options *o = t->options;
    char since[40];
    struct bench_job job = {.words = {"job", "--first-step", "--data", o->data, "--since", since}};
    if (device) bench_word(&job, "--device"), bench_word(&job, device);
    if (kernels) bench_word(&job, "--kernels"), bench_word(&job, kernels);
    (void)snprintf(since, sizeof since, "%.9f", vv_now());
    return bench_spawn(o, &job);
}

// Its loss must be that of the reference.
static bool add_first_step(struct bench_table *t) {
    const struct bench_options *o = t->options;
    cJSON *json = run_first_step(t, o->device, o->kernels);
    cJSON *reference = json ? run_first_step(t, "reference", NULL) : NULL;
    const double loss = number(json, "loss"), expected = number(reference, "loss");
    const bool ran = json != NULL, ok = expected > 0 && fabs(loss - expected) <= 1e-5 * expected;
    const struct bench_samples seconds = {.count = 1, .value = {number(json, "first_step_seconds")}};
    if (ran) add_row(t, "start to end of first step", "s", &seconds, ok);
    cJSON_Delete(json);
    cJSON_Delete(reference);
    return ok ||
           (ran && bench_fail("the first step's loss is %.9g, the reference's %.9g", loss, expected));
}

// The products of a step alone, in this process, against the step as it was trained: what is left is
// everything else, what is fused into products not counted.
static bool add_products(struct bench_table *t, const cJSON *job, const struct epochs *e) {
    struct bench b;
    struct bench_samples seconds, percent = {0};
    const double step = bench_spread(&e->train).median / number(job, "steps");
    if (!bench_open(&b, t->options)) return false;
    const bool ok = bench_products(&b, &seconds);
    bench_close(&b);
    if (!ok) return false;
    for (uint32_t i = 0; i < seconds.count; i++)
        bench_sample(&percent, 100 * (1 - seconds.value[i] / step));
    for (uint32_t i = 0; i < seconds.count; i++) seconds.value[i] *= 1e3;
    add_one(t, "a step", "ms", 1e3 * step);
    add_row(t, "the products of a step, alone", "ms", &seconds, true);
    add_row(t, "an epoch but its products", "%", &percent, true);
    return true;
}

static void add_rows(struct bench_table *t, const cJSON *job, const struct epochs *e) {
    const double cpu = number(job, "cpu_seconds"), mib = 1 << 20;
    const double epoch = bench_spread(&e->train).median;
    add_row(t, "an epoch, training alone", "s", &e->train, true);
    add_row(t, "evaluation", "s", &e->test, true);
    add_row(t, "evaluation / its share of an epoch's work", "x", &e->evaluation, true);
    add_row(t, "pictures, samples, checkpoint", "s", &e->rest, true);
    add_row(t, "the same, of all", "%", &e->pictures, true);
    if (epoch > 0) add_one(t, "images a second", "1/s", number(job, "images") / epoch);
    add_one(t, "largest resident memory", "MiB", number(job, "peak_bytes") / mib);
    if (cpu > 0)
        add_one(t, "CPU outside the driver's threads", "%", 100 * number(job, "host_cpu_seconds") / cpu);
}

int bench_train(const struct bench_options *options) {
    struct bench_table t;
    if (!bench_table_open(&t, options, columns)) return 1;
    cJSON *job = run(&t);
    if (job) {
        const struct epochs e = read_epochs(job);
        static const char *const texts[] = {"device", "kernels", "data"};
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            const cJSON *item = cJSON_GetObjectItemCaseSensitive(job, texts[i]);
            if (cJSON_IsString(item)) bench_table_text(&t, texts[i], item->valuestring);
        }
        add_rows(&t, job, &e);
        t.failed |= !add_first_step(&t) || !add_products(&t, job, &e);
        (void)cJSON_AddItemToObject(t.root, "job", job);
    } else {
        t.failed = true;
    }
    return bench_table_close(&t);
}
