// How a step's time and memory grow with batch, width, latent size, set size and cores: the textbook's
// model with one of them changed, each in a process of its own.
#include <stdio.h>
#include <string.h>

#include "curve.h"
#include "peak.h"
#include "process.h"
#include "table.h"

enum { POINTS = 16 };

// What is changed, and to what; 0 ends.
static const struct axis {
    const char *name, *option;
    uint32_t values[POINTS], quick[4];
} axes[] = {
    {"batch", "--batch", {1, 4, 16, 64, 128, 256, 512, 1024, 2048, 4096}, {16, 64}},
    {"width", "--hidden", {64, 128, 256, 400, 512, 1024, 2048, 4096}, {64, 128}},
    {"latent", "--latent", {2, 8, 20, 32, 64, 128, 256, 512}, {2, 8}},
    {"set", "--images", {1024, 4096, 16384, 65536, 131072}, {512, 1024}},
    {"cores", NULL, {1, 2, 4, 8, 16, 32, 64}, {1, 2}},
};
enum { AXES = sizeof axes / sizeof *axes };

static const struct bench_column columns[] = {
    {"name", "axis", -7, 0, 0},
    {"value", "value", 7, 1, 0},
    {"seconds_min", "step: min ms", 12, 1e3, 3},
    {"seconds_median", "median", 9, 1e3, 3},
    {"seconds_max", "max", 9, 1e3, 3},
    {"images_per_second", "images/s", 9, 1, 0},
    {"peak_bytes", "RSS MiB", 8, 1.0 / (1 << 20), 0},
    {"device_bytes", "device MiB", 10, 1.0 / (1 << 20), 1},
    {NULL, NULL, 0, 0, 0},
};

// What was measured of an axis, for the pictures.
struct line {
    uint32_t count;
    double x[POINTS], seconds[POINTS], memory[POINTS];
};

static double number(const cJSON *json, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

// Pictures for an epoch of about 32 steps, and of no more than fit any device's range.
static uint32_t images_for(uint32_t batch, bool quick) {
    const uint32_t steps = quick ? 8 : batch < 32 ? 256 : batch > 2048 ? 8 : batch > 512 ? 16 : 32;
    return batch * steps;
}

static cJSON *run(struct bench_table *t, const struct axis *axis, uint32_t value) {
    const struct bench_options *o = t->options;
    char text[16], images[16], threads[32];
    const bool is_batch = strcmp(axis->name, "batch") == 0, is_set = strcmp(axis->name, "set") == 0;
    (void)snprintf(text, sizeof text, "%u", value);
    (void)snprintf(images, sizeof images, "%u", images_for(is_batch ? value : 128, o->quick));
    (void)snprintf(threads, sizeof threads, "LP_NUM_THREADS=%u", value);
    struct bench_job job = {.words = {"job", "--epochs", "1000", "--seconds", o->quick ? "0.05" : "3"}};
    if (!is_set) bench_word(&job, "--images"), bench_word(&job, images);
    if (axis->option)
        bench_word(&job, axis->option), bench_word(&job, text);
    else
        job.variables[0] = threads;
    if (o->device) bench_word(&job, "--device"), bench_word(&job, o->device);
    if (o->kernels) bench_word(&job, "--kernels"), bench_word(&job, o->kernels);
    return bench_spawn(o, &job);
}

// Seconds a step of each epoch but the first, which compiles kernels.
static struct bench_samples read_steps(const cJSON *json) {
    struct bench_samples seconds = {0};
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "epochs"), *one;
    const double steps = number(json, "steps");
    bool first = true;
    cJSON_ArrayForEach(one, list) {
        if (!first && steps > 0) bench_sample(&seconds, number(one, "train_seconds") / steps);
        first = false;
    }
    return seconds;
}

static bool measure(struct bench_table *t, const struct axis *axis, uint32_t value, struct line *line) {
    cJSON *json = run(t, axis, value), *row = json ? bench_row(t, axis->name) : NULL;
    if (!row) {
        cJSON_Delete(json);
        return false;
    }
    const struct bench_samples seconds = read_steps(json);
    const double batch = strcmp(axis->name, "batch") == 0 ? value : 128;
    (void)cJSON_AddNumberToObject(row, "value", value);
    bench_row_spread(row, "seconds_", &seconds);
    bench_row_rate(row, "images_per_second", 1, batch, 0, &seconds);
    (void)cJSON_AddNumberToObject(row, "peak_bytes", number(json, "peak_bytes"));
    (void)cJSON_AddNumberToObject(row, "device_bytes", number(json, "device_bytes"));
    bench_row_end(t, row, seconds.count > 0);
    line->x[line->count] = value;
    line->seconds[line->count] = 1e3 * bench_spread(&seconds).median;
    line->memory[line->count++] = number(json, "peak_bytes") / (1 << 20);
    cJSON_Delete(json);
    return true;
}

// lavapipe takes as many threads as LP_NUM_THREADS says: nobody else does.
static bool takes_cores(const struct bench_table *t) {
    const cJSON *device = cJSON_GetObjectItemCaseSensitive(t->root, "device");
    return cJSON_IsString(device) && strstr(device->valuestring, "llvmpipe") != NULL;
}

static void measure_axis(struct bench_table *t, const struct axis *axis, struct line *line) {
    const uint32_t *values = t->options->quick ? axis->quick : axis->values;
    if (!axis->option && !takes_cores(t)) {
        bench_table_note(t, "left out: cores, which only lavapipe lets itself be told");
        return;
    }
    for (int i = 0; i < POINTS && values[i]; i++) {
        if (!axis->option && values[i] > vv_peak_cores()) break;
        if (!measure(t, axis, values[i], line)) t->failed = true;
    }
}

// ---- Pictures: all axes but the cores, both scales logarithmic ----

static bool draw(const char *path, const char *title, const char *y_label, const struct line *lines,
                 bool memory) {
    struct vv_context ctx;
    struct vv_series series[AXES];
    for (int i = 0; i < AXES - 1; i++)
        series[i] = (struct vv_series){.label = axes[i].name,
                                       .x = lines[i].x,
                                       .y = memory ? lines[i].memory : lines[i].seconds,
                                       .count = lines[i].count};
    const struct vv_chart chart = {.title = title,
                                   .x_label = "batch, width, latent size, pictures of the set",
                                   .y_label = y_label,
                                   .series = series,
                                   .series_count = AXES - 1,
                                   .x_log = true,
                                   .y_log = true};
    vv_context_init(&ctx);
    return vv_curve_write(&ctx, path, &chart) || bench_fail("%s", ctx.error);
}

static bool plot(const char *path, const struct line *lines) {
    char memory[4096];
    const size_t length = strlen(path),
                 stem = length > 4 && strcmp(path + length - 4, ".png") == 0 ? length - 4 : length;
    (void)snprintf(memory, sizeof memory, "%.*s-memory.png", (int)stem, path);
    return draw(path, "A training step, one of 784-400-20-400-784 and batch 128 changed", "ms a step",
                lines, false) &&
           draw(memory, "Memory of the process, the same changed", "largest resident MiB", lines, true);
}

static bool add_device(struct bench_table *t) {
    const struct bench_options *o = t->options;
    struct bench_job job = {
        .words = {"job", "--images", "128", "--batch", "8", "--hidden", "8", "--epochs", "1"}};
    if (o->device) bench_word(&job, "--device"), bench_word(&job, o->device);
    if (o->kernels) bench_word(&job, "--kernels"), bench_word(&job, o->kernels);
    cJSON *json = bench_spawn(o, &job);
    const cJSON *device = cJSON_GetObjectItemCaseSensitive(json, "device"),
                *kernels = cJSON_GetObjectItemCaseSensitive(json, "kernels");
    const bool ok = cJSON_IsString(device) && cJSON_IsString(kernels);
    if (ok) bench_table_text(t, "device", device->valuestring);
    if (ok) bench_table_text(t, "kernels", kernels->valuestring);
    cJSON_Delete(json);
    return ok;
}

int bench_scaling(const struct bench_options *options) {
    struct bench_table t;
    struct line lines[AXES] = {{.count = 0}};
    if (!bench_table_open(&t, options, columns)) return 1;
    t.failed = !add_device(&t);
    for (int i = 0; i < AXES && !t.failed; i++) measure_axis(&t, &axes[i], &lines[i]);
    if (options->plot && !t.failed) t.failed = !plot(options->plot, lines);
    return bench_table_close(&t);
}
