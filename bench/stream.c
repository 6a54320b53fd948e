// What it costs that a set streams: the textbook's run with the set on the device, and through a ring,
// in turns, each in a process of its own. Both must have the same losses.
#include <math.h>
#include <stdio.h>

#include "process.h"
#include "table.h"

#define RING_BYTES "8388608"

static const struct bench_column columns[] = {
    {"name", "what", -28, 0, 0},   {"unit", "unit", -5, 0, 0}, {"min", "min", 9, 1, 3},
    {"median", "median", 9, 1, 3}, {"max", "max", 9, 1, 3},    {NULL, NULL, 0, 0, 0},
};

// Of the last epoch of each run, and the losses of its first one.
struct side {
    const char *name, *memory;  // --data-memory; NULL: what there is
    struct bench_samples wall, cpu, bytes;
    double train_loss, test_loss;
};

static double number(const cJSON *json, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static bool run(struct bench_table *t, struct side *side) {
    const struct bench_options *o = t->options;
    char epochs[16];
    (void)snprintf(epochs, sizeof epochs, "%u", o->epochs ? o->epochs : 1U);
    struct bench_job job = {.words = {"job", "--data", o->data, "--epochs", epochs}};
    if (o->device) bench_word(&job, "--device"), bench_word(&job, o->device);
    if (o->kernels) bench_word(&job, "--kernels"), bench_word(&job, o->kernels);
    if (side->memory) bench_word(&job, "--data-memory"), bench_word(&job, side->memory);
    cJSON *json = bench_spawn(o, &job);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "epochs"), *one;
    const uint32_t count = (uint32_t)cJSON_GetArraySize(list);
    double wall = 0;
    cJSON_ArrayForEach(one, list) wall += number(one, "train_seconds");
    one = cJSON_GetArrayItem(list, 0);
    side->train_loss = number(one, "train_loss");
    side->test_loss = number(one, "test_loss");
    bench_sample(&side->wall, wall / count);
    bench_sample(&side->cpu, number(json, "cpu_seconds") / count);
    bench_sample(&side->bytes, number(json, "peak_bytes") / (1 << 20));
    const cJSON *device = cJSON_GetObjectItemCaseSensitive(json, "device");
    if (cJSON_IsString(device) && !cJSON_GetObjectItemCaseSensitive(t->root, "device"))
        bench_table_text(t, "device", device->valuestring);
    cJSON_Delete(json);
    return count > 0;
}

static void add_row(struct bench_table *t, const char *side, const char *what, const char *unit,
                    const struct bench_samples *samples, bool ok) {
    char name[64];
    (void)snprintf(name, sizeof name, "%s: %s", side, what);
    cJSON *row = bench_row(t, name);
    if (!row) return;
    (void)cJSON_AddStringToObject(row, "unit", unit);
    bench_row_spread(row, "", samples);
    bench_row_end(t, row, ok);
}

static void add_rows(struct bench_table *t, const struct side sides[2]) {
    struct bench_samples wall = {.count = 0}, cpu = {.count = 0};
    const bool ok =
        sides[0].train_loss == sides[1].train_loss && sides[0].test_loss == sides[1].test_loss;
    for (uint32_t i = 0; i < sides[1].wall.count; i++) {
        bench_sample(&wall, sides[1].wall.value[i] / sides[0].wall.value[i]);
        bench_sample(&cpu, sides[1].cpu.value[i] / sides[0].cpu.value[i]);
    }
    for (int i = 0; i < 2; i++) {
        add_row(t, sides[i].name, "an epoch", "s", &sides[i].wall, ok);
        add_row(t, sides[i].name, "CPU, all threads", "s", &sides[i].cpu, ok);
        add_row(t, sides[i].name, "resident memory", "MiB", &sides[i].bytes, ok);
    }
    add_row(t, "streamed / in memory", "time", "x", &wall, ok);
    add_row(t, "streamed / in memory", "CPU", "x", &cpu, ok);
    if (!ok) (void)bench_fail("the losses of a run that streams are others than of one that does not");
}

int bench_stream(const struct bench_options *options) {
    struct bench_table t;
    struct side sides[2] = {{.name = "in memory"}, {.name = "streamed", .memory = RING_BYTES}};
    if (!bench_table_open(&t, options, columns)) return 1;
    bench_table_text(&t, "data", options->data);
    bench_table_text(&t, "ring", RING_BYTES " bytes");
    for (int i = 0; i < (options->quick ? 1 : 5) && !t.failed; i++)
        t.failed = !run(&t, &sides[i % 2]) || !run(&t, &sides[1 - i % 2]);
    if (!t.failed) add_rows(&t, sides);
    return bench_table_close(&t);
}
