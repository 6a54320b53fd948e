// Line charts as PNG: axes with round ticks and labels, a legend, a few series.
#ifndef VV_REPORT_CURVE_H
#define VV_REPORT_CURVE_H

#include <stdint.h>

#include "context.h"

struct vv_series {
    const char *label;
    const double *x, *y;  // `count` points in order of x; points with a non-finite y are left out
    uint32_t count;
};

struct vv_chart {
    const char *title, *x_label, *y_label;
    const struct vv_series *series;
    uint32_t series_count;  // 1 to 6
    uint32_t width, height; // pixels; 0 takes 900 x 560
    bool x_whole;           // x ticks on whole numbers only (epochs)
};

// Atomic. A chart of one point, or of equal values, is drawn too.
bool vv_curve_write(struct vv_context *ctx, const char *path, const struct vv_chart *chart);

#endif
