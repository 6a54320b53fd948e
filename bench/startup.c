// From the start of a process to the end of its first training step, with caches empty and filled.
#include <stdio.h>

#include "clock.h"
#include "process.h"
#include "table.h"
#include "tree.h"

static const struct bench_column columns[] = {
    {"name", "caches", -8, 0, 0},
    {"runs", "runs", 5, 1, 0},
    {"ready_median", "ready ms", 9, 1e3, 0},
    {"seconds_min", "step: min", 10, 1e3, 0},
    {"seconds_median", "median", 8, 1e3, 0},
    {"seconds_max", "max", 8, 1e3, 0},
    {"peak_bytes", "RSS MiB", 8, 1.0 / (1 << 20), 0},
    {NULL, NULL, 0, 0, 0},
};

struct startup {
    struct bench_samples ready, seconds;
    double memory;
};

static double number(const cJSON *json, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

// One process, its caches in `caches`.
static bool start(struct bench_table *t, const char *caches, struct startup *times) {
    const struct bench_options *o = t->options;
    char since[40], ours[128], mesa[128];
    (void)snprintf(ours, sizeof ours, "VKVAE_CACHE=%s/vkvae", caches);
    (void)snprintf(mesa, sizeof mesa, "MESA_SHADER_CACHE_DIR=%s/mesa", caches);
    struct bench_job job = {.words = {"job", "--first-step", "--data", o->data, "--since", since},
                            .variables = {ours, mesa}};
    if (o->device) bench_word(&job, "--device"), bench_word(&job, o->device);
    if (o->kernels) bench_word(&job, "--kernels"), bench_word(&job, o->kernels);
    (void)snprintf(since, sizeof since, "%.9f", vv_now());
    cJSON *json = bench_spawn(o, &job);
    const cJSON *device = cJSON_GetObjectItemCaseSensitive(json, "device");
    if (json && !cJSON_GetObjectItemCaseSensitive(t->root, "device") && cJSON_IsString(device))
        bench_table_text(t, "device", device->valuestring);
    bench_sample(&times->ready, number(json, "start_seconds"));
    bench_sample(&times->seconds, number(json, "first_step_seconds"));
    times->memory = number(json, "peak_bytes");
    cJSON_Delete(json);
    return json != NULL;
}

static void add_row(struct bench_table *t, const char *name, const struct startup *times) {
    cJSON *row = bench_row(t, name);
    if (!row) return;
    (void)cJSON_AddNumberToObject(row, "runs", times->seconds.count);
    bench_row_spread(row, "ready_", &times->ready);
    bench_row_spread(row, "seconds_", &times->seconds);
    (void)cJSON_AddNumberToObject(row, "peak_bytes", times->memory);
    bench_row_end(t, row, true);
}

int bench_startup(const struct bench_options *options) {
    struct bench_table t;
    struct startup cold = {.memory = 0}, warm = {.memory = 0};
    if (!bench_table_open(&t, options, columns)) return 1;
    bench_table_text(&t, "data", options->data);
    for (int i = 0; i < (options->quick ? 1 : 7) && !t.failed; i++) {
        char caches[64];
        bench_folder_make(caches);
        t.failed = !*caches && !bench_fail("no temporary folder can be made");
        t.failed = t.failed || !start(&t, caches, &cold) || !start(&t, caches, &warm);
        remove_tree(caches);
    }
    add_row(&t, "cold", &cold);
    add_row(&t, "warm", &warm);
    return bench_table_close(&t);
}
