#include "principal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "size.h"

// ---- Eigenvectors ----

// Columns p and q of a matrix become their rotation by the angle of cosine c and sine s.
static void turn_columns(double *m, uint32_t n, uint32_t p, uint32_t q, double c, double s) {
    for (uint32_t k = 0; k < n; k++) {
        double *row = m + (size_t)k * n;
        const double x = row[p], y = row[q];
        row[p] = c * x - s * y;
        row[q] = s * x + c * y;
    }
}

static void turn_rows(double *m, uint32_t n, uint32_t p, uint32_t q, double c, double s) {
    double *one = m + (size_t)p * n, *other = m + (size_t)q * n;
    for (uint32_t k = 0; k < n; k++) {
        const double x = one[k], y = other[k];
        one[k] = c * x - s * y;
        other[k] = s * x + c * y;
    }
}

// Makes a[p,q] zero, by the smaller of the two angles that do.
static void rotate(double *a, double *vectors, uint32_t n, uint32_t p, uint32_t q) {
    const double off = a[(size_t)p * n + q];
    if (off == 0) return;
    const double tau = (a[(size_t)q * n + q] - a[(size_t)p * n + p]) / (2 * off);
    const double t = (tau >= 0 ? 1 : -1) / (fabs(tau) + sqrt(1 + tau * tau));
    const double c = 1 / sqrt(1 + t * t), s = t * c;
    turn_columns(a, n, p, q, c, s);
    turn_rows(a, n, p, q, c, s);
    turn_columns(vectors, n, p, q, c, s);
    a[(size_t)p * n + q] = a[(size_t)q * n + p] = 0;
}

static double sum_of_squares(const double *a, uint32_t n, bool diagonal) {
    double sum = 0;
    for (uint32_t p = 0; p < n; p++)
        for (uint32_t q = diagonal ? p : p + 1; q < n; q++)
            sum += a[(size_t)p * n + q] * a[(size_t)p * n + q];
    return sum;
}

void vv_jacobi(double *a, double *vectors, uint32_t n) {
    const int most = 60;  // sweeps; convergence is quadratic, and takes about ten
    const double little = 1e-30 * sum_of_squares(a, n, true);
    memset(vectors, 0, sizeof *vectors * n * n);
    for (uint32_t i = 0; i < n; i++) vectors[(size_t)i * n + i] = 1;
    for (int sweep = 0; sweep < most && sum_of_squares(a, n, false) > little; sweep++)
        for (uint32_t p = 0; p + 1 < n; p++)
            for (uint32_t q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
}

// ---- The plane ----

static void sum_up(const float *rows, uint32_t count, uint32_t columns, double *mean, double *covariance,
                   double *away) {
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < columns; k++) mean[k] += (double)rows[(size_t)i * columns + k];
    for (uint32_t k = 0; k < columns; k++) mean[k] /= count;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < columns; k++) away[k] = (double)rows[(size_t)i * columns + k] - mean[k];
        for (uint32_t k = 0; k < columns; k++)
            for (uint32_t l = k; l < columns; l++)
                covariance[(size_t)k * columns + l] += away[k] * away[l];
    }
    for (uint32_t k = 0; k < columns; k++)
        for (uint32_t l = k; l < columns; l++)
            covariance[(size_t)l * columns + k] = covariance[(size_t)k * columns + l] /= count;
}

static void take_axis(const double *vectors, uint32_t n, uint32_t number, double *axis) {
    double largest = 0;
    for (uint32_t k = 0; k < n; k++) {
        axis[k] = vectors[(size_t)k * n + number];
        if (fabs(axis[k]) > fabs(largest)) largest = axis[k];
    }
    for (uint32_t k = 0; largest < 0 && k < n; k++) axis[k] = -axis[k];
}

static void take_plane(const double *values, const double *vectors, struct vv_principal *p) {
    const uint32_t n = p->columns;
    uint32_t best[2] = {0, 0};
    double all = 0;
    for (uint32_t k = 0; k < n; k++) {
        all += values[(size_t)k * n + k];
        if (values[(size_t)k * n + k] > values[(size_t)best[0] * n + best[0]]) best[0] = k;
    }
    best[1] = best[0] == 0;
    for (uint32_t k = 0; k < n; k++)
        if (k != best[0] && values[(size_t)k * n + k] > values[(size_t)best[1] * n + best[1]])
            best[1] = k;
    for (uint32_t i = 0; i < 2 && i < n; i++) {
        take_axis(vectors, n, best[i], p->axis[i]);
        p->share[i] = all > 0 ? fmax(values[(size_t)best[i] * n + best[i]], 0) / all : 0;
    }
}

bool vv_principal_make(struct vv_context *ctx, const float *rows, uint32_t count, uint32_t columns,
                       struct vv_principal *p) {
    *p = (struct vv_principal){.columns = columns};
    p->mean = vv_alloc(ctx, columns, sizeof *p->mean);
    for (int i = 0; i < 2; i++) p->axis[i] = vv_alloc(ctx, columns, sizeof *p->axis[i]);
    double *away = vv_alloc(ctx, columns, sizeof *away);
    double *covariance = vv_alloc(ctx, (uint64_t)columns * columns, sizeof *covariance);
    double *vectors = vv_alloc(ctx, (uint64_t)columns * columns, sizeof *vectors);
    const bool ok = p->mean && p->axis[0] && p->axis[1] && away && covariance && vectors;
    if (ok) {
        sum_up(rows, count, columns, p->mean, covariance, away);
        vv_jacobi(covariance, vectors, columns);
        take_plane(covariance, vectors, p);
    }
    free(away);
    free(covariance);
    free(vectors);
    return ok;
}

void vv_principal_place(const struct vv_principal *p, const float *row, double at[2]) {
    for (int i = 0; i < 2; i++) {
        at[i] = 0;
        for (uint32_t k = 0; k < p->columns; k++) at[i] += ((double)row[k] - p->mean[k]) * p->axis[i][k];
    }
}

void vv_principal_finish(struct vv_principal *p) {
    free(p->mean);
    free(p->axis[0]);
    free(p->axis[1]);
    *p = (struct vv_principal){.columns = 0};
}
