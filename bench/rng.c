// Random numbers a second: what the device draws, and what one core of the host draws by the same
// arithmetic (shaders/exact.h). No op draws uniform numbers on the device, so that the host's stand
// alone: they are a third of what a normal takes.
#include <math.h>

#include "clock.h"
#include "exact.h"
#include "noise.h"
#include "subject.h"

enum { ROWS = 4096, COLUMNS = 256 };

static vv_ref normals(struct bench *b, const uint32_t *n) {
    return vv_noise(&b->tape, bench_clock(b), n[0], n[1], 42, VV_STREAM_TRAIN);
}
static const struct bench_subject subject = {
    &vv_op_noise, "normals, device", normals, {ROWS, COLUMNS}, 0};

static float host_normals(uint32_t step) {
    float sum = 0;
    for (uint32_t i = 0; i < ROWS * COLUMNS / 4; i++) {
        const vv_normals z = vv_normal4(i, 0, step, VV_STREAM_TRAIN, 42, 0);
        sum += z.x + z.y + z.z + z.w;
    }
    return sum;
}

static float host_uniforms(uint32_t step) {
    float sum = 0;
    for (uint32_t i = 0; i < ROWS * COLUMNS / 4; i++) {
        const vv_words w = vv_random4(i, 0, step, VV_STREAM_TRAIN, 42, 0);
        sum += vv_uniform(w.x) + vv_uniform(w.y) + vv_uniform(w.z) + vv_uniform(w.w);
    }
    return sum;
}

static const struct bench_column columns[] = {
    {"name", "what", -22, 0, 0},          {"count", "numbers", 9, 1, 0},
    {"seconds_min", "min ms", 9, 1e3, 3}, {"seconds_median", "median", 9, 1e3, 3},
    {"seconds_max", "max", 9, 1e3, 3},    {"per_second", "10^6/s", 9, 1, 1},
    {"ratio", "to host", 8, 1, 2},        {NULL, NULL, 0, 0, 0},
};

// The mean of what was drawn must be that of its distribution; at 10^6 draws it is within 0.01.
static void add_row(struct bench_table *t, const char *name, const struct bench_samples *seconds,
                    double host, bool ok) {
    const double count = (double)ROWS * COLUMNS;
    cJSON *row = bench_row(t, name);
    if (!row) return;
    (void)cJSON_AddNumberToObject(row, "count", count);
    bench_row_spread(row, "seconds_", seconds);
    bench_row_rate(row, "per_second", 1e6, count, 0, seconds);
    if (host > 0 && seconds->count)
        (void)cJSON_AddNumberToObject(row, "ratio", host / bench_spread(seconds).median);
    bench_row_end(t, row, ok);
}

static double time_host(struct bench_table *t, const char *name, float (*draw)(uint32_t), double mean) {
    struct bench_samples seconds = {0};
    bool ok = true;
    for (uint32_t i = 0; i < (t->options->quick ? 3U : 15U); i++) {
        const double start = vv_now();
        const double sum = (double)draw(i);
        bench_sample(&seconds, vv_now() - start);
        ok = ok && fabs(sum / ((double)ROWS * COLUMNS) - mean) < 0.01;
    }
    add_row(t, name, &seconds, 0, ok);
    return bench_spread(&seconds).median;
}

int bench_rng(const struct bench_options *options) {
    struct bench_table t;
    struct bench_measured m;
    struct bench b;
    if (!bench_table_open(&t, options, columns) || !bench_open(&b, options)) return 1;
    bench_table_device(&t, b.device);
    (void)time_host(&t, "uniforms, one core", host_uniforms, 0.5);
    const double host = time_host(&t, "normals, one core", host_normals, 0);
    if (bench_measure(&b, &subject, &m))
        add_row(&t, subject.name, &m.seconds, host, m.ok);
    else
        t.failed = true;
    bench_close(&b);
    return bench_table_close(&t);
}
