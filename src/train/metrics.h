// The history of a run, and the lines of metrics.jsonl and timing.jsonl.
#ifndef VV_TRAIN_METRICS_H
#define VV_TRAIN_METRICS_H

#include <stdint.h>

#include "context.h"

#define VV_METRIC_COLUMNS       11
#define VV_METRIC_FIRST_COLUMNS 6  // that every row has

struct vv_metrics_row {
    double epoch, step, train_recon, train_kl, test_recon, test_kl;  // nats per image
    // NaN where there is none: in the rows of version 0.1.0, and for what the run has no use.
    double active_units;
    double kl_weight, capacity, train_objective, test_objective;  // where the objective is not the loss
};

struct vv_metrics {
    struct vv_metrics_row *rows;  // owned
    uint32_t count, room;
    float *kl;  // owned: each row's KL of each latent, NaN where a row has none   [room,latent]
    uint32_t latent;
};

// kl: [latent], nats; NULL: the row has none.
bool vv_metrics_add(struct vv_context *ctx, struct vv_metrics *metrics, const struct vv_metrics_row *row,
                    const float *kl, uint32_t latent);
// Which row has the lowest test loss, the first of equals, counted from 1; 0: none that is finite.
uint32_t vv_metrics_best(const struct vv_metrics *metrics);
void vv_metrics_finish(struct vv_metrics *metrics);

// As numbers [count,columns], which the caller frees: columns at the end that no row has are left out.
double *vv_metrics_pack(struct vv_context *ctx, const struct vv_metrics *metrics, uint32_t *columns);
// From those, into `count` rows.
bool vv_metrics_unpack(struct vv_context *ctx, const double *numbers, uint32_t count, uint32_t columns,
                       struct vv_metrics *metrics);

// Writes all rows, a line an epoch: the same bytes for the same rows. Atomic. `bits`: what a loss is
// multiplied with to be bits per dimension, which are written, too; 0: they are not.
bool vv_metrics_write(struct vv_context *ctx, const char *path, const struct vv_metrics *metrics,
                      double bits);

// Whether that file is there and has the very bytes of these rows, with `more` perhaps others behind.
bool vv_metrics_are(const char *path, const struct vv_metrics *metrics, double bits, bool more);

// Reads such a file; what was not finite (null) is NaN. VV_BAD_DATA at the first line that is not the
// next epoch's, or whose losses are not the sums of their parts; the rows before it are kept.
bool vv_metrics_read(struct vv_context *ctx, const char *path, struct vv_metrics *metrics);

// Rewrites timing.jsonl: keeps the lines there of earlier epochs (an unreadable file is replaced), adds
// this one. Atomic.
bool vv_timing_write(struct vv_context *ctx, const char *path, uint32_t epoch, double train_seconds,
                     double test_seconds, double images_per_second);

// Images a second by that file: the median of its epochs; 0 where it says nothing of them, or cannot be
// read. False only without memory.
bool vv_timing_median(struct vv_context *ctx, const char *path, double *images_per_second);

#endif
