#include "curve.h"

#include "font.h"
#include "png.h"
#include "size.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TICKS_MAX = 64,
    LABEL_MAX = 120,     // bytes of a title or label that are drawn
    MARKERS_UP_TO = 40,  // points in a series: above that markers would hide the line
};

static const double outer = 22;  // white around everything
static const double row = 22;    // of the legend
static const double swatch = 26, swatch_gap = 8, entry_gap = 26;
static const double text_scale = 1, title_scale = 1.4, text_width = 1.3, title_width = 1.9;

struct colour {
    unsigned char r, g, b;
};

// Okabe and Ito's palette, which colour-blind readers tell apart, less its black and yellow.
static const struct colour palette[VV_CURVE_SERIES] = {{0, 114, 178},   {213, 94, 0},  {0, 158, 115},
                                                       {204, 121, 167}, {230, 159, 0}, {86, 180, 233}};
static const struct colour white = {255, 255, 255}, grid_grey = {228, 230, 233},
                           axis_grey = {90, 94, 102}, text_grey = {64, 68, 76},
                           title_grey = {24, 26, 30};

// Strokes gather in `mask` by maximum and are blended once in flush(): where two segments of a line
// meet, no darker spot appears.
struct canvas {
    unsigned char *pixels;  // RGB
    float *mask;
    int width, height;
    int left, top, right, bottom;  // what is touched in the mask, right and bottom excluded
    double line_width;             // of text
    double x, y;                   // where text starts, and
    bool upwards;                  // which way it runs
};

static void canvas_untouched(struct canvas *canvas) {
    canvas->left = canvas->width;
    canvas->top = canvas->height;
    canvas->right = canvas->bottom = 0;
}

static int clamp_int(double value, int low, int high) {
    return value < low ? low : value > high ? high : (int)value;
}

// A straight line with round ends; coverage falls from 1 to 0 across one pixel at its edge. Integer
// coordinates are pixel corners.
static void stroke(struct canvas *canvas, double x0, double y0, double x1, double y1, double width) {
    const double reach = width / 2 + 0.5, dx = x1 - x0, dy = y1 - y0, square = dx * dx + dy * dy;
    int left = clamp_int(floor(fmin(x0, x1) - reach), 0, canvas->width);
    int right = clamp_int(ceil(fmax(x0, x1) + reach), 0, canvas->width);
    int top = clamp_int(floor(fmin(y0, y1) - reach), 0, canvas->height);
    int bottom = clamp_int(ceil(fmax(y0, y1) + reach), 0, canvas->height);
    for (int y = top; y < bottom; y++) {
        for (int x = left; x < right; x++) {
            double px = x + 0.5 - x0, py = y + 0.5 - y0;
            double t = square > 0 ? (px * dx + py * dy) / square : 0;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            double cover = reach - hypot(px - t * dx, py - t * dy);
            float *mask = &canvas->mask[(size_t)y * (size_t)canvas->width + (size_t)x];
            if (cover > *mask) *mask = cover > 1 ? 1.0F : (float)cover;
        }
    }
    if (left < canvas->left) canvas->left = left;
    if (top < canvas->top) canvas->top = top;
    if (right > canvas->right) canvas->right = right;
    if (bottom > canvas->bottom) canvas->bottom = bottom;
}

static void flush(struct canvas *canvas, struct colour colour) {
    const unsigned char ink[3] = {colour.r, colour.g, colour.b};
    for (int y = canvas->top; y < canvas->bottom; y++) {
        for (int x = canvas->left; x < canvas->right; x++) {
            size_t i = (size_t)y * (size_t)canvas->width + (size_t)x;
            float cover = canvas->mask[i];
            canvas->mask[i] = 0;
            unsigned char *pixel = canvas->pixels + 3 * i;
            for (int c = 0; c < 3; c++) {
                float mixed = (1 - cover) * (float)pixel[c] + cover * (float)ink[c];
                pixel[c] = (unsigned char)(mixed + 0.5F);
            }
        }
    }
    canvas_untouched(canvas);
}

static void text_segment(void *user, double x0, double y0, double x1, double y1) {
    struct canvas *c = user;
    if (c->upwards)
        stroke(c, c->x + y0, c->y - x0, c->x + y1, c->y - x1, c->line_width);
    else
        stroke(c, c->x + x0, c->y + y0, c->x + x1, c->y + y1, c->line_width);
}

// `anchor`: 0 puts the text's start at (x, y), 0.5 its middle, 1 its end; y is the baseline. Starts are
// put on pixel centres, where stems are sharpest.
static void draw_text(struct canvas *canvas, const char *text, double x, double y, double anchor,
                      bool upwards, double scale, struct colour colour) {
    double shift = anchor * vv_font_width(text, scale);
    canvas->upwards = upwards;
    canvas->x = floor(upwards ? x : x - shift) + 0.5;
    canvas->y = floor(upwards ? y + shift : y) + 0.5;
    canvas->line_width = scale > text_scale ? title_width : text_width;
    vv_font_draw(text, scale, text_segment, canvas);
    flush(canvas, colour);
}

// `out` takes the text, cut with "..." where it would be wider than `room` pixels.
static void fit_text(char out[LABEL_MAX + 4], const char *text, double scale, double room) {
    size_t length = text ? strlen(text) : 0;
    bool cut = length > LABEL_MAX;
    if (cut) length = LABEL_MAX;
    for (;; length--, cut = true) {
        (void)snprintf(out, LABEL_MAX + 4, "%.*s%s", (int)length, text ? text : "", cut ? "..." : "");
        if (length == 0 || vv_font_width(out, scale) <= room) return;
    }
}

struct axis {
    bool log;              // of a value, its decimal logarithm is what stands here
    double low, high;      // values at its ends
    double start, length;  // its pixels: `length` is negative for y, which grows upwards
    uint32_t tick_count;
    double ticks[TICKS_MAX];
    char labels[TICKS_MAX][32];
};

static double place(const struct axis *axis, double value) {
    return axis->start + (value - axis->low) / (axis->high - axis->low) * axis->length;
}

static double on_axis(const struct axis *axis, double value) {
    return axis->log ? log10(value) : value;
}

// What a chart can show: beyond this, differences of two values would overflow.
static bool shown(const struct vv_chart *chart, const struct vv_series *series, uint32_t i) {
    const double x = series->x[i], y = series->y[i];
    return fabs(x) < 1e300 && fabs(y) < 1e300 && (!chart->x_log || x > 0) && (!chart->y_log || y > 0);
}

// The smallest of 1, 2, 5 times a power of ten that is at least `least`.
static double round_step(double least) {
    double power = pow(10, floor(log10(least)));
    const double steps[] = {1, 2, 5};
    for (int i = 0; i < 3; i++)
        if (steps[i] * power >= least * (1 - 1e-9)) return steps[i] * power;
    return 10 * power;
}

static void set_range(struct axis *axis, const struct vv_chart *chart, bool is_y) {
    bool any = false;
    axis->log = is_y ? chart->y_log : chart->x_log;
    axis->low = 0;
    axis->high = 1;
    for (uint32_t s = 0; s < chart->series_count; s++) {
        const struct vv_series *series = &chart->series[s];
        for (uint32_t i = 0; i < series->count; i++) {
            if (!shown(chart, series, i)) continue;
            double value = on_axis(axis, is_y ? series->y[i] : series->x[i]);
            axis->low = any ? fmin(axis->low, value) : value;
            axis->high = any ? fmax(axis->high, value) : value;
            any = true;
        }
    }
    // One value, or values that a double hardly tells apart, get room on both sides.
    double size = fmax(fabs(axis->low), fabs(axis->high));
    if (axis->high - axis->low > 1e-9 * size && axis->high - axis->low > 1e-290) return;
    double room = chart->x_whole && !is_y ? 1 : size > 1e-280 ? 0.05 * size : 1;
    if (axis->log) room = 0.5;
    axis->low -= room;
    axis->high += room;
}

static void label_tick(char label[32], double value, double step, double largest) {
    double digits = -floor(log10(step) + 1e-9);
    if (largest >= 1e6 || digits > 6)
        (void)snprintf(label, 32, "%.*g", clamp_int(log10(largest / step) + 1.5, 1, 12), value);
    else
        (void)snprintf(label, 32, "%.*f", clamp_int(digits, 0, 6), value);
}

// Tick number i of an axis of decades: `part` 3 has one on 1, 2 and 5 times each power of ten, `part` 1
// on each power of 10^skip.
static double log_tick(double i, double part, double skip) {
    static const double parts[] = {0, 0.30102999566398120, 0.69897000433601880};
    return part > 1 ? floor(i / part) + parts[(int)(i - part * floor(i / part))] : i * skip;
}

// As set_ticks, of a logarithmic axis.
static void set_log_ticks(struct axis *axis, double wanted, bool widen) {
    const double decades = axis->high - axis->low, slack = 1e-6;
    const double part = wanted >= 3 * decades ? 3 : 1, skip = fmax(1, ceil(decades / fmax(wanted, 1)));
    double first = part * floor(axis->low / skip), last = first;
    while (log_tick(first + (widen ? 1 : 0), part, skip) < axis->low + (widen ? slack : -slack)) first++;
    while (log_tick(last + (widen ? 0 : 1), part, skip) < axis->high + (widen ? -slack : slack)) last++;
    if (widen) {
        axis->low = fmin(axis->low, log_tick(first, part, skip));
        axis->high = fmax(axis->high, log_tick(last, part, skip));
    }
    axis->tick_count = 0;
    for (double i = first; i <= last && axis->tick_count < TICKS_MAX; i++) {
        axis->ticks[axis->tick_count] = log_tick(i, part, skip);
        (void)snprintf(axis->labels[axis->tick_count], sizeof *axis->labels, "%.6g",
                       pow(10, axis->ticks[axis->tick_count]));
        axis->tick_count++;
    }
}

// Ticks on multiples of a round step; `wanted` of them, about. With `widen` the axis ends on ticks.
static void set_ticks(struct axis *axis, double wanted, bool whole, bool widen) {
    if (axis->log) {
        set_log_ticks(axis, wanted, widen);
        return;
    }
    double step = round_step((axis->high - axis->low) / fmax(wanted, 1));
    if (whole) step = fmax(step, 1);
    const double slack = 1e-6;  // of a step: a range that ends on a tick, but for rounding
    double first = ceil(axis->low / step - slack), last = floor(axis->high / step + slack);
    if (widen) {
        first = floor(axis->low / step + slack);
        last = ceil(axis->high / step - slack);
        axis->low = fmin(axis->low, first * step);
        axis->high = fmax(axis->high, last * step);
    }
    double largest = fmax(fabs(first * step), fabs(last * step));
    axis->tick_count = 0;
    for (double k = first; k <= last && axis->tick_count < TICKS_MAX; k++) {
        double value = k == 0 ? 0 : k * step;  // never -0
        axis->ticks[axis->tick_count] = value;
        label_tick(axis->labels[axis->tick_count++], value, step, largest);
    }
}

static double widest_label(const struct axis *axis) {
    double widest = 0;
    for (uint32_t i = 0; i < axis->tick_count; i++)
        widest = fmax(widest, vv_font_width(axis->labels[i], text_scale));
    return widest;
}

// Fills *x and *y for the space between the title, the legend of `legend_rows` and the axes' labels.
static void lay_out(const struct vv_chart *chart, const struct canvas *canvas, int legend_rows,
                    struct axis *x, struct axis *y) {
    double top = outer + legend_rows * row + (legend_rows ? 12 : 0);
    double bottom = canvas->height - outer - 24;
    if (chart->title && *chart->title) top += 30;
    if (chart->x_label && *chart->x_label) bottom -= 22;
    set_range(x, chart, false);
    set_range(y, chart, true);
    y->start = floor(bottom);
    y->length = floor(top) - y->start;
    set_ticks(y, -y->length / 56, false, true);
    double left = outer + ceil(widest_label(y)) + 12;
    if (chart->y_label && *chart->y_label) left += 26;
    x->start = floor(left);
    x->length = canvas->width - outer - 6 - x->start;
    // Points stay clear of the frame, and the outermost labels of the picture's edge.
    double room = 0.02 * (x->high - x->low);
    x->low -= room;
    x->high += room;
    for (double wanted = x->length / 70; wanted > 1; wanted /= 2) {
        set_ticks(x, wanted, chart->x_whole, false);
        if (x->tick_count * (widest_label(x) + 16) < x->length) return;
    }
    if (x->tick_count > 1) x->tick_count = 1;
}

static void draw_axes(struct canvas *canvas, const struct axis *x, const struct axis *y) {
    const double right = x->start + x->length, top = y->start + y->length;
    for (uint32_t i = 0; i < y->tick_count; i++) {
        double at = floor(place(y, y->ticks[i])) + 0.5;
        stroke(canvas, x->start + 0.5, at, right - 0.5, at, 1);
    }
    for (uint32_t i = 0; i < x->tick_count; i++) {
        double at = floor(place(x, x->ticks[i])) + 0.5;
        stroke(canvas, at, top + 0.5, at, y->start - 0.5, 1);
    }
    flush(canvas, grid_grey);
    stroke(canvas, x->start + 0.5, top + 0.5, x->start + 0.5, y->start + 0.5, 1);
    stroke(canvas, x->start + 0.5, y->start + 0.5, right - 0.5, y->start + 0.5, 1);
    for (uint32_t i = 0; i < y->tick_count; i++) {
        double at = floor(place(y, y->ticks[i])) + 0.5;
        stroke(canvas, x->start - 4.5, at, x->start + 0.5, at, 1);
    }
    for (uint32_t i = 0; i < x->tick_count; i++) {
        double at = floor(place(x, x->ticks[i])) + 0.5;
        stroke(canvas, at, y->start + 0.5, at, y->start + 5.5, 1);
    }
    flush(canvas, axis_grey);
    for (uint32_t i = 0; i < y->tick_count; i++)
        draw_text(canvas, y->labels[i], x->start - 10, place(y, y->ticks[i]) + vv_font_cap / 2, 1, false,
                  text_scale, text_grey);
    for (uint32_t i = 0; i < x->tick_count; i++)
        draw_text(canvas, x->labels[i], place(x, x->ticks[i]), y->start + 11 + vv_font_cap, 0.5, false,
                  text_scale, text_grey);
}

static void draw_titles(struct canvas *canvas, const struct vv_chart *chart, const struct axis *x,
                        const struct axis *y) {
    char text[LABEL_MAX + 4];
    fit_text(text, chart->title, title_scale, canvas->width - 2 * outer);
    draw_text(canvas, text, outer, outer + vv_font_cap * title_scale, 0, false, title_scale, title_grey);
    fit_text(text, chart->x_label, text_scale, x->length);
    draw_text(canvas, text, x->start + x->length / 2, canvas->height - outer - vv_font_descent, 0.5,
              false, text_scale, text_grey);
    fit_text(text, chart->y_label, text_scale, -y->length);
    draw_text(canvas, text, outer + vv_font_cap, y->start + y->length / 2, 0.5, true, text_scale,
              text_grey);
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

static struct colour colour_of(const struct vv_chart *chart, uint32_t s) {
    const struct colour own = palette[count_colours(chart, s + 1) - 1];
    if (!is_light(chart, s)) return own;
    return (struct colour){lighter(own.r), lighter(own.g), lighter(own.b)};
}

// The legend stands between title and plot, where no line can run into it. Returns its rows; draws them
// when `draw` is set.
static int legend(struct canvas *canvas, const struct vv_chart *chart, bool draw) {
    const double right = canvas->width - outer;
    double x = outer, y = outer + row / 2 + (chart->title && *chart->title ? 30 : 0);
    int rows = 0;
    for (uint32_t s = 0; s < chart->series_count; s++) {
        if (!chart->series[s].label || !*chart->series[s].label) continue;
        char text[LABEL_MAX + 4];
        fit_text(text, chart->series[s].label, text_scale, right - outer - swatch - swatch_gap);
        double width = swatch + swatch_gap + vv_font_width(text, text_scale);
        if (rows == 0) rows = 1;
        if (x > outer && x + width > right) {
            x = outer;
            y += row;
            rows++;
        }
        if (draw) {
            stroke(canvas, x + 2, floor(y), x + swatch - 2, floor(y), 3);
            flush(canvas, colour_of(chart, s));
            draw_text(canvas, text, x + swatch + swatch_gap, floor(y) + vv_font_cap / 2, 0, false,
                      text_scale, text_grey);
        }
        x += width + entry_gap;
    }
    return rows;
}

static void draw_line(struct canvas *canvas, const struct vv_chart *chart,
                      const struct vv_series *series, const struct axis *x, const struct axis *y,
                      struct colour colour) {
    bool any = false;
    double last_x = 0, last_y = 0;
    for (uint32_t i = 0; i < series->count; i++) {
        if (!shown(chart, series, i)) continue;
        double at_x = place(x, on_axis(x, series->x[i])), at_y = place(y, on_axis(y, series->y[i]));
        if (any) stroke(canvas, last_x, last_y, at_x, at_y, 2);
        last_x = at_x;
        last_y = at_y;
        any = true;
    }
    flush(canvas, colour);
}

// Dots with a white rim, which parts them from lines of the same colour and from each other.
static bool draw_markers(struct canvas *canvas, const struct vv_chart *chart,
                         const struct vv_series *series, const struct axis *x, const struct axis *y,
                         struct colour colour) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < series->count; i++) count += shown(chart, series, i);
    for (uint32_t i = 0; count <= MARKERS_UP_TO && i < series->count; i++) {
        if (!shown(chart, series, i)) continue;
        double at_x = place(x, on_axis(x, series->x[i])), at_y = place(y, on_axis(y, series->y[i]));
        stroke(canvas, at_x, at_y, at_x, at_y, 9);
        flush(canvas, white);
        stroke(canvas, at_x, at_y, at_x, at_y, 6.5);
        flush(canvas, colour);
    }
    return count > 0;
}

static void draw_chart(struct canvas *canvas, const struct vv_chart *chart) {
    struct axis x = {0}, y = {0};
    bool any = false;
    memset(canvas->pixels, 255, 3 * (size_t)canvas->width * (size_t)canvas->height);
    canvas_untouched(canvas);
    lay_out(chart, canvas, legend(canvas, chart, false), &x, &y);
    draw_axes(canvas, &x, &y);
    draw_titles(canvas, chart, &x, &y);
    (void)legend(canvas, chart, true);
    // The first series is the topmost, and light ones lie below all others.
    for (int light = 1; light >= 0; light--)
        for (uint32_t s = chart->series_count; s-- > 0;)
            if (is_light(chart, s) == (bool)light)
                draw_line(canvas, chart, &chart->series[s], &x, &y, colour_of(chart, s));
    for (uint32_t s = chart->series_count; s-- > 0;)
        if (!is_light(chart, s))
            any |= draw_markers(canvas, chart, &chart->series[s], &x, &y, colour_of(chart, s));
    if (!any)
        draw_text(canvas, "no finite values to show", x.start + x.length / 2, y.start + y.length / 2,
                  0.5, false, text_scale, text_grey);
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
    struct canvas canvas = {.width = (int)width, .height = (int)height};
    bool ok = false;
    canvas.pixels = vv_alloc(ctx, (uint64_t)width * height, 3);
    canvas.mask = vv_alloc(ctx, (uint64_t)width * height, sizeof *canvas.mask);
    if (canvas.pixels && canvas.mask) {
        draw_chart(&canvas, chart);
        ok = vv_png_write(ctx, path, canvas.pixels, height, width, 3);
    }
    free(canvas.pixels);
    free(canvas.mask);
    return ok;
}
