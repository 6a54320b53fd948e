// How well scores part anomalies from what is normal: the higher, the more of an anomaly.
#ifndef VV_APPLY_RANKING_H
#define VV_APPLY_RANKING_H

#include <stdbool.h>
#include <stdint.h>

#include "context.h"

// Scores, none of them NaN, and whether each is of an anomaly.
struct vv_ranked {
    const double *score;
    const unsigned char *anomaly;
    uint32_t count;
};

// The receiver's operating characteristic: what share of the anomalies and of the rest is at or above
// each score that there is, from the highest one down.
struct vv_roc {
    uint32_t count;     // of points, the first of which is (0, 0) and the last one (1, 1)
    double *fpr, *tpr;  // owned
    double auroc;  // the area below: the chance that an anomaly is above one of the rest, a tie a half
    double
        average;  // average precision: the sum over the points of precision times what recall grows by
};

// There must be some of either kind.
bool vv_roc_make(struct vv_context *ctx, const struct vv_ranked *ranked, struct vv_roc *roc);
void vv_roc_finish(struct vv_roc *roc);  // takes a zeroed one

// What comes of calling anomalies what lies above a threshold.
struct vv_verdict {
    double tpr, fpr;       // shares of the anomalies, and of the rest, that lie above
    double precision, f1;  // 0 where nothing lies above
};
struct vv_verdict vv_verdict_at(const struct vv_ranked *ranked, double threshold);

// The q-quantile of numbers, which are sorted in place: between two of them on the straight line between
// (Hyndman and Fan 1996, definition 7). count: at least 1.
double vv_quantile(double *numbers, uint32_t count, double q);

// The indices of the `most` highest of `count` scores, of equal ones those that come first, into
// index[]. most: at most count.
void vv_highest(const double *score, uint32_t count, uint32_t *index, uint32_t most);

#endif
