// What stands around points and lines: axes with round ticks, their labels, a title, a legend.
#ifndef VV_REPORT_FRAME_H
#define VV_REPORT_FRAME_H

#include "canvas.h"

#define VV_TICKS_MAX 64

static const struct vv_colour vv_white = {255, 255, 255}, vv_text_grey = {64, 68, 76};

struct vv_axis {
    bool log;              // of a value, its decimal logarithm is what stands here
    double low, high;      // values at its ends
    double start, length;  // its pixels: `length` is negative for y, which grows upwards
    uint32_t tick_count;
    double ticks[VV_TICKS_MAX];
    char labels[VV_TICKS_MAX][32];
};

struct vv_frame {
    const char *title, *x_label, *y_label;  // any may be NULL
    bool x_whole;                           // x ticks on whole numbers only
    struct vv_axis x, y;
};

// The least and the greatest value of an axis; NAN: there is none. One value, or values that a double
// hardly tells apart, get room on both sides.
void vv_axis_span(struct vv_axis *axis, double low, double high, bool whole);
// The pixel of a value, or of a logarithm.
double vv_axis_place(const struct vv_axis *axis, double value);
// Where a value stands on it.
double vv_axis_value(const struct vv_axis *axis, double value);

// What can be shown: beyond this, differences of two values would overflow.
static inline bool vv_is_shown(double value) {
    return value < 1e300 && value > -1e300;
}

// An entry of a legend; without a label it is not in it.
struct vv_entry {
    const char *label;
    struct vv_colour colour;
};
// Draws one at (x, y), `width` pixels wide.
typedef void (*vv_swatch_fn)(struct vv_canvas *canvas, const struct vv_entry *entries, uint32_t i,
                             double x, double y, double width);

// Fills the axes' pixels, for the space between the title, the legend and the labels, and draws all of
// these and the axes. Spans are set.
void vv_frame_draw(struct vv_frame *frame, struct vv_canvas *canvas, const struct vv_entry *entries,
                   uint32_t count, vv_swatch_fn swatch);
// In its middle.
void vv_frame_say(const struct vv_frame *frame, struct vv_canvas *canvas, const char *text);

#endif
