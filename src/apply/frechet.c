#include "frechet.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "principal.h"
#include "size.h"

void vv_normal_finish(struct vv_normal *normal) {
    free(normal->mean);
    free(normal->covariance);
    *normal = (struct vv_normal){0};
}

static void add_row(const struct vv_normal *n, const float *row) {
    for (uint64_t i = 0; i < n->size; i++)
        for (uint64_t j = 0; j <= i; j++)
            n->covariance[i * n->size + j] +=
                ((double)row[i] - n->mean[i]) * ((double)row[j] - n->mean[j]);
}

bool vv_normal_fit(struct vv_context *ctx, const float *rows, uint64_t count, uint32_t size,
                   struct vv_normal *n) {
    assert(count > 1);
    *n = (struct vv_normal){.size = size};
    n->mean = vv_alloc(ctx, size, sizeof *n->mean);
    n->covariance = vv_alloc(ctx, (uint64_t)size * size, sizeof *n->covariance);
    if (!n->mean || !n->covariance) return false;
    for (uint64_t r = 0; r < count; r++)
        for (uint64_t i = 0; i < size; i++) n->mean[i] += (double)rows[r * size + i];
    for (uint64_t i = 0; i < size; i++) n->mean[i] /= (double)count;
    for (uint64_t r = 0; r < count; r++) add_row(n, rows + r * size);
    for (uint64_t i = 0; i < size; i++)
        for (uint64_t j = 0; j <= i; j++) {
            n->covariance[i * size + j] /= (double)(count - 1);
            n->covariance[j * size + i] = n->covariance[i * size + j];
        }
    return true;
}

static double root(double value) {
    return value > 0 ? sqrt(value) : 0;  // below 0 by rounding alone
}

// y = x m, all [n,n].
static void multiply(uint64_t n, const double *x, const double *m, double *y) {
    for (uint64_t i = 0; i < n; i++)
        for (uint64_t j = 0; j < n; j++) {
            double sum = 0;
            for (uint64_t k = 0; k < n; k++) sum += x[i * n + k] * m[k * n + j];
            y[i * n + j] = sum;
        }
}

// y = x^T m.
static void multiply_transposed(uint64_t n, const double *x, const double *m, double *y) {
    for (uint64_t i = 0; i < n; i++)
        for (uint64_t j = 0; j < n; j++) {
            double sum = 0;
            for (uint64_t k = 0; k < n; k++) sum += x[k * n + i] * m[k * n + j];
            y[i * n + j] = sum;
        }
}

// The trace of the root of A B. With A = V D V^T that of the root of R^T B R, R = V D^(1/2).
static bool trace_of_root(struct vv_context *ctx, uint64_t n, const double *a, const double *b,
                          double *trace) {
    const uint64_t square = n * n;
    double *room = vv_alloc(ctx, 3 * square, sizeof *room);
    if (!room) return false;
    double *half = room + square, *product = half + square;
    memcpy(room, a, square * sizeof *a);
    vv_jacobi(room, half, (uint32_t)n);
    for (uint64_t i = 0; i < square; i++) half[i] *= root(room[i % n * (n + 1)]);
    multiply(n, b, half, product);
    multiply_transposed(n, half, product, room);
    vv_jacobi(room, half, (uint32_t)n);
    *trace = 0;
    for (uint64_t i = 0; i < n; i++) *trace += root(room[i * (n + 1)]);
    free(room);
    return true;
}

bool vv_frechet(struct vv_context *ctx, const struct vv_normal *a, const struct vv_normal *b,
                double *distance) {
    assert(a->size == b->size);
    const uint64_t n = a->size;
    double trace, sum = 0;
    if (!trace_of_root(ctx, n, a->covariance, b->covariance, &trace)) return false;
    for (uint64_t i = 0; i < n; i++) {
        const double d = a->mean[i] - b->mean[i];
        sum += d * d + a->covariance[i * n + i] + b->covariance[i * n + i];
    }
    *distance = sum - 2 * trace;
    if (*distance < 0) *distance = 0;  // by rounding
    return true;
}
