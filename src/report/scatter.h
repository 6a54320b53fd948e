// Points in a plane as PNG, coloured by what they are.
#ifndef VV_REPORT_SCATTER_H
#define VV_REPORT_SCATTER_H

#include "context.h"

#include <stdint.h>

// Kinds with a colour and a mark of their own: ten colours, as discs and as crosses. All kinds beyond
// are drawn alike, in light grey.
#define VV_SCATTER_KINDS 20

struct vv_scatter {
    const char *title, *x_label, *y_label;  // any may be NULL; ASCII, other characters show as '?'
    const double *x, *y;  // `count` points; what is not finite, or beyond 1e300, is left out
    uint32_t count;
    const uint32_t *kind;  // of each; NULL: all are of one
    const char *const
        *labels;           // of the kinds below VV_SCATTER_KINDS, for the legend, and then of the rest;
    uint32_t label_count;  // so many: none of one kind, at most VV_SCATTER_KINDS + 1
};

// 900 x 760 pixels, atomic. Later points lie on earlier ones.
bool vv_scatter_write(struct vv_context *ctx, const char *path, const struct vv_scatter *scatter);

#endif
