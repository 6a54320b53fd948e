// Convolutions: those of a VAE of 64x64x3 pictures with 32, 64, 128, 256 channels, each with its
// gradients.
#include "conv.h"

#include <stdio.h>

#include "slice.h"
#include "subject.h"

enum { BATCH = 64, QUICK_BATCH = 2 };

// As a convolution from channels to out_channels; a transposed one goes the other way.
static const struct layer {
    const char *name;
    bool transposed;
    uint32_t size, channels, out_channels, stride;
} layers[] = {
    {"encoder 1", false, 64, 3, 32, 2},   {"encoder 2", false, 32, 32, 64, 2},
    {"encoder 3", false, 16, 64, 128, 2}, {"encoder 4", false, 8, 128, 256, 2},
    {"decoder 1", true, 8, 128, 256, 2},  {"decoder 2", true, 16, 64, 128, 2},
    {"decoder 3", true, 32, 32, 64, 2},   {"decoder 4", true, 64, 32, 32, 2},
    {"nearest 4", false, 64, 32, 32, 1},  {"pixels", false, 64, 32, 3, 1},
};
enum { LAYERS = sizeof layers / sizeof *layers };

// n: layer, batch.
static struct vv_window window_of(const uint32_t *n) {
    return vv_window_square(3, layers[n[0]].stride, 1);
}
static vv_ref wide(struct bench *b, const uint32_t *n) {
    const struct layer *l = &layers[n[0]];
    return bench_input(b, vv_shape4(n[1], l->size, l->size, l->channels));
}
static vv_ref narrow(struct bench *b, const uint32_t *n) {
    const struct layer *l = &layers[n[0]];
    return bench_input(b, vv_shape4(n[1], l->size / l->stride, l->size / l->stride, l->out_channels));
}
static vv_ref weight(struct bench *b, const uint32_t *n) {
    return bench_input(b, vv_shape4(layers[n[0]].out_channels, 3, 3, layers[n[0]].channels));
}

static vv_ref down(struct bench *b, const uint32_t *n, bool with_bias) {
    vv_ref x = wide(b, n), w = weight(b, n);
    vv_ref bias = with_bias ? bench_input(b, vv_shape1(layers[n[0]].out_channels)) : NULL;
    return vv_conv2d(&b->tape, x, w, bias, window_of(n));
}
static vv_ref up(struct bench *b, const uint32_t *n, bool with_bias) {
    const struct layer *l = &layers[n[0]];
    vv_ref x = narrow(b, n), w = weight(b, n);
    vv_ref bias = with_bias ? bench_input(b, vv_shape1(l->channels)) : NULL;
    return vv_conv2d_transposed(&b->tape, x, w, bias, window_of(n), l->size, l->size);
}

// The op itself: where channels were padded to fours, its result was cut to what was asked for.
static vv_ref uncut(vv_ref y) {
    while (y->op == &vv_op_slice) y = y->in[0];
    return y;
}

static vv_ref forward(struct bench *b, const uint32_t *n) {
    return uncut(layers[n[0]].transposed ? up(b, n, true) : down(b, n, true));
}
static vv_ref input_gradient(struct bench *b, const uint32_t *n) {
    return uncut(layers[n[0]].transposed ? down(b, n, false) : up(b, n, false));
}
static vv_ref weight_gradient(struct bench *b, const uint32_t *n) {
    vv_ref x = wide(b, n);
    return uncut(vv_conv2d_weight_grad(&b->tape, x, narrow(b, n), window_of(n)));
}

static const struct {
    const char *name;
    vv_ref (*append)(struct bench *b, const uint32_t *n);
} passes[] = {{"forward", forward}, {"dX", input_gradient}, {"dW", weight_gradient}};
enum { PASSES = sizeof passes / sizeof *passes };

static const struct bench_column columns[] = {
    {"name", "convolution", -18, 0, 0},
    {"size", "size", 4, 1, 0},
    {"channels", "C", 4, 1, 0},
    {"out_channels", "O", 4, 1, 0},
    {"kernel", "kernel", -22, 0, 0},
    {"seconds_min", "min ms", 9, 1e3, 4},
    {"seconds_median", "median", 9, 1e3, 4},
    {"seconds_max", "max", 9, 1e3, 4},
    {"cpu_seconds", "CPU ms", 9, 1e3, 4},
    {"gflops", "GFLOP/s", 8, 1, 2},
    {"share", "of peak %", 9, 1e2, 1},
    {"error", "error", 8, 1, -1},
    {NULL, NULL, 0, 0, 0},
};

// The kernel that computes it.
static const char *kernel_of(struct bench *b, const struct bench_subject *s) {
    struct vv_launch launch = {0};
    vv_tape_init(&b->tape, &b->store, s->name);
    const struct vv_node *y = s->append(b, s->n);
    if (vv_tape_ok(&b->tape)) (void)y->op->launch(y, &b->device->limits, &launch);
    vv_tape_finish(&b->tape);
    return launch.count ? launch.dispatch[0].kernel : "none";
}

static bool measure(struct bench_table *t, const struct bench_subject *s, double peak) {
    const struct layer *l = &layers[s->n[0]];
    struct bench b;
    struct bench_measured m;
    if (!bench_open(&b, t->options)) return false;
    const char *kernel = kernel_of(&b, s);
    bench_close(&b);
    if (!bench_open(&b, t->options)) return false;
    const bool ran = bench_measure(&b, s, &m);
    bench_close(&b);
    cJSON *row = ran ? bench_row(t, s->name) : NULL;
    if (!row) return false;
    (void)cJSON_AddNumberToObject(row, "size", l->size);
    (void)cJSON_AddNumberToObject(row, "channels", l->channels);
    (void)cJSON_AddNumberToObject(row, "out_channels", l->out_channels);
    (void)cJSON_AddStringToObject(row, "kernel", kernel);
    (void)cJSON_AddNumberToObject(row, "error", m.error);
    if (m.ok) {
        bench_row_spread(row, "seconds_", &m.seconds);
        (void)cJSON_AddNumberToObject(row, "cpu_seconds", m.cpu);
        bench_row_rate(row, "gflops", 1e9, s->flop, peak, &m.seconds);
    }
    bench_row_end(t, row, m.ok);
    return true;
}

int bench_conv(const struct bench_options *options) {
    struct bench_table t;
    struct bench_peaks peaks;
    struct bench b;
    const uint32_t batch = options->quick ? QUICK_BATCH : BATCH;
    if (!bench_table_open(&t, options, columns) || !bench_open(&b, options)) return 1;
    bench_table_device(&t, b.device);
    bench_close(&b);
    t.failed |= !bench_peaks(&t, &peaks);
    for (uint32_t i = options->quick ? 3 : 0; i < LAYERS; i += options->quick ? 3 : 1)
        for (uint32_t p = 0; p < PASSES; p++) {
            const struct layer *l = &layers[i];
            const double places = (double)(l->size / l->stride) * (l->size / l->stride);
            char name[64];
            (void)snprintf(name, sizeof name, "%s %s", l->name, passes[p].name);
            const struct bench_subject s = {NULL,
                                            name,
                                            passes[p].append,
                                            {i, batch},
                                            18 * places * batch * l->channels * l->out_channels};
            t.failed |= !measure(&t, &s, peaks.flops);
        }
    return bench_table_close(&t);
}
