// The history of a run, and the lines of metrics.jsonl and timing.jsonl.
#ifndef VV_TRAIN_METRICS_H
#define VV_TRAIN_METRICS_H

#include <stdint.h>

#include "context.h"

#define VV_METRIC_COLUMNS 6

struct vv_metrics_row {
    double epoch, step, train_recon, train_kl, test_recon, test_kl;  // nats per image
};

struct vv_metrics {
    struct vv_metrics_row *rows;  // owned
    uint32_t count, room;
};

bool vv_metrics_add(struct vv_context *ctx, struct vv_metrics *metrics,
                    const struct vv_metrics_row *row);
// Which row has the lowest test loss, the first of equals, counted from 1; 0: none that is finite.
uint32_t vv_metrics_best(const struct vv_metrics *metrics);
void vv_metrics_finish(struct vv_metrics *metrics);

// Writes all rows, a line an epoch: the same bytes for the same rows. Atomic.
bool vv_metrics_write(struct vv_context *ctx, const char *path, const struct vv_metrics *metrics);

// Reads such a file; what was not finite (null) is NaN. VV_BAD_DATA at the first line that is not the
// next epoch's; the rows before it are kept.
bool vv_metrics_read(struct vv_context *ctx, const char *path, struct vv_metrics *metrics);

// Rewrites timing.jsonl: keeps the lines there of earlier epochs (an unreadable file is replaced), adds
// this one. Atomic.
bool vv_timing_write(struct vv_context *ctx, const char *path, uint32_t epoch, double train_seconds,
                     double test_seconds, double images_per_second);

#endif
