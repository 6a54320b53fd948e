#include "frame.h"

#include "font.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double outer = 22;  // white around everything
static const double row = 22;    // of the legend
static const double swatch_width = 26, swatch_gap = 8, entry_gap = 26;

static const struct vv_colour grid_grey = {228, 230, 233}, axis_grey = {90, 94, 102},
                              title_grey = {24, 26, 30};

static int clamp_int(double value, int low, int high) {
    return value < low ? low : value > high ? high : (int)value;
}

double vv_axis_place(const struct vv_axis *axis, double value) {
    return axis->start + (value - axis->low) / (axis->high - axis->low) * axis->length;
}

double vv_axis_value(const struct vv_axis *axis, double value) {
    return axis->log ? log10(value) : value;
}

void vv_axis_span(struct vv_axis *axis, double low, double high, bool whole) {
    axis->low = isnan(low) ? 0 : low;
    axis->high = isnan(low) ? 1 : high;
    double size = fmax(fabs(axis->low), fabs(axis->high));
    if (axis->high - axis->low > 1e-9 * size && axis->high - axis->low > 1e-290) return;
    double room = whole ? 1 : size > 1e-280 ? 0.05 * size : 1;
    if (axis->log) room = 0.5;
    axis->low -= room;
    axis->high += room;
}

// The smallest of 1, 2, 5 times a power of ten that is at least `least`.
static double round_step(double least) {
    double power = pow(10, floor(log10(least)));
    const double steps[] = {1, 2, 5};
    for (int i = 0; i < 3; i++)
        if (steps[i] * power >= least * (1 - 1e-9)) return steps[i] * power;
    return 10 * power;
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
static void set_log_ticks(struct vv_axis *axis, double wanted, bool widen) {
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
    for (double i = first; i <= last && axis->tick_count < VV_TICKS_MAX; i++) {
        axis->ticks[axis->tick_count] = log_tick(i, part, skip);
        (void)snprintf(axis->labels[axis->tick_count], sizeof *axis->labels, "%.6g",
                       pow(10, axis->ticks[axis->tick_count]));
        axis->tick_count++;
    }
}

// Ticks on multiples of a round step; `wanted` of them, about. With `widen` the axis ends on ticks.
static void set_ticks(struct vv_axis *axis, double wanted, bool whole, bool widen) {
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
    for (double k = first; k <= last && axis->tick_count < VV_TICKS_MAX; k++) {
        double value = k == 0 ? 0 : k * step;  // never -0
        axis->ticks[axis->tick_count] = value;
        label_tick(axis->labels[axis->tick_count++], value, step, largest);
    }
}

static double widest_label(const struct vv_axis *axis) {
    double widest = 0;
    for (uint32_t i = 0; i < axis->tick_count; i++)
        widest = fmax(widest, vv_font_width(axis->labels[i], vv_text_scale));
    return widest;
}

static void lay_out(struct vv_frame *frame, const struct vv_canvas *canvas, int legend_rows) {
    struct vv_axis *x = &frame->x, *y = &frame->y;
    double top = outer + legend_rows * row + (legend_rows ? 12 : 0);
    double bottom = canvas->height - outer - 24;
    if (frame->title && *frame->title) top += 30;
    if (frame->x_label && *frame->x_label) bottom -= 22;
    y->start = floor(bottom);
    y->length = floor(top) - y->start;
    set_ticks(y, -y->length / 56, false, true);
    double left = outer + ceil(widest_label(y)) + 12;
    if (frame->y_label && *frame->y_label) left += 26;
    x->start = floor(left);
    x->length = canvas->width - outer - 6 - x->start;
    // Points stay clear of the frame, and the outermost labels of the picture's edge.
    double room = 0.02 * (x->high - x->low);
    x->low -= room;
    x->high += room;
    for (double wanted = x->length / 70; wanted > 1; wanted /= 2) {
        set_ticks(x, wanted, frame->x_whole, false);
        if (x->tick_count * (widest_label(x) + 16) < x->length) return;
    }
    if (x->tick_count > 1) x->tick_count = 1;
}

static void draw_axes(struct vv_canvas *canvas, const struct vv_axis *x, const struct vv_axis *y) {
    const double right = x->start + x->length, top = y->start + y->length;
    for (uint32_t i = 0; i < y->tick_count; i++) {
        double at = floor(vv_axis_place(y, y->ticks[i])) + 0.5;
        vv_canvas_stroke(canvas, x->start + 0.5, at, right - 0.5, at, 1);
    }
    for (uint32_t i = 0; i < x->tick_count; i++) {
        double at = floor(vv_axis_place(x, x->ticks[i])) + 0.5;
        vv_canvas_stroke(canvas, at, top + 0.5, at, y->start - 0.5, 1);
    }
    vv_canvas_flush(canvas, grid_grey);
    vv_canvas_stroke(canvas, x->start + 0.5, top + 0.5, x->start + 0.5, y->start + 0.5, 1);
    vv_canvas_stroke(canvas, x->start + 0.5, y->start + 0.5, right - 0.5, y->start + 0.5, 1);
    for (uint32_t i = 0; i < y->tick_count; i++) {
        double at = floor(vv_axis_place(y, y->ticks[i])) + 0.5;
        vv_canvas_stroke(canvas, x->start - 4.5, at, x->start + 0.5, at, 1);
    }
    for (uint32_t i = 0; i < x->tick_count; i++) {
        double at = floor(vv_axis_place(x, x->ticks[i])) + 0.5;
        vv_canvas_stroke(canvas, at, y->start + 0.5, at, y->start + 5.5, 1);
    }
    vv_canvas_flush(canvas, axis_grey);
    for (uint32_t i = 0; i < y->tick_count; i++)
        vv_canvas_text(canvas, y->labels[i], x->start - 10,
                       vv_axis_place(y, y->ticks[i]) + vv_font_cap / 2, 1, false, vv_text_scale,
                       vv_text_grey);
    for (uint32_t i = 0; i < x->tick_count; i++)
        vv_canvas_text(canvas, x->labels[i], vv_axis_place(x, x->ticks[i]), y->start + 11 + vv_font_cap,
                       0.5, false, vv_text_scale, vv_text_grey);
}

static void draw_titles(struct vv_canvas *canvas, const struct vv_frame *frame) {
    const struct vv_axis *x = &frame->x, *y = &frame->y;
    char text[VV_LABEL_MAX + 4];
    vv_canvas_fit(text, frame->title, vv_title_scale, canvas->width - 2 * outer);
    vv_canvas_text(canvas, text, outer, outer + vv_font_cap * vv_title_scale, 0, false, vv_title_scale,
                   title_grey);
    vv_canvas_fit(text, frame->x_label, vv_text_scale, x->length);
    vv_canvas_text(canvas, text, x->start + x->length / 2, canvas->height - outer - vv_font_descent, 0.5,
                   false, vv_text_scale, vv_text_grey);
    vv_canvas_fit(text, frame->y_label, vv_text_scale, -y->length);
    vv_canvas_text(canvas, text, outer + vv_font_cap, y->start + y->length / 2, 0.5, true, vv_text_scale,
                   vv_text_grey);
}

// The legend stands between title and plot, where nothing can run into it. Returns its rows; draws them
// where there is a swatch.
static int legend(struct vv_canvas *canvas, const struct vv_frame *frame, const struct vv_entry *entries,
                  uint32_t count, vv_swatch_fn swatch) {
    const double right = canvas->width - outer;
    double x = outer, y = outer + row / 2 + (frame->title && *frame->title ? 30 : 0);
    int rows = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!entries[i].label || !*entries[i].label) continue;
        char text[VV_LABEL_MAX + 4];
        vv_canvas_fit(text, entries[i].label, vv_text_scale, right - outer - swatch_width - swatch_gap);
        double width = swatch_width + swatch_gap + vv_font_width(text, vv_text_scale);
        if (rows == 0) rows = 1;
        if (x > outer && x + width > right) {
            x = outer;
            y += row;
            rows++;
        }
        if (swatch) {
            swatch(canvas, entries, i, x, floor(y), swatch_width);
            vv_canvas_text(canvas, text, x + swatch_width + swatch_gap, floor(y) + vv_font_cap / 2, 0,
                           false, vv_text_scale, vv_text_grey);
        }
        x += width + entry_gap;
    }
    return rows;
}

void vv_frame_draw(struct vv_frame *frame, struct vv_canvas *canvas, const struct vv_entry *entries,
                   uint32_t count, vv_swatch_fn swatch) {
    lay_out(frame, canvas, legend(canvas, frame, entries, count, NULL));
    draw_axes(canvas, &frame->x, &frame->y);
    draw_titles(canvas, frame);
    (void)legend(canvas, frame, entries, count, swatch);
}

void vv_frame_say(const struct vv_frame *frame, struct vv_canvas *canvas, const char *text) {
    const struct vv_axis *x = &frame->x, *y = &frame->y;
    vv_canvas_text(canvas, text, x->start + x->length / 2, y->start + y->length / 2, 0.5, false,
                   vv_text_scale, vv_text_grey);
}
