// Line charts as PNG: axes with round ticks and labels, a legend, a few series.
#ifndef VV_REPORT_CURVE_H
#define VV_REPORT_CURVE_H

#include "context.h"

#include <stdint.h>

struct vv_series {
    const char *label;    // for the legend; NULL: not in it
    const double *x, *y;  // `count` points in order of x. Those whose x or y is not finite, or beyond
    uint32_t count;       // 1e300, are left out, and the line joins their neighbours
};

enum { VV_CURVE_SERIES = 6 };  // colours that there are

struct vv_chart {
    const char *title, *x_label, *y_label;  // any may be NULL; ASCII, other characters show as '?'
    const struct vv_series *series;
    uint32_t series_count;   // 1 to 6, and light ones
    uint32_t light;          // bit s: series s is drawn lighter and without markers, in the colour of
                             // the series before it; not of the first
    uint32_t width, height;  // pixels, 320 x 240 to 8192 x 8192; 0 takes 900 x 560
    bool x_whole;            // x ticks on whole numbers only (epochs)
    // Logarithmic: points that are not above 0 there are left out, too.
    bool x_log, y_log;
};

// Atomic. A chart of one point, of equal values, or of none that can be shown, is drawn too. VV_USAGE
// where a number above is out of its range.
bool vv_curve_write(struct vv_context *ctx, const char *path, const struct vv_chart *chart);

#endif
