// Matrix products: those of the textbook's step, squares, and odd sizes.
#include "matmul.h"

#include <stdio.h>

#include "subject.h"

enum { BATCH = 128 };

static vv_ref linear(struct bench *b, const uint32_t *n, enum vv_activation activation) {
    return vv_linear(&b->tape, bench_input(b, vv_shape2(n[0], n[2])),
                     bench_input(b, vv_shape2(n[1], n[2])), bench_input(b, vv_shape1(n[1])), activation);
}
static vv_ref linear_relu(struct bench *b, const uint32_t *n) {
    return linear(b, n, VV_RELU);
}
static vv_ref linear_plain(struct bench *b, const uint32_t *n) {
    return linear(b, n, VV_IDENTITY);
}
static vv_ref product_nn(struct bench *b, const uint32_t *n) {
    return vv_matmul_nn(&b->tape, bench_input(b, vv_shape2(n[0], n[2])),
                        bench_input(b, vv_shape2(n[2], n[1])));
}
static vv_ref product_nt(struct bench *b, const uint32_t *n) {
    return vv_matmul_nt(&b->tape, bench_input(b, vv_shape2(n[0], n[2])),
                        bench_input(b, vv_shape2(n[1], n[2])));
}
static vv_ref product_tn(struct bench *b, const uint32_t *n) {
    return vv_matmul_tn(&b->tape, bench_input(b, vv_shape2(n[2], n[0])),
                        bench_input(b, vv_shape2(n[2], n[1])));
}

#define PRODUCT(op, label, append, m, n, k)                                                             \
    { &vv_op_##op, label, append, {m, n, k}, 2.0 * (m) * (n) * (k) }
#define SQUARE(n, form) PRODUCT(matmul, #n " " #form, product_##form, n, n, n)
#define ODD(m, n, k)                                                                                    \
    PRODUCT(matmul, "odd nn", product_nn, m, n, k), PRODUCT(matmul, "odd nt", product_nt, m, n, k),     \
        PRODUCT(matmul, "odd tn", product_tn, m, n, k)
static const struct bench_subject subjects[] = {
    // The textbook's, in order; bench_products() counts on their being the first.
    PRODUCT(linear, "fc1 forward nt", linear_relu, BATCH, 400, 784),
    PRODUCT(linear, "heads forward nt", linear_plain, BATCH, 40, 400),
    PRODUCT(linear, "fc3 forward nt", linear_relu, BATCH, 400, 20),
    PRODUCT(linear, "fc4 forward nt", linear_plain, BATCH, 784, 400),
    PRODUCT(matmul, "fc4 dX nn", product_nn, BATCH, 400, 784),
    PRODUCT(matmul, "fc4 dW tn", product_tn, 784, 400, BATCH),
    PRODUCT(matmul, "fc3 dX nn", product_nn, BATCH, 20, 400),
    PRODUCT(matmul, "fc3 dW tn", product_tn, 400, 20, BATCH),
    PRODUCT(matmul, "heads dX nn", product_nn, BATCH, 400, 40),
    PRODUCT(matmul, "heads dW tn", product_tn, 40, 400, BATCH),
    PRODUCT(matmul, "fc1 dW tn", product_tn, 400, 784, BATCH),
    SQUARE(64, nn),
    SQUARE(64, nt),
    SQUARE(64, tn),
    SQUARE(256, nn),
    SQUARE(256, nt),
    SQUARE(256, tn),
    SQUARE(1024, nn),
    SQUARE(1024, nt),
    SQUARE(1024, tn),
    ODD(1, 1, 1),
    ODD(7, 97, 129),
    ODD(127, 401, 783),
};
enum { TEXTBOOK = 11, SUBJECTS = sizeof subjects / sizeof *subjects };

static const struct bench_column columns[] = {
    {"name", "product", -18, 0, 0},
    {"m", "m", 5, 1, 0},
    {"n", "n", 5, 1, 0},
    {"k", "k", 5, 1, 0},
    {"variant", "variant", -22, 0, 0},
    {"seconds_min", "min ms", 9, 1e3, 4},
    {"seconds_median", "median", 9, 1e3, 4},
    {"seconds_max", "max", 9, 1e3, 4},
    {"cpu_seconds", "CPU ms", 9, 1e3, 4},
    {"gflops", "GFLOP/s", 8, 1, 2},
    {"share", "of peak %", 9, 1e2, 1},
    {"error", "error", 8, 1, -1},
    {NULL, NULL, 0, 0, 0},
};

static bool add_row(struct bench_table *t, const struct bench_subject *s, const char *variant,
                    const struct bench_measured *m, double peak) {
    cJSON *row = bench_row(t, s->name);
    if (!row) return false;
    static const char *const sizes[] = {"m", "n", "k"};
    for (uint32_t i = 0; i < 3; i++) (void)cJSON_AddNumberToObject(row, sizes[i], s->n[i]);
    (void)cJSON_AddStringToObject(row, "variant", variant);
    (void)cJSON_AddNumberToObject(row, "error", m->error);
    if (m->ok) {
        bench_row_spread(row, "seconds_", &m->seconds);
        (void)cJSON_AddNumberToObject(row, "cpu_seconds", m->cpu);
        bench_row_rate(row, "gflops", 1e9, s->flop, peak, &m->seconds);
    }
    bench_row_end(t, row, m->ok);
    return true;
}

// What can compute the product, the chosen one first.
static uint32_t list_variants(const struct bench_options *options, const struct bench_subject *s,
                              struct vv_product *p, struct vv_variant list[VV_MAX_VARIANTS]) {
    struct bench b;
    if (!bench_open(&b, options)) return 0;
    vv_tape_init(&b.tape, &b.store, s->name);
    const bool ok = vv_matmul_product(s->append(&b, s->n), p);
    const uint32_t count = ok ? vv_matmul_variants(p, &b.device->limits, list) : 0;
    vv_tape_finish(&b.tape);
    bench_close(&b);
    return count;
}

// False: it could not be run.
static bool measure(struct bench_table *t, const struct bench_subject *s,
                    const struct vv_product *product, const struct vv_variant *variant, double peak) {
    struct bench b;
    struct bench_measured m;
    struct vv_tuned tuned = {*product, *variant};
    const struct vv_tuning tuning = {.count = 1, .entries = &tuned};
    char text[VV_VARIANT_TEXT];
    if (!bench_open(&b, t->options)) return false;
    b.device->limits.tuning = &tuning;
    const bool ok = bench_measure(&b, s, &m);
    bench_close(&b);
    return ok && add_row(t, s, vv_variant_print(variant, text), &m, peak);
}

static bool measure_product(struct bench_table *t, const struct bench_subject *s, double peak) {
    struct vv_product product;
    struct vv_variant list[VV_MAX_VARIANTS];
    const uint32_t count = list_variants(t->options, s, &product, list);
    bool ok = count > 0;
    for (uint32_t i = 0; i < (t->options->all ? count : 1) && ok; i++)
        ok = measure(t, s, &product, &list[i], peak);
    return ok;
}

static bool is_quick(const struct bench_subject *s) {
    return s->flop <= 5e6;
}

int bench_gemm(const struct bench_options *options) {
    struct bench_table t;
    struct bench_peaks peaks;
    struct bench b;
    if (!bench_table_open(&t, options, columns) || !bench_open(&b, options)) return 1;
    bench_table_device(&t, b.device);
    bench_close(&b);
    t.failed |= !bench_peaks(&t, &peaks);
    for (int i = 0; i < SUBJECTS; i++) {
        const struct bench_subject *s = &subjects[i];
        if (options->quick && !is_quick(s)) continue;
        if (!measure_product(&t, s, peaks.flops)) t.failed = true;
    }
    return bench_table_close(&t);
}

bool bench_products(struct bench *b, struct bench_samples *seconds) {
    vv_tape_init(&b->tape, &b->store, "products of a step");
    for (int i = 0; i < TEXTBOOK; i++) (void)subjects[i].append(b, subjects[i].n);
    const bool ok = bench_time_tape(b, seconds);
    vv_tape_finish(&b->tape);
    return ok;
}
