#include <math.h>
#include <stdlib.h>

#include "disentanglement.h"
#include "forest.h"
#include "size.h"

// 1 less the entropy of the shares of weights, which lie `stride` apart, in units of that of equal ones;
// 0 where there is no weight at all. Of one weight 1: it is alone.
static double concentration(const double *weights, uint32_t count, uint32_t stride) {
    double sum = 0, entropy = 0;
    for (uint64_t i = 0; i < count; i++) sum += weights[i * stride];
    if (!(sum > 0)) return 0;
    if (count == 1) return 1;
    for (uint64_t i = 0; i < count; i++) {
        const double p = weights[i * stride] / sum;
        if (p > 0) entropy -= p * log(p);
    }
    return 1 - entropy / log(count);
}

void vv_dci_of(const double *importances, uint32_t latent, uint32_t factors, struct vv_dci *dci) {
    double all = 0;
    dci->disentanglement = dci->completeness = 0;
    for (uint64_t j = 0; j < latent; j++) {
        double weight = 0;
        for (uint64_t k = 0; k < factors; k++) weight += importances[j * factors + k];
        dci->disentanglement += weight * concentration(importances + j * factors, factors, 1);
        all += weight;
    }
    if (all > 0) dci->disentanglement /= all;
    for (uint32_t k = 0; k < factors; k++)
        dci->completeness += concentration(importances + k, latent, factors) / factors;
}

// Numbers about their mean, in deviations; kinds as 0 and 1 each.
static void fill_targets(const struct vv_told *t, uint32_t factor, double *values) {
    const uint32_t kinds = t->kinds[factor];
    double mean = 0, squares = 0;
    for (uint64_t i = 0; i < t->count; i++) {
        const double v = (double)t->values[i * t->factors + factor];
        for (uint32_t c = 0; c < kinds; c++) values[i * kinds + c] = (uint32_t)v == c;
        mean += v / t->count;
    }
    if (kinds) return;
    for (uint64_t i = 0; i < t->count; i++) {
        values[i] = (double)t->values[i * t->factors + factor] - mean;
        squares += values[i] * values[i];
    }
    for (uint64_t i = 0; squares > 0 && i < t->count; i++) values[i] /= sqrt(squares / t->count);
}

static uint32_t largest(const double *row, uint32_t count) {
    uint32_t best = 0;
    for (uint32_t c = 1; c < count; c++)
        if (row[c] > row[best]) best = c;
    return best;
}

// R^2 of the odd rows, or the share of them whose kind is right.
static double quality(uint32_t count, uint32_t kinds, const double *values, const double *predicted) {
    const uint32_t odd = count / 2;
    double mean = 0, errors = 0, squares = 0, right = 0;
    for (uint64_t i = 1; i < count; i += 2) {
        if (kinds)
            right += largest(values + i * kinds, kinds) == largest(predicted + i * kinds, kinds);
        else
            mean += values[i] / odd;
    }
    for (uint64_t i = 1; !kinds && i < count; i += 2) {
        errors += (values[i] - predicted[i]) * (values[i] - predicted[i]);
        squares += (values[i] - mean) * (values[i] - mean);
    }
    if (kinds) return right / odd;
    return squares > errors ? 1 - errors / squares : 0;
}

// values, predicted: room for VV_MOST_KINDS a row; importances [latent].
static bool take_factor(struct vv_context *ctx, const struct vv_told *t, uint32_t factor, uint64_t seed,
                        double *values, double *predicted, double *importances, double *found) {
    const uint32_t kinds = t->kinds[factor];
    const struct vv_forest_data data = {.count = t->count,
                                        .columns = t->latent,
                                        .targets = kinds ? kinds : 1,
                                        .codes = t->codes,
                                        .values = values,
                                        .seed = seed,
                                        .step = UINT32_MAX - factor};
    fill_targets(t, factor, values);
    if (!vv_forest(ctx, &data, importances, predicted)) return false;
    *found = quality(t->count, kinds, values, predicted);
    return true;
}

bool vv_dci(struct vv_context *ctx, const struct vv_told *t, uint64_t seed, struct vv_dci *dci) {
    const uint64_t numbers = (uint64_t)t->count * VV_MOST_KINDS;
    double *values = vv_alloc(ctx, 2 * numbers, sizeof *values),
           *column = vv_alloc(ctx, (uint64_t)t->latent * (t->factors + 1), sizeof *column);
    bool ok = values && column;
    *dci = (struct vv_dci){0};
    for (uint32_t k = 0; ok && k < t->factors; k++) {
        double *all = column + t->latent, found = 0;
        ok = take_factor(ctx, t, k, seed, values, values + numbers, column, &found);
        for (uint64_t j = 0; ok && j < t->latent; j++) all[j * t->factors + k] = column[j];
        dci->informativeness += found / t->factors;
    }
    if (ok) vv_dci_of(column + t->latent, t->latent, t->factors, dci);
    free(values);
    free(column);
    return ok;
}
