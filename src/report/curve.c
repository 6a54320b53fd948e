#include "curve.h"

#include "frame.h"

#include <math.h>

enum {
    MARKERS_UP_TO = 40,  // points in a series: above that markers would hide the line
};

// Okabe and Ito's palette, which colour-blind readers tell apart, less its black and yellow.
static const struct vv_colour palette[VV_CURVE_SERIES] = {
    {0, 114, 178}, {213, 94, 0}, {0, 158, 115}, {204, 121, 167}, {230, 159, 0}, {86, 180, 233}};

// Values that are not above 0 have no logarithm.
static bool shown(const struct vv_chart *chart, const struct vv_series *series, uint32_t i) {
    const double x = series->x[i], y = series->y[i];
    return vv_is_shown(x) && vv_is_shown(y) && (!chart->x_log || x > 0) && (!chart->y_log || y > 0);
}

static void set_span(struct vv_axis *axis, const struct vv_chart *chart, bool is_y) {
    double low = NAN, high = NAN;  // which fmin and fmax pass over
    axis->log = is_y ? chart->y_log : chart->x_log;
    for (uint32_t s = 0; s < chart->series_count; s++) {
        const struct vv_series *series = &chart->series[s];
        for (uint32_t i = 0; i < series->count; i++) {
            if (!shown(chart, series, i)) continue;
            const double value = vv_axis_value(axis, is_y ? series->y[i] : series->x[i]);
            low = fmin(low, value);
            high = fmax(high, value);
        }
    }
    vv_axis_span(axis, low, high, chart->x_whole && !is_y);
}

static void draw_swatch(struct vv_canvas *canvas, const struct vv_entry *entries, uint32_t i, double x,
                        double y, double width) {
    vv_canvas_stroke(canvas, x + 2, y, x + width - 2, y, 3);
    vv_canvas_flush(canvas, entries[i].colour);
}

static void draw_line(struct vv_canvas *canvas, const struct vv_chart *chart,
                      const struct vv_series *series, const struct vv_axis *x, const struct vv_axis *y,
                      struct vv_colour colour) {
    bool any = false;
    double last_x = 0, last_y = 0;
    for (uint32_t i = 0; i < series->count; i++) {
        if (!shown(chart, series, i)) continue;
        double at_x = vv_axis_place(x, vv_axis_value(x, series->x[i])),
               at_y = vv_axis_place(y, vv_axis_value(y, series->y[i]));
        if (any) vv_canvas_stroke(canvas, last_x, last_y, at_x, at_y, 2);
        last_x = at_x;
        last_y = at_y;
        any = true;
    }
    vv_canvas_flush(canvas, colour);
}

// Dots with a white rim, which parts them from lines of the same colour and from each other.
static bool draw_markers(struct vv_canvas *canvas, const struct vv_chart *chart,
                         const struct vv_series *series, const struct vv_axis *x,
                         const struct vv_axis *y, struct vv_colour colour) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < series->count; i++) count += shown(chart, series, i);
    for (uint32_t i = 0; count <= MARKERS_UP_TO && i < series->count; i++) {
        if (!shown(chart, series, i)) continue;
        double at_x = vv_axis_place(x, vv_axis_value(x, series->x[i])),
               at_y = vv_axis_place(y, vv_axis_value(y, series->y[i]));
        vv_canvas_stroke(canvas, at_x, at_y, at_x, at_y, 9);
        vv_canvas_flush(canvas, vv_white);
        vv_canvas_stroke(canvas, at_x, at_y, at_x, at_y, 6.5);
        vv_canvas_flush(canvas, colour);
    }
    return count > 0;
}

static bool is_light(const struct vv_chart *chart, uint32_t s) {
    return chart->light >> s & 1;
}

// As many series as are not light have a colour of their own.
static uint32_t count_colours(const struct vv_chart *chart, uint32_t until) {
    uint32_t count = 0;
    for (uint32_t s = 0; s < until; s++) count += !is_light(chart, s);
    return count;
}

static unsigned char lighter(unsigned char of) {
    return (unsigned char)((of + 2 * 255 + 1) / 3);
}

static struct vv_colour colour_of(const struct vv_chart *chart, uint32_t s) {
    const struct vv_colour own = palette[count_colours(chart, s + 1) - 1];
    if (!is_light(chart, s)) return own;
    return (struct vv_colour){lighter(own.r), lighter(own.g), lighter(own.b)};
}

static void draw_chart(struct vv_canvas *canvas, const struct vv_chart *chart) {
    struct vv_frame frame = {.title = chart->title,
                             .x_label = chart->x_label,
                             .y_label = chart->y_label,
                             .x_whole = chart->x_whole};
    struct vv_entry entries[2 * VV_CURVE_SERIES];
    bool any = false;
    for (uint32_t s = 0; s < chart->series_count; s++)
        entries[s] = (struct vv_entry){chart->series[s].label, colour_of(chart, s)};
    set_span(&frame.x, chart, false);
    set_span(&frame.y, chart, true);
    vv_frame_draw(&frame, canvas, entries, chart->series_count, draw_swatch);
    // The first series is the topmost, and light ones lie below all others.
    for (int light = 1; light >= 0; light--)
        for (uint32_t s = chart->series_count; s-- > 0;)
            if (is_light(chart, s) == (bool)light)
                draw_line(canvas, chart, &chart->series[s], &frame.x, &frame.y, colour_of(chart, s));
    for (uint32_t s = chart->series_count; s-- > 0;)
        if (!is_light(chart, s))
            any |=
                draw_markers(canvas, chart, &chart->series[s], &frame.x, &frame.y, colour_of(chart, s));
    if (!any) vv_frame_say(&frame, canvas, "no finite values to show");
}

static bool has_colours(const struct vv_chart *chart) {
    if (chart->series_count < 1 || chart->series_count > 2 * VV_CURVE_SERIES) return false;
    const uint32_t colours = count_colours(chart, chart->series_count);
    return colours >= 1 && colours <= VV_CURVE_SERIES && !is_light(chart, 0);
}

bool vv_curve_write(struct vv_context *ctx, const char *path, const struct vv_chart *chart) {
    const uint32_t width = chart->width ? chart->width : 900,
                   height = chart->height ? chart->height : 560;
    if (width < 320 || height < 240 || width > 8192 || height > 8192)
        return vv_fail(ctx, VV_USAGE,
                       "%s: a chart of %ux%u pixels cannot be drawn; take 320x240 to 8192x8192", path,
                       width, height);
    if (!has_colours(chart))
        return vv_fail(ctx, VV_USAGE, "%s: a chart of %u series cannot be drawn; take 1 to %d", path,
                       chart->series_count, VV_CURVE_SERIES);
    struct vv_canvas canvas;
    bool ok = vv_canvas_init(&canvas, ctx, width, height);
    if (ok) {
        draw_chart(&canvas, chart);
        ok = vv_canvas_write(&canvas, ctx, path);
    }
    vv_canvas_finish(&canvas);
    return ok;
}
