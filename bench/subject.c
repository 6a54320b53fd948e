// A time is that of a tape which holds the op many times, submitted until some milliseconds have passed,
// divided by how often it ran. CPU seconds stand beside it, for machines that others use too.
#include "subject.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "peak.h"
#include "vulkan.h"

#define WRONG_FROM 1e-4  // of the largest value: sums of 1,000 terms in float differ by some 1e-6

bool bench_open(struct bench *b, const struct bench_options *options) {
    *b = (struct bench){.options = options, .seed = 1};
    vv_context_init(&b->ctx);
    vv_store_init(&b->store, &b->ctx);
    const struct vv_vulkan_options wanted = {.device = options->device, .kernels = options->kernels};
    b->device = vv_vulkan_create(&b->store, &wanted);
    b->reference = b->device ? vv_reference_create(&b->store, NULL) : NULL;
    if (b->reference) return true;
    (void)bench_fail("%s", b->ctx.error);
    bench_close(b);
    return false;
}

void bench_close(struct bench *b) {
    vv_exec_destroy(b->device);
    vv_exec_destroy(b->reference);
    vv_store_finish(&b->store);
    *b = (struct bench){0};
}

vv_ref bench_input_of(struct bench *b, enum vv_type type, struct vv_shape shape) {
    char name[16];
    (void)snprintf(name, sizeof name, "x%u", b->inputs++);
    return vv_use(&b->tape, vv_store_add(&b->store, name, type, shape));
}

vv_ref bench_input(struct bench *b, struct vv_shape shape) {
    return bench_input_of(b, VV_F32, shape);
}

vv_ref bench_clock(struct bench *b) {
    return vv_use(&b->tape, vv_store_add(&b->store, "clock", VV_U32, vv_shape1(VV_CLOCK_WORDS)));
}

vv_ref bench_halves(struct bench *b, uint32_t words) {
    return vv_use(&b->tape, vv_store_add(&b->store, "halves", VV_U32, vv_shape1(words)));
}

static bool fill(struct bench *b, const struct vv_state *s) {
    unsigned char *bytes = malloc(s->bytes);
    const uint32_t finite = strcmp(s->name, "halves") == 0 ? 0xbfffbfff : UINT32_MAX;
    if (!bytes) return vv_fail(&b->ctx, VV_FAILED, "out of memory");
    for (uint64_t i = 0; i < s->bytes / 4; i++) {
        b->seed = b->seed * 1664525u + 1013904223u;  // Numerical Recipes
        // In [0, 1): a variance may not be negative.
        const float value = (float)(b->seed >> 8) * 0x1p-24f;
        const uint32_t word = (s->type == VV_U8 ? b->seed : b->seed >> 16) & finite;
        if (s->type == VV_F32)
            memcpy(bytes + 4 * i, &value, 4);
        else
            memcpy(bytes + 4 * i, &word, 4);
    }
    memset(bytes + s->bytes / 4 * 4, 0, s->bytes % 4);
    if (strcmp(s->name, "clock") == 0) {
        const struct vv_clock clock = {.bad_step = VV_NO_BAD_STEP,
                                       .step = 1,
                                       .adam_scale = 1e-3f,
                                       .adam_root = 1,
                                       .rate = 1e-3f,
                                       .share = 1};
        memcpy(bytes, &clock, sizeof clock);
    }
    const bool ok = vv_exec_write(b->device, s, 0, bytes, s->bytes) &&
                    vv_exec_write(b->reference, s, 0, bytes, s->bytes);
    free(bytes);
    return ok;
}

// ---- The check ----

// Of n elements of four bytes each: floats by the largest difference over the largest value, others to
// the bit.
static double difference(const struct bench *b, enum vv_type type, void *device, const void *reference,
                         uint64_t n) {
    const float *p = device, *q = reference;
    if (b->options->fault) {
        const float wrong = strtof(b->options->fault, NULL);
        memcpy(device, &wrong, sizeof wrong);
    }
    if (type != VV_F32) return memcmp(device, reference, 4 * n) == 0 ? 0 : INFINITY;
    double worst = 0, scale = 1e-30;
    for (uint64_t i = 0; i < n; i++) {
        const double size = fabs((double)q[i]), off = fabs((double)p[i] - (double)q[i]);
        if (isnan(off)) return INFINITY;
        if (size > scale) scale = size;
        if (off > worst) worst = off;
    }
    return worst / scale;
}

// Of y's result, or, with `written`, of a state that it wrote.
static double error_of_one(struct bench *b, struct vv_program *const programs[2], vv_ref y,
                           const struct vv_state *written) {
    const uint64_t n = written ? written->bytes / 4 : vv_count(y);
    void *p = calloc(n, 4), *q = calloc(n, 4);
    const bool ok = p && q &&
                    (written ? vv_exec_read(b->device, written, 0, p, 4 * n) &&
                                   vv_exec_read(b->reference, written, 0, q, 4 * n)
                             : vv_exec_read_node(b->device, programs[0], y, p) &&
                                   vv_exec_read_node(b->reference, programs[1], y, q));
    const double error = ok ? difference(b, written ? written->type : y->type, p, q, n) : INFINITY;
    free(p);
    free(q);
    return error;
}

static double error_of(struct bench *b, struct vv_program *const programs[2], vv_ref y) {
    double worst = y->shape.rank ? error_of_one(b, programs, y, NULL) : 0;
    for (uint32_t i = 0; i < y->inputs; i++)
        if (y->op->writes >> i & 1)
            worst = fmax(worst, error_of_one(b, programs, y, vv_root(y->in[i], &(uint64_t){0})->state));
    return worst;
}

// One run on both. False: it cannot be run.
static bool check(struct bench *b, vv_ref y, struct bench_measured *m) {
    struct vv_program *programs[2];
    y->keep = y->shape.rank != 0;
    programs[0] = vv_exec_compile(b->device, &b->tape);
    programs[1] = programs[0] ? vv_exec_compile(b->reference, &b->tape) : NULL;
    bool ok = programs[1] != NULL;
    for (uint32_t i = 0; ok && i < b->store.count; i++) ok = fill(b, b->store.states[i]);
    ok = ok && vv_exec_submit(b->device, programs[0], 1) && vv_exec_wait(b->device) &&
         vv_exec_submit(b->reference, programs[1], 1);
    m->error = ok ? error_of(b, programs, y) : INFINITY;
    m->ok = m->error < WRONG_FROM;
    vv_program_destroy(b->device, programs[0]);
    vv_program_destroy(b->reference, programs[1]);
    y->keep = false;
    return ok && b->ctx.status == VV_OK;
}

// ---- The times ----

static bool submit(struct bench *b, struct vv_program *p, uint32_t times, double *seconds) {
    const double start = vv_now();
    const bool ok = vv_exec_submit(b->device, p, times) && vv_exec_wait(b->device);
    *seconds = vv_now() - start;
    return ok;
}

static bool time_program(struct bench *b, struct vv_program *p, uint32_t repeats,
                         struct bench_measured *m) {
    const double least = b->options->quick ? 2e-3 : 30e-3;
    const uint32_t runs = b->options->quick ? 3 : 15;
    double once, seconds;
    m->cpu = INFINITY;
    // The first may compile.
    if (!submit(b, p, 1, &once) || !submit(b, p, 1, &once)) return false;
    const double wanted = least / fmax(once, 1e-6);
    const uint32_t times = wanted < 1 ? 1 : wanted > 256 ? 256 : (uint32_t)wanted;
    const double begun = vv_now(), most = 2;  // seconds, for what is very slow
    for (uint32_t i = 0; i < runs && (i < 3 || vv_now() - begun < most); i++) {
        const clock_t used = clock();
        if (!submit(b, p, times, &seconds)) return false;
        const double ops = (double)times * repeats;
        bench_sample(&m->seconds, seconds / ops);
        m->cpu = fmin(m->cpu, (double)(clock() - used) / CLOCKS_PER_SEC / ops);
    }
    return true;
}

bool bench_measure(struct bench *b, const struct bench_subject *s, struct bench_measured *m) {
    *m = (struct bench_measured){.ok = false};
    vv_tape_init(&b->tape, &b->store, s->name);
    vv_ref y = s->append(b, s->n);
    while (y->view_of) y = y->view_of;  // the op itself, not another shape of its result
    bool ok = vv_tape_ok(&b->tape) && check(b, y, m);
    m->bytes = vv_cost_of(y).bytes;
    if (ok && m->ok) {
        // A submission stays short.
        const double fit = 1e9 / fmax(s->flop, 1), most = b->options->quick ? 4 : 20;
        const uint32_t repeats = fit > most ? (uint32_t)most : fit < 1 ? 1 : (uint32_t)fit;
        for (uint32_t i = 1; i < repeats; i++) (void)vv_append(&b->tape, y->op, y->in, &y->attr);
        struct vv_program *p = vv_exec_compile(b->device, &b->tape);
        ok = p && time_program(b, p, repeats, m);
        vv_program_destroy(b->device, p);
    }
    vv_tape_finish(&b->tape);
    return ok || bench_fail("%s: %s", s->name, b->ctx.error);
}

bool bench_time_tape(struct bench *b, struct bench_samples *seconds) {
    struct bench_measured m = {.ok = false};
    struct vv_program *device = vv_exec_compile(b->device, &b->tape);
    bool ok = device != NULL && vv_exec_realize(b->reference);
    for (uint32_t i = 0; ok && i < b->store.count; i++) ok = fill(b, b->store.states[i]);
    ok = ok && time_program(b, device, 1, &m);
    vv_program_destroy(b->device, device);
    *seconds = m.seconds;
    return ok || bench_fail("%s: %s", b->tape.name, b->ctx.error);
}

// ---- The rows ----

bool bench_peaks(struct bench_table *t, struct bench_peaks *peaks) {
    struct bench b;
    struct vv_peak peak;
    *peaks = (struct bench_peaks){0};
    if (!bench_open(&b, t->options)) return false;
    const bool ok = vv_peak_measure(b.device, &peak) || bench_fail("%s", b.ctx.error);
    bench_close(&b);
    if (!ok) return false;
    *peaks = (struct bench_peaks){1e9 * peak.gflops, 1e9 * peak.gbytes};
    bench_table_number(t, "peak_gflops", peak.gflops, "GFLOP/s");
    bench_table_number(t, "peak_gbps", peak.gbytes, "GB/s");
    bench_table_text(t, "peaks", peak.how);
    return true;
}

void bench_table_device(struct bench_table *t, const struct vv_exec *device) {
    bench_table_text(t, "device", device->description);
    bench_table_text(t, "kernels", device->kernels);
}
