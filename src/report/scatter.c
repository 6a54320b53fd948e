#include "scatter.h"

#include "frame.h"

#include <math.h>

enum { COLOURS = 10, WIDTH = 900, HEIGHT = 760, FEW = 3000 };

// Paul Tol's "muted" scheme, which colour-blind readers tell apart, and a near black.
static const struct vv_colour palette[COLOURS] = {
    {51, 34, 136}, {204, 102, 119}, {17, 119, 51},  {221, 204, 119}, {136, 204, 238},
    {136, 34, 85}, {68, 170, 153},  {170, 68, 153}, {153, 153, 51},  {40, 40, 40}};
static const struct vv_colour rest = {200, 200, 200};

static struct vv_colour colour_of(uint32_t kind) {
    return kind < VV_SCATTER_KINDS ? palette[kind % COLOURS] : rest;
}

// A disc, or a cross, `size` pixels wide.
static void draw_mark(struct vv_canvas *canvas, uint32_t kind, double x, double y, double size) {
    if (kind < COLOURS || kind >= VV_SCATTER_KINDS) {
        vv_canvas_stroke(canvas, x, y, x, y, size);
    } else {
        const double reach = size / 2;
        vv_canvas_stroke(canvas, x - reach, y - reach, x + reach, y + reach, 1);
        vv_canvas_stroke(canvas, x - reach, y + reach, x + reach, y - reach, 1);
    }
    vv_canvas_flush(canvas, colour_of(kind));
}

static void draw_swatch(struct vv_canvas *canvas, const struct vv_entry *entries, uint32_t i, double x,
                        double y, double width) {
    (void)entries;
    draw_mark(canvas, i, x + width - 5, y, 8);
}

static bool shown(const struct vv_scatter *s, uint32_t i) {
    return vv_is_shown(s->x[i]) && vv_is_shown(s->y[i]);
}

static void set_span(struct vv_axis *axis, const struct vv_scatter *s, const double *values) {
    double low = NAN, high = NAN;  // which fmin and fmax pass over
    for (uint32_t i = 0; i < s->count; i++) {
        if (!shown(s, i)) continue;
        low = fmin(low, values[i]);
        high = fmax(high, values[i]);
    }
    vv_axis_span(axis, low, high, false);
}

static void draw(struct vv_canvas *canvas, const struct vv_scatter *s) {
    struct vv_frame frame = {.title = s->title, .x_label = s->x_label, .y_label = s->y_label};
    struct vv_entry entries[VV_SCATTER_KINDS + 1];
    const double size = s->count > FEW ? 2.5 : 4;
    bool any = false;
    for (uint32_t k = 0; k < s->label_count; k++)
        entries[k] = (struct vv_entry){s->labels[k], colour_of(k)};
    set_span(&frame.x, s, s->x);
    set_span(&frame.y, s, s->y);
    vv_frame_draw(&frame, canvas, entries, s->label_count, draw_swatch);
    for (uint32_t i = 0; i < s->count; i++) {
        if (!shown(s, i)) continue;
        draw_mark(canvas, s->kind ? s->kind[i] : 0, vv_axis_place(&frame.x, s->x[i]),
                  vv_axis_place(&frame.y, s->y[i]), size);
        any = true;
    }
    if (!any) vv_frame_say(&frame, canvas, "no finite values to show");
}

bool vv_scatter_write(struct vv_context *ctx, const char *path, const struct vv_scatter *s) {
    struct vv_canvas canvas;
    bool ok = vv_canvas_init(&canvas, ctx, WIDTH, HEIGHT);
    if (ok) {
        draw(&canvas, s);
        ok = vv_canvas_write(&canvas, ctx, path);
    }
    vv_canvas_finish(&canvas);
    return ok;
}
