// Lines and text on white.
#ifndef VV_REPORT_CANVAS_H
#define VV_REPORT_CANVAS_H

#include "context.h"

#include <stdint.h>

// Bytes of a title or label that are drawn.
#define VV_LABEL_MAX 120

static const double vv_text_scale = 1, vv_title_scale = 1.4;

struct vv_colour {
    unsigned char r, g, b;
};

// Strokes gather in `mask` by maximum and are blended once in vv_canvas_flush: where two segments of a
// line meet, no darker spot appears.
struct vv_canvas {
    unsigned char *pixels;  // RGB
    float *mask;
    int width, height;
    int left, top, right, bottom;  // what is touched in the mask, right and bottom excluded
    double line_width;             // of text
    double x, y;                   // where text starts, and
    bool upwards;                  // which way it runs
};

bool vv_canvas_init(struct vv_canvas *canvas, struct vv_context *ctx, uint32_t width, uint32_t height);
bool vv_canvas_write(const struct vv_canvas *canvas, struct vv_context *ctx, const char *path);
void vv_canvas_finish(struct vv_canvas *canvas);  // takes one that could not be made

// A straight line with round ends; coverage falls from 1 to 0 across one pixel at its edge. Integer
// coordinates are pixel corners.
void vv_canvas_stroke(struct vv_canvas *canvas, double x0, double y0, double x1, double y1,
                      double width);
void vv_canvas_flush(struct vv_canvas *canvas, struct vv_colour colour);

// `anchor`: 0 puts the text's start at (x, y), 0.5 its middle, 1 its end; y is the baseline. Starts are
// put on pixel centres, where stems are sharpest.
void vv_canvas_text(struct vv_canvas *canvas, const char *text, double x, double y, double anchor,
                    bool upwards, double scale, struct vv_colour colour);

// `out` takes the text, cut with "..." where it would be wider than `room` pixels.
void vv_canvas_fit(char out[VV_LABEL_MAX + 4], const char *text, double scale, double room);

#endif
