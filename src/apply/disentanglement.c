#include "disentanglement.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "size.h"

enum { BINS = 20 };

// ---- Bins ----

// Column `at` of [count,columns], each number as its bin: of equal width from the least to the greatest;
// 0 where all are alike.
static void bin_column(const float *values, uint32_t count, uint32_t columns, uint32_t at,
                       unsigned char *bins) {
    double low = INFINITY, high = -INFINITY;
    for (uint64_t i = 0; i < count; i++) {
        const double v = (double)values[i * columns + at];
        if (v < low) low = v;
        if (v > high) high = v;
    }
    for (uint64_t i = 0; i < count; i++) {
        const double v = high > low ? ((double)values[i * columns + at] - low) / (high - low) : 0;
        bins[i] = (unsigned char)(v * BINS >= BINS ? BINS - 1 : v * BINS);
    }
}

static void bin_factor(const struct vv_told *t, uint32_t factor, unsigned char *bins) {
    if (!t->kinds[factor]) {
        bin_column(t->values, t->count, t->factors, factor, bins);
        return;
    }
    for (uint64_t i = 0; i < t->count; i++) bins[i] = (unsigned char)t->values[i * t->factors + factor];
}

// All of them: latents [latent][count], then factors [factors][count]. NULL without memory.
static unsigned char *bin_all(struct vv_context *ctx, const struct vv_told *t) {
    const uint64_t columns = (uint64_t)t->latent + t->factors;
    unsigned char *bins = vv_alloc(ctx, columns * t->count, 1);
    for (uint32_t j = 0; bins && j < t->latent; j++)
        bin_column(t->codes, t->count, t->latent, j, bins + (uint64_t)j * t->count);
    for (uint32_t k = 0; bins && k < t->factors; k++)
        bin_factor(t, k, bins + ((uint64_t)t->latent + k) * t->count);
    return bins;
}

// The largest less the next one, 0 where there is none.
static double gap_of(const double *scores, uint32_t count) {
    double first = 0, second = 0;
    for (uint32_t j = 0; j < count; j++) {
        if (scores[j] > first) {
            second = first;
            first = scores[j];
        } else if (scores[j] > second) {
            second = scores[j];
        }
    }
    return first - second;
}

// ---- MIG ----

static double entropy(const uint32_t *counts, uint32_t cells, uint32_t all) {
    double sum = 0;
    for (uint32_t i = 0; i < cells; i++) {
        const double p = (double)counts[i] / all;
        if (counts[i]) sum -= p * log(p);
    }
    return sum;
}

// I(a; b) = H(a) + H(b) - H(a, b); *own: H(b).
static double information(const unsigned char *a, const unsigned char *b, uint32_t count, double *own) {
    uint32_t both[BINS * BINS] = {0}, of_a[BINS] = {0}, of_b[BINS] = {0};
    for (uint32_t i = 0; i < count; i++) {
        both[a[i] * BINS + b[i]]++;
        of_a[a[i]]++;
        of_b[b[i]]++;
    }
    *own = entropy(of_b, BINS, count);
    return entropy(of_a, BINS, count) + *own - entropy(both, BINS * BINS, count);
}

bool vv_mig(struct vv_context *ctx, const struct vv_told *t, double *mig) {
    unsigned char *bins = bin_all(ctx, t);
    double *scores = vv_alloc(ctx, t->latent, sizeof *scores), sum = 0;
    uint32_t counted = 0;
    for (uint32_t k = 0; bins && scores && k < t->factors; k++) {
        const unsigned char *factor = bins + ((uint64_t)t->latent + k) * t->count;
        double own = 0;
        for (uint32_t j = 0; j < t->latent; j++)
            scores[j] = information(bins + (uint64_t)j * t->count, factor, t->count, &own);
        if (!(own > 0)) continue;  // one that never changes
        sum += gap_of(scores, t->latent) / own;
        counted++;
    }
    const bool ok = bins && scores;
    *mig = counted ? sum / counted : 0;
    free(bins);
    free(scores);
    return ok;
}

// ---- SAP ----

// The squared correlation; 0 where one of them does not change.
static double correlation(const struct vv_told *t, uint32_t latent, uint32_t factor) {
    const double n = t->count;
    double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (uint64_t i = 0; i < t->count; i++) {
        a += (double)t->codes[i * t->latent + latent] / n;
        b += (double)t->values[i * t->factors + factor] / n;
    }
    for (uint64_t i = 0; i < t->count; i++) {
        const double x = (double)t->codes[i * t->latent + latent] - a,
                     y = (double)t->values[i * t->factors + factor] - b;
        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
    return aa > 0 && bb > 0 ? ab * ab / (aa * bb) : 0;
}

// The likeliest kind of each bin, were all kinds as frequent: the first of equals, and of none 0.
static void find_kinds(const unsigned char *bins, const unsigned char *kinds, uint32_t count,
                       uint32_t kind_count, unsigned char likeliest[BINS]) {
    uint32_t cells[BINS][VV_MOST_KINDS] = {{0}}, of_kind[VV_MOST_KINDS] = {0};
    for (uint32_t i = 0; i < count; i += 2) {
        cells[bins[i]][kinds[i]]++;
        of_kind[kinds[i]]++;
    }
    for (int b = 0; b < BINS; b++) {
        double most = 0;
        likeliest[b] = 0;
        for (uint32_t c = 0; c < kind_count; c++) {
            const double share = of_kind[c] ? (double)cells[b][c] / of_kind[c] : 0;
            if (share > most) likeliest[b] = (unsigned char)c;
            if (share > most) most = share;
        }
    }
}

// Balanced: the mean over kinds, of those that there are.
static double accuracy(const unsigned char *bins, const unsigned char *kinds, uint32_t count,
                       uint32_t kind_count) {
    unsigned char likeliest[BINS];
    uint32_t right[VV_MOST_KINDS] = {0}, all[VV_MOST_KINDS] = {0}, counted = 0;
    double sum = 0;
    find_kinds(bins, kinds, count, kind_count, likeliest);
    for (uint32_t i = 1; i < count; i += 2) {
        all[kinds[i]]++;
        right[kinds[i]] += likeliest[bins[i]] == kinds[i];
    }
    for (uint32_t c = 0; c < kind_count; c++) {
        if (!all[c]) continue;
        sum += (double)right[c] / all[c];
        counted++;
    }
    return counted ? sum / counted : 0;
}

bool vv_sap(struct vv_context *ctx, const struct vv_told *t, double *sap) {
    unsigned char *bins = bin_all(ctx, t);
    double *scores = vv_alloc(ctx, t->latent, sizeof *scores), sum = 0;
    for (uint32_t k = 0; bins && scores && k < t->factors; k++) {
        const unsigned char *kinds = bins + ((uint64_t)t->latent + k) * t->count;
        for (uint32_t j = 0; j < t->latent; j++)
            scores[j] = t->kinds[k]
                            ? accuracy(bins + (uint64_t)j * t->count, kinds, t->count, t->kinds[k])
                            : correlation(t, j, k);
        sum += gap_of(scores, t->latent);
    }
    const bool ok = bins && scores;
    *sap = sum / t->factors;
    free(bins);
    free(scores);
    return ok;
}

// ---- Votes ----

uint32_t vv_vote_of(const float *codes, uint32_t count, uint32_t latent, const double *variance) {
    double least = INFINITY;
    uint32_t best = 0;
    for (uint32_t j = 0; j < latent; j++) {
        double mean = 0, squares = 0;
        for (uint64_t i = 0; i < count; i++) mean += (double)codes[i * latent + j] / count;
        for (uint64_t i = 0; i < count; i++) squares += pow((double)codes[i * latent + j] - mean, 2);
        if (!(variance[j] > 0.01) || !(squares / variance[j] < least)) continue;
        least = squares / variance[j];
        best = j;
    }
    return best;
}

bool vv_votes_score(struct vv_context *ctx, const struct vv_vote *votes, uint32_t count, uint32_t latent,
                    uint32_t factors, double *score) {
    uint32_t *table = vv_alloc(ctx, (uint64_t)latent * factors, sizeof *table), right = 0;
    const uint32_t half = count / 2;
    if (!table) return false;
    assert(half > 0);
    for (uint32_t i = 0; i < half; i++) table[(uint64_t)votes[i].latent * factors + votes[i].factor]++;
    for (uint32_t i = half; i < count; i++) {
        const uint32_t *row = table + (uint64_t)votes[i].latent * factors;
        uint32_t best = 0;
        for (uint32_t k = 1; k < factors; k++)
            if (row[k] > row[best]) best = k;
        right += best == votes[i].factor;
    }
    *score = (double)right / (count - half);
    free(table);
    return true;
}
