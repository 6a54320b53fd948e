// The host's peaks: the same work on all cores at once.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "loops.h"
#include "peak.h"
#include "size.h"
#include "workers.h"

// Other programs disturb: the best of some short measurements counts.
#define TRIES   4
#define SECONDS 0.015

// Elements of each of a thread's arrays: three of these are more than a core's share of the caches.
#define LEAST_ELEMENTS (1u << 20)
#define LEAST_TOTAL    (8u << 20)

struct worker {
    double (*work)(struct worker *w);  // a bit of it; returns how much was done
    const struct vv_loop *loop;
    float *memory;  // three arrays
    size_t elements;
    double rate;  // of what `work` returns, a second
    float sink;
    bool started, touched;
    pthread_t thread;
};

uint32_t vv_peak_cores(void) {
    return vv_cores();
}

static double multiply(struct worker *w) {
    const uint32_t rounds = 20000;
    w->sink += w->loop->run(rounds, 0.999F, 0.001F);
    return w->loop->flop * rounds;
}

// Pages that nobody wrote to are all one page of zeros: reading them is no reading of memory.
static void touch(const struct worker *w) {
    for (size_t i = 0; w->memory && i < 3 * w->elements; i++) w->memory[i] = 1.0F;
}

static double add_arrays(struct worker *w) {
    float *a = w->memory, *b = a + w->elements;
    vv_triad(a, b, b + w->elements, 0.5F, w->elements);
    return 3.0 * sizeof(float) * (double)w->elements;
}

// The first bit warms up.
static void *run(void *user) {
    struct worker *w = user;
    if (!w->touched) touch(w);
    w->touched = w->memory != NULL;
    (void)w->work(w);
    const double start = vv_now();
    double done = 0, now = start;
    for (; now - start < SECONDS; now = vv_now()) done += w->work(w);
    w->rate = done / (now - start);
    return NULL;
}

// What all of them do together. Where a thread cannot be had, fewer do.
static double measure(struct worker *workers, uint32_t count) {
    double best = 0;
    for (uint32_t round = 0; round < TRIES; round++) {
        double sum = 0;
        for (uint32_t i = 1; i < count; i++)
            workers[i].started = pthread_create(&workers[i].thread, NULL, run, &workers[i]) == 0;
        (void)run(&workers[0]);
        for (uint32_t i = 0; i < count; i++) {
            if (i > 0 && !workers[i].started) continue;
            if (i > 0) (void)pthread_join(workers[i].thread, NULL);
            sum += workers[i].rate;
        }
        if (sum > best) best = sum;
    }
    return best;
}

// The best of the loops that do a multiplication and an addition at once; the last is for CPUs that
// cannot.
static const struct vv_loop *measure_loops(struct worker *workers, uint32_t count, double *best) {
    const struct vv_loop *found = NULL;
    for (uint32_t i = 0; i < vv_loop_count; i++) {
        if (!vv_loops[i].available() || (found && i + 1 == vv_loop_count)) continue;
        for (uint32_t j = 0; j < count; j++) {
            workers[j].work = multiply;
            workers[j].loop = &vv_loops[i];
        }
        const double rate = measure(workers, count);
        if (found && rate <= *best) continue;
        found = &vv_loops[i];
        *best = rate;
    }
    return found;
}

static bool measure_memory(struct vv_context *ctx, struct worker *workers, uint32_t count,
                           double *best) {
    const size_t share = LEAST_TOTAL / count;
    bool ok = true;
    for (uint32_t i = 0; i < count; i++) {
        struct worker *w = &workers[i];
        w->work = add_arrays;
        w->elements = share > LEAST_ELEMENTS ? share : LEAST_ELEMENTS;
        w->memory = vv_alloc(ctx, w->elements, 3 * sizeof *w->memory);
        ok = ok && w->memory;
    }
    if (ok) *best = measure(workers, count);
    for (uint32_t i = 0; i < count; i++) free(workers[i].memory);
    return ok;
}

bool vv_peak_host(struct vv_context *ctx, struct vv_peak *peak) {
    const uint32_t count = vv_peak_cores();
    struct worker *workers = vv_alloc(ctx, count, sizeof *workers);
    *peak = (struct vv_peak){0};
    if (!workers) return false;
    double flops = 0, bytes = 0;
    const struct vv_loop *loop = measure_loops(workers, count, &flops);
    const bool ok = measure_memory(ctx, workers, count, &bytes);
    free(workers);
    peak->gflops = 1e-9 * flops;
    peak->gbytes = 1e-9 * bytes;
    (void)snprintf(peak->how, sizeof peak->how, "C loop of %s multiply-adds, triad; %u core%s",
                   loop->name, count, count == 1 ? "" : "s");
    return ok;
}
