// Times the ops of the textbook's training step, one by one, on a device: vkvae_bench [DEVICE
// [KERNELS]]. Each is first checked against the reference on the same inputs. A time is the best of
// several runs of a tape that holds the op many times; CPU seconds stand beside it, for machines that
// others use too.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bernoulli.h"
#include "clock.h"
#include "gaussian.h"
#include "matmul.h"
#include "noise.h"
#include "nonlinear.h"
#include "reduce.h"
#include "training.h"
#include "vulkan.h"

enum { BATCH = 128, REPEATS = 20, RUNS = 5 };

struct bench {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *device, *reference;
    struct vv_tape tape;
    uint32_t inputs, seed;
};

// One thing to time: appends the op once. Floating-point operations, or bytes moved, tell the rate.
struct subject {
    const char *name;
    vv_ref (*append)(struct bench *b, const uint32_t *n);
    uint32_t n[3];
    double flop;  // 0: not an arithmetic op
};

static vv_ref input(struct bench *b, struct vv_shape shape) {
    char name[16];
    (void)snprintf(name, sizeof name, "x%u", b->inputs++);
    return vv_use(&b->tape, vv_store_add(&b->store, name, VV_F32, shape));
}

static vv_ref clock_input(struct bench *b) {
    return vv_use(&b->tape, vv_store_add(&b->store, "clock", VV_U32, vv_shape1(VV_CLOCK_WORDS)));
}

static vv_ref linear(struct bench *b, const uint32_t *n) {
    return vv_linear(&b->tape, input(b, vv_shape2(n[0], n[2])), input(b, vv_shape2(n[1], n[2])),
                     input(b, vv_shape1(n[1])), VV_RELU);
}
static vv_ref product_nn(struct bench *b, const uint32_t *n) {
    return vv_matmul_nn(&b->tape, input(b, vv_shape2(n[0], n[2])), input(b, vv_shape2(n[2], n[1])));
}
static vv_ref product_tn(struct bench *b, const uint32_t *n) {
    return vv_matmul_tn(&b->tape, input(b, vv_shape2(n[2], n[0])), input(b, vv_shape2(n[2], n[1])));
}
static vv_ref bernoulli(struct bench *b, const uint32_t *n) {
    return vv_bernoulli(&b->tape, input(b, vv_shape2(n[0], n[1])), input(b, vv_shape2(n[0], n[1])));
}
static vv_ref bernoulli_grad(struct bench *b, const uint32_t *n) {
    return vv_bernoulli_grad(&b->tape, input(b, vv_shape2(n[0], n[1])), input(b, vv_shape2(n[0], n[1])),
                             input(b, vv_shape1(n[0])));
}
static vv_ref column_sums(struct bench *b, const uint32_t *n) {
    return vv_sum_to(&b->tape, input(b, vv_shape2(n[0], n[1])), vv_shape1(n[1]));
}
static vv_ref relu_grad(struct bench *b, const uint32_t *n) {
    return vv_relu_grad(&b->tape, input(b, vv_shape2(n[0], n[1])), input(b, vv_shape2(n[0], n[1])));
}
static vv_ref noise(struct bench *b, const uint32_t *n) {
    return vv_noise(&b->tape, clock_input(b), n[0], n[1], 42, VV_STREAM_TRAIN);
}
static vv_ref reparameterise(struct bench *b, const uint32_t *n) {
    return vv_reparameterise(&b->tape, input(b, vv_shape2(n[0], 2 * n[1])),
                             input(b, vv_shape2(n[0], n[1])));
}
static vv_ref gather(struct bench *b, const uint32_t *n) {
    vv_ref data = vv_use(&b->tape, vv_store_add(&b->store, "data", VV_U8, vv_shape2(n[2], n[1])));
    vv_ref order = vv_use(&b->tape, vv_store_add(&b->store, "order", VV_U32, vv_shape1(n[2])));
    return vv_gather(&b->tape, data, order, clock_input(b), n[0]);
}
static vv_ref guard(struct bench *b, const uint32_t *n) {
    vv_ref clock = clock_input(b);
    return vv_guard(&b->tape, clock, input(b, vv_shape1(n[0])), VV_GRADIENT_LIMIT);
}
static vv_ref adam(struct bench *b, const uint32_t *n) {
    struct vv_shape flat = vv_shape1(n[0]);
    vv_ref p = input(b, flat), g = input(b, flat), m = input(b, flat), v = input(b, flat);
    return vv_adam(&b->tape, p, g, m, v, clock_input(b), 0.9, 0.999, 1e-8);
}

#define PRODUCT(label, append, m, n, k)                                                                 \
    { label, append, {m, n, k}, (double)((uint64_t)2 * (m) * (n) * (k)) }
static const struct subject subjects[] = {
    PRODUCT("fc1 forward NT", linear, BATCH, 400, 784),
    PRODUCT("heads forward NT", linear, BATCH, 40, 400),
    PRODUCT("fc3 forward NT", linear, BATCH, 400, 20),
    PRODUCT("fc4 forward NT", linear, BATCH, 784, 400),
    PRODUCT("fc4 dX NN", product_nn, BATCH, 400, 784),
    PRODUCT("fc3 dX NN", product_nn, BATCH, 20, 400),
    PRODUCT("heads dX NN", product_nn, BATCH, 400, 40),
    PRODUCT("fc4 dW TN", product_tn, 784, 400, BATCH),
    PRODUCT("fc3 dW TN", product_tn, 400, 20, BATCH),
    PRODUCT("heads dW TN", product_tn, 40, 400, BATCH),
    PRODUCT("fc1 dW TN", product_tn, 400, 784, BATCH),
    {"bernoulli", bernoulli, {BATCH, 784}, 0},
    {"bernoulli_grad", bernoulli_grad, {BATCH, 784}, 0},
    {"sum of columns", column_sums, {BATCH, 784}, 0},
    {"relu_grad", relu_grad, {BATCH, 400}, 0},
    {"noise", noise, {BATCH, 20}, 0},
    {"reparameterise", reparameterise, {BATCH, 20}, 0},
    {"gather", gather, {BATCH, 784, 60000}, 0},
    {"guard", guard, {652992}, 0},
    {"adam", adam, {652992}, 0},
};

static bool fill(struct bench *b, const struct vv_state *s) {
    unsigned char *bytes = malloc(s->bytes);
    if (!bytes) return false;
    for (uint64_t i = 0; i < s->bytes / 4; i++) {
        b->seed = b->seed * 1664525u + 1013904223u;
        const float value =
            (float)(b->seed >> 8) * 0x1p-24f;  // in [0, 1): a variance may not be negative
        const uint32_t word = s->type == VV_F32 ? 0 : b->seed >> 16;
        if (s->type == VV_F32)
            memcpy(bytes + 4 * i, &value, 4);
        else
            memcpy(bytes + 4 * i, &word, 4);
    }
    if (s->bytes == sizeof(struct vv_clock)) {
        const struct vv_clock clock = {
            .bad_step = VV_NO_BAD_STEP, .step = 1, .adam_scale = 1e-3f, .adam_root = 1};
        memcpy(bytes, &clock, sizeof clock);
    }
    bool ok = vv_exec_write(b->device, s, 0, bytes, s->bytes) &&
              vv_exec_write(b->reference, s, 0, bytes, s->bytes);
    free(bytes);
    return ok;
}

static bool compile(struct bench *b, struct vv_program **device, struct vv_program **reference) {
    *device = vv_exec_compile(b->device, &b->tape);
    *reference = *device ? vv_exec_compile(b->reference, &b->tape) : NULL;
    for (uint32_t i = 0; *reference && i < b->store.count; i++)
        if (!fill(b, b->store.states[i])) return false;
    return *reference != NULL;
}

// The largest difference from the reference after one run, relative to the largest value: of the result,
// or of what an op without one wrote.
static double error_of(struct bench *b, struct vv_program *device, struct vv_program *reference,
                       vv_ref y) {
    const struct vv_state *written = y->shape.rank ? NULL : vv_root(y->in[0], &(uint64_t){0})->state;
    const uint64_t n = written ? written->bytes / 4 : vv_count(y);
    float *p = calloc(n, 4), *q = calloc(n, 4);
    bool ok =
        p && q && vv_exec_submit(b->device, device, 1) && vv_exec_submit(b->reference, reference, 1);
    if (written)
        ok = ok && vv_exec_read(b->device, written, 0, p, 4 * n) &&
             vv_exec_read(b->reference, written, 0, q, 4 * n);
    else
        ok = ok && vv_exec_read_node(b->device, device, y, p) &&
             vv_exec_read_node(b->reference, reference, y, q);
    double worst = 0, scale = 1e-30;
    for (uint64_t i = 0; ok && i < n; i++) {
        const double size = fabs((double)q[i]), off = fabs((double)p[i] - (double)q[i]);
        if (size > scale) scale = size;
        if (off > worst) worst = off;
    }
    free(p);
    free(q);
    return ok ? worst / scale : INFINITY;
}

static bool measure(struct bench *b, const struct subject *s) {
    vv_tape_init(&b->tape, &b->store, s->name);
    vv_ref y = s->append(b, s->n);
    if (y->view_of) y = y->view_of;  // the op itself, not another shape of its result
    y->keep = y->shape.rank != 0;
    for (uint32_t i = 1; i < REPEATS; i++) (void)vv_append(&b->tape, y->op, y->in, &y->attr);
    struct vv_program *device = NULL, *reference = NULL;
    bool ok = compile(b, &device, &reference);
    const double error = ok ? error_of(b, device, reference, y) : INFINITY;
    double best = INFINITY, cpu = INFINITY;
    for (uint32_t run = 0; ok && run < RUNS; run++) {
        const double start = vv_now();
        const clock_t used = clock();
        ok = vv_exec_submit(b->device, device, 4) && vv_exec_wait(b->device);
        best = fmin(best, (vv_now() - start) / (4 * REPEATS));
        cpu = fmin(cpu, (double)(clock() - used) / CLOCKS_PER_SEC / (4 * REPEATS));
    }
    ok = ok && error < 1e-4;
    printf("%-20s %5u %5u %5u  %9.3f ms  %9.3f CPU ms  %8.2f GFLOP/s  error %.1e%s\n", s->name, s->n[0],
           s->n[1], s->n[2], 1e3 * best, 1e3 * cpu, s->flop / best * 1e-9, error, ok ? "" : "  WRONG");
    vv_program_destroy(b->device, device);
    vv_program_destroy(b->reference, reference);
    vv_tape_finish(&b->tape);
    return ok;
}

static bool run(const char *device, const char *kernels, const struct subject *s, bool first) {
    struct bench b = {.seed = 1};
    vv_context_init(&b.ctx);
    vv_store_init(&b.store, &b.ctx);
    b.device =
        vv_vulkan_create(&b.store, &(struct vv_vulkan_options){.device = device, .kernels = kernels});
    b.reference = b.device ? vv_reference_create(&b.store, NULL) : NULL;
    if (first && b.device) printf("%s, kernels %s\n", b.device->description, b.device->kernels);
    const bool ok = b.reference && measure(&b, s);
    vv_exec_destroy(b.device);
    vv_exec_destroy(b.reference);
    if (!ok) fprintf(stderr, "%s: %s\n", s->name, b.ctx.error);
    vv_store_finish(&b.store);
    return ok;
}

int main(int argc, char **argv) {
    const char *device = argc > 1 && *argv[1] ? argv[1] : NULL, *kernels = argc > 2 ? argv[2] : NULL;
    bool ok = true;
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
        if (argc < 4 || strstr(subjects[i].name, argv[3]))
            ok = run(device, kernels, &subjects[i], i == 0) && ok;
    return !ok;
}
