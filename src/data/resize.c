// One map serves cover, contain and stretch: pixel i of the new side lies on start + i step to
// start + (i + 1) step of the old one, in units that make both whole numbers. What lies outside of the
// old side is background. Weights are whole numbers, too, and sums of their products with bytes are
// exact in a double as long as sides stay below some 2^22, so that there is one rounding, at the end.
#include "resize.h"

#include "size.h"

#include <stdlib.h>
#include <string.h>

// A side of the picture: of each new pixel, which old ones it is made of.
struct side {
    uint32_t old, new, origin;  // origin: of what is taken, in the picture
    int64_t unit, step, start;  // of an old pixel; of a new one; of the first
    double total;               // sum of the weights of a new pixel, background included
    struct tap {
        uint32_t first, count;  // old pixels
        uint64_t weight;        // of the first of them, in `weights`
        double outside;         // weight of the background
    } * taps;
    double *weights;
};

// ---- Which pixels, with what weight ----

// `other`: the side that decides, with its old and new length, how much a new pixel covers.
static void lay_out(struct side *s, uint32_t old, uint32_t new, const uint32_t other[2]) {
    s->old = old;
    s->new = new;
    s->unit = 2 * (int64_t)other[1];
    s->step = 2 * (int64_t)other[0];
    s->start = (int64_t)old * other[1] - (int64_t) new *other[0];
    if (s->step == s->unit)  // pixels as they are, not half of one and half of the next
        s->start -= (s->start % s->unit + s->unit) % s->unit;
}

static int64_t overlap(int64_t a, int64_t b, int64_t c, int64_t d) {
    const int64_t from = a > c ? a : c, to = b < d ? b : d;
    return to > from ? to - from : 0;
}

// Returns how many weights there are.
static uint32_t cover(const struct side *s, uint32_t i, struct tap *tap, double *weights) {
    const int64_t from = s->start + i * s->step, to = from + s->step, end = s->old * s->unit;
    const int64_t inside = overlap(from, to, 0, end);
    *tap = (struct tap){.outside = (double)(s->step - inside)};
    if (inside == 0) return 0;
    const int64_t first = (from > 0 ? from : 0) / s->unit;
    const int64_t last = ((to < end ? to : end) - 1) / s->unit;
    tap->first = (uint32_t)first;
    tap->count = (uint32_t)(last - first + 1);
    for (int64_t k = first; weights && k <= last; k++)
        weights[k - first] = (double)overlap(from, to, k * s->unit, (k + 1) * s->unit);
    return tap->count;
}

static uint32_t interpolate(const struct side *s, uint32_t i, struct tap *tap, double *weights) {
    const int64_t centre = 2 * (s->start + i * s->step) + s->step;  // in half units
    const int64_t end = 2 * s->old * s->unit;
    *tap = (struct tap){.outside = (double)(2 * s->unit)};
    if (centre < 0 || centre >= end) return 0;
    const int64_t at = centre - s->unit;  // from the middle of the first old pixel
    const int64_t first = at < 0 ? 0 : at / (2 * s->unit);
    const int64_t rest = at < 0 ? 0 : at % (2 * s->unit);
    tap->first = (uint32_t)first;
    tap->count = rest > 0 && first + 1 < s->old ? 2 : 1;
    tap->outside = 0;
    if (weights) weights[0] = (double)(tap->count == 2 ? 2 * s->unit - rest : 2 * s->unit);
    if (weights && tap->count == 2) weights[1] = (double)rest;
    return tap->count;
}

static bool fill_side(struct vv_context *ctx, struct side *s) {
    const bool shrinks = s->step >= s->unit;
    uint32_t (*const make)(const struct side *, uint32_t, struct tap *, double *) =
        shrinks ? cover : interpolate;
    uint64_t count = 0;
    s->total = (double)(shrinks ? s->step : 2 * s->unit);
    s->taps = vv_alloc(ctx, s->new, sizeof *s->taps);
    if (!s->taps) return false;
    for (uint32_t i = 0; i < s->new; i++) count += make(s, i, &s->taps[i], NULL);
    s->weights = vv_alloc(ctx, count, sizeof *s->weights);
    if (!s->weights) return false;
    count = 0;
    for (uint32_t i = 0; i < s->new; i++) {
        const uint64_t at = count;
        count += make(s, i, &s->taps[i], s->weights + at);
        s->taps[i].weight = at;
    }
    return true;
}

// ---- Sizes ----

// What is taken: all, or the largest square in the middle.
static void taken(const struct vv_resize *how, const struct vv_picture *from, uint32_t size[2],
                  uint32_t origin[2]) {
    const uint32_t least = from->height < from->width ? from->height : from->width;
    size[0] = how->crop ? least : from->height;
    size[1] = how->crop ? least : from->width;
    origin[0] = (from->height - size[0]) / 2;
    origin[1] = (from->width - size[1]) / 2;
}

void vv_resize_size(const struct vv_resize *how, const struct vv_picture *from, uint32_t *height,
                    uint32_t *width) {
    uint32_t size[2], origin[2];
    taken(how, from, size, origin);
    *height = how->height ? how->height : size[0];
    *width = how->width ? how->width : size[1];
}

static void lay_out_both(const struct vv_resize *how, const struct vv_picture *from,
                         struct side side[2]) {
    uint32_t old[2], new[2], origin[2];
    taken(how, from, old, origin);
    vv_resize_size(how, from, &new[0], &new[1]);
    // Whether the height's scale new / old is the greater one.
    const bool height = (uint64_t) new[0] * old[1] > (uint64_t) new[1] * old[0];
    for (int i = 0; i < 2; i++) {
        const int by = how->fit == VV_FIT_STRETCH ? i : (how->fit == VV_FIT_COVER) == height ? 0 : 1;
        const uint32_t other[2] = {old[by], new[by]};
        lay_out(&side[i], old[i], new[i], other);
        side[i].origin = origin[i];
    }
}

// ---- Pixels ----

// sums[x] = what row `y` of the new picture sees of each old column.
static void sum_rows(const struct side side[2], const struct vv_picture *from, uint32_t y,
                     const double *background, double *sums) {
    const struct tap *tap = &side[0].taps[y];
    const size_t channels = from->channels, values = side[1].old * channels;
    if (tap->outside > 0)
        for (size_t x = 0; x < values; x++)
            sums[x] = tap->outside * background[channels == 1 ? 0 : x % 3];
    else
        memset(sums, 0, values * sizeof *sums);
    for (uint32_t k = 0; k < tap->count; k++) {
        const double weight = side[0].weights[tap->weight + k];
        const size_t row = side[0].origin + tap->first + k;
        const unsigned char *pixels = from->pixels + (row * from->width + side[1].origin) * channels;
        for (size_t x = 0; x < values; x++) sums[x] += weight * pixels[x];
    }
}

static void sum_columns(const struct side side[2], uint32_t channels, const double *background,
                        const double *sums, unsigned char *row) {
    const double whole = side[0].total * side[1].total;
    for (uint32_t x = 0; x < side[1].new; x++) {
        const struct tap *tap = &side[1].taps[x];
        const double *weights = side[1].weights + tap->weight;
        for (uint32_t c = 0; c < channels; c++) {
            double sum = tap->outside * side[0].total * background[c];
            for (uint32_t k = 0; k < tap->count; k++)
                sum += weights[k] * sums[((size_t)tap->first + k) * channels + c];
            row[(size_t)x * channels + c] = (unsigned char)(sum / whole + 0.5);
        }
    }
}

static void copy_rows(const struct side side[2], const struct vv_picture *from, unsigned char *pixels) {
    const size_t channels = from->channels, bytes = side[1].new *channels;
    for (size_t y = 0; y < side[0].new; y++)
        memcpy(pixels + y * bytes,
               from->pixels + ((side[0].origin + y) * from->width + side[1].origin) * channels, bytes);
}

bool vv_resize(struct vv_context *ctx, const struct vv_resize *how, const struct vv_picture *from,
               unsigned char *pixels) {
    struct side side[2];
    const unsigned char *b = how->background;
    const double background[3] = {b[0], b[1], b[2]};
    memset(side, 0, sizeof side);
    lay_out_both(how, from, side);
    if (side[0].old == side[0].new &&side[1].old == side[1].new) {
        copy_rows(side, from, pixels);
        return true;
    }
    double *sums = vv_alloc(ctx, side[1].old, from->channels * sizeof *sums);
    const bool ok = sums && fill_side(ctx, &side[0]) && fill_side(ctx, &side[1]);
    for (uint32_t y = 0; ok && y < side[0].new; y++) {
        sum_rows(side, from, y, background, sums);
        sum_columns(side, from->channels == 1 ? 1 : 3, background, sums,
                    pixels + (size_t)y * side[1].new * from->channels);
    }
    for (int i = 0; i < 2; i++) {
        free(side[i].taps);
        free(side[i].weights);
    }
    free(sums);
    return ok;
}
