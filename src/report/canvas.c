#include "canvas.h"

#include "font.h"
#include "png.h"
#include "size.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double text_width = 1.3, title_width = 1.9;

static void untouched(struct vv_canvas *canvas) {
    canvas->left = canvas->width;
    canvas->top = canvas->height;
    canvas->right = canvas->bottom = 0;
}

bool vv_canvas_init(struct vv_canvas *canvas, struct vv_context *ctx, uint32_t width, uint32_t height) {
    const uint64_t count = (uint64_t)width * height;
    *canvas = (struct vv_canvas){.width = (int)width, .height = (int)height};
    canvas->pixels = vv_alloc(ctx, count, 3);
    canvas->mask = vv_alloc(ctx, count, sizeof *canvas->mask);
    if (canvas->pixels) memset(canvas->pixels, 255, 3 * (size_t)count);
    untouched(canvas);
    return canvas->pixels && canvas->mask;
}

bool vv_canvas_write(const struct vv_canvas *canvas, struct vv_context *ctx, const char *path) {
    return vv_png_write(ctx, path, canvas->pixels, (uint32_t)canvas->height, (uint32_t)canvas->width, 3);
}

void vv_canvas_finish(struct vv_canvas *canvas) {
    free(canvas->pixels);
    free(canvas->mask);
    *canvas = (struct vv_canvas){.pixels = NULL};
}

static int clamp_int(double value, int low, int high) {
    return value < low ? low : value > high ? high : (int)value;
}

void vv_canvas_stroke(struct vv_canvas *canvas, double x0, double y0, double x1, double y1,
                      double width) {
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

void vv_canvas_flush(struct vv_canvas *canvas, struct vv_colour colour) {
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
    untouched(canvas);
}

static void text_segment(void *user, double x0, double y0, double x1, double y1) {
    struct vv_canvas *c = user;
    if (c->upwards)
        vv_canvas_stroke(c, c->x + y0, c->y - x0, c->x + y1, c->y - x1, c->line_width);
    else
        vv_canvas_stroke(c, c->x + x0, c->y + y0, c->x + x1, c->y + y1, c->line_width);
}

void vv_canvas_text(struct vv_canvas *canvas, const char *text, double x, double y, double anchor,
                    bool upwards, double scale, struct vv_colour colour) {
    double shift = anchor * vv_font_width(text, scale);
    canvas->upwards = upwards;
    canvas->x = floor(upwards ? x : x - shift) + 0.5;
    canvas->y = floor(upwards ? y + shift : y) + 0.5;
    canvas->line_width = scale > vv_text_scale ? title_width : text_width;
    vv_font_draw(text, scale, text_segment, canvas);
    vv_canvas_flush(canvas, colour);
}

void vv_canvas_fit(char out[VV_LABEL_MAX + 4], const char *text, double scale, double room) {
    size_t length = text ? strlen(text) : 0;
    bool cut = length > VV_LABEL_MAX;
    if (cut) length = VV_LABEL_MAX;
    for (;; length--, cut = true) {
        (void)snprintf(out, VV_LABEL_MAX + 4, "%.*s%s", (int)length, text ? text : "", cut ? "..." : "");
        if (length == 0 || vv_font_width(out, scale) <= room) return;
    }
}
