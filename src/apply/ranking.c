#include "ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "size.h"

struct item {
    double score;
    bool anomaly;
};

// The order among equal scores means nothing: they are taken together.
static int compare_items(const void *a, const void *b) {
    const double x = ((const struct item *)a)->score, y = ((const struct item *)b)->score;
    return (x < y) - (x > y);
}

static struct item *sort(struct vv_context *ctx, const struct vv_ranked *r) {
    struct item *items = vv_alloc(ctx, r->count, sizeof *items);
    if (!items) return NULL;
    for (uint32_t i = 0; i < r->count; i++) items[i] = (struct item){r->score[i], r->anomaly[i] != 0};
    qsort(items, r->count, sizeof *items, compare_items);
    return items;
}

// Mann and Whitney (1947): each of the rest beats no anomaly that is above it, and half of one that is
// equal. Counts are whole, and at most 2^63 in all, so that the area is exact but for one division.
static void walk(const struct item *items, uint32_t count, uint64_t anomalies, struct vv_roc *roc) {
    const uint64_t rest = count - anomalies;
    uint64_t above = 0, below_above = 0,
             twice = 0;  // anomalies and others so far; twice the area's pairs
    uint32_t points = 1;
    roc->fpr[0] = roc->tpr[0] = 0;
    for (uint32_t i = 0; i < count; points++) {
        const double score = items[i].score;
        uint64_t of[2] = {0, 0};
        for (; i < count && items[i].score >= score; i++) of[items[i].anomaly]++;
        twice += of[0] * (2 * above + of[1]);
        above += of[1];
        below_above += of[0];
        roc->average +=
            (double)of[1] / (double)anomalies * ((double)above / (double)(above + below_above));
        roc->tpr[points] = (double)above / (double)anomalies;
        roc->fpr[points] = (double)below_above / (double)rest;
    }
    roc->count = points;
    roc->auroc = (double)twice / (2 * (double)anomalies * (double)rest);
}

bool vv_roc_make(struct vv_context *ctx, const struct vv_ranked *r, struct vv_roc *roc) {
    uint64_t anomalies = 0;
    *roc = (struct vv_roc){.count = 0};
    for (uint32_t i = 0; i < r->count; i++) anomalies += r->anomaly[i] != 0;
    struct item *items = sort(ctx, r);
    roc->fpr = vv_alloc(ctx, (uint64_t)r->count + 1, sizeof *roc->fpr);
    roc->tpr = vv_alloc(ctx, (uint64_t)r->count + 1, sizeof *roc->tpr);
    const bool ok = items && roc->fpr && roc->tpr;
    if (ok) walk(items, r->count, anomalies, roc);
    free(items);
    return ok;
}

void vv_roc_finish(struct vv_roc *roc) {
    free(roc->fpr);
    free(roc->tpr);
    *roc = (struct vv_roc){.count = 0};
}

static double ratio(double a, double b) {
    return b > 0 ? a / b : 0;
}

struct vv_verdict vv_verdict_at(const struct vv_ranked *r, double threshold) {
    double of[2] = {0, 0}, above[2] = {0, 0};  // of the rest, of anomalies
    for (uint32_t i = 0; i < r->count; i++) {
        const int kind = r->anomaly[i] != 0;
        of[kind]++;
        above[kind] += r->score[i] > threshold;
    }
    return (struct vv_verdict){.tpr = ratio(above[1], of[1]),
                               .fpr = ratio(above[0], of[0]),
                               .precision = ratio(above[1], above[0] + above[1]),
                               .f1 = ratio(2 * above[1], above[0] + above[1] + of[1])};
}

static int compare_numbers(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double vv_quantile(double *numbers, uint32_t count, double q) {
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    const double at = q * (count - 1);
    const uint32_t low = (uint32_t)floor(at), high = low + 1 < count ? low + 1 : low;
    const double share = at - low;
    return numbers[low] + share * (numbers[high] - numbers[low]);
}

void vv_highest(const double *score, uint32_t count, uint32_t *index, uint32_t most) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = found;
        while (at && score[index[at - 1]] < score[i]) at--;
        if (at == most) continue;
        if (found < most) found++;
        memmove(index + at + 1, index + at, (found - at - 1) * sizeof *index);
        index[at] = i;
    }
}
