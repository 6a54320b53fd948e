#include "rows.h"

#include "numbers.h"
#include "size.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_MAX = 65536, CHANNELS_MAX = 4, PIECE = 8192 };

static const char *const layouts[] = {"auto", "nd", "nhw", "nhwc", "nchw"};

// ---- What a shape means ----

// "60000x28x28"
static void print_shape(const struct vv_npy *npy, char text[48]) {
    int used = 0;
    for (uint32_t i = 0; i < npy->rank; i++)
        used += snprintf(text + used, 48 - (size_t)used, "%s%" PRIu32, i ? "x" : "", npy->dims[i]);
}

static bool is_channels(uint32_t size) {
    return size >= 1 && size <= CHANNELS_MAX;
}

static enum vv_layout guess(const struct vv_npy *npy) {
    if (npy->rank == 2) return VV_LAYOUT_ND;
    if (npy->rank == 3) return VV_LAYOUT_NHW;
    if (npy->rank == 4 && is_channels(npy->dims[3])) return VV_LAYOUT_NHWC;
    if (npy->rank == 4 && is_channels(npy->dims[1])) return VV_LAYOUT_NCHW;
    return VV_LAYOUT_AUTO;
}

// False: the array is of another rank, or too large in some direction.
static bool apply_layout(struct vv_rows *rows, enum vv_layout layout) {
    const uint32_t *d = rows->npy.dims, rank = rows->npy.rank;
    static const uint32_t ranks[] = {0, 2, 3, 4, 4};
    if (layout == VV_LAYOUT_AUTO || rank != ranks[layout]) return false;
    rows->count = d[0];
    rows->columns = layout == VV_LAYOUT_ND;
    rows->planar = layout == VV_LAYOUT_NCHW;
    rows->height = rows->columns ? 1 : rows->planar ? d[2] : d[1];
    rows->width = rows->columns ? d[1] : rows->planar ? d[3] : d[2];
    rows->channels = rank < 4 ? 1 : rows->planar ? d[1] : d[3];
    return rows->count <= INT32_MAX && rows->height <= SIDE_MAX && rows->width <= SIDE_MAX &&
           is_channels(rows->channels);
}

bool vv_rows_open_array(struct vv_rows *rows, enum vv_layout layout) {
    struct vv_context *ctx = rows->source.ctx;
    char shape[48], size[40];
    if (!vv_npy_open(&rows->source, false, &rows->npy)) return false;
    print_shape(&rows->npy, shape);
    const enum vv_layout taken = layout == VV_LAYOUT_AUTO ? guess(&rows->npy) : layout;
    if (!apply_layout(rows, taken))
        return vv_fail(ctx, VV_BAD_DATA,
                       "%s: an array of %s makes no pictures by --layout %s; expected NxD, NxHxW, "
                       "NxHxWxC or NxCxHxW, sides of 1 to 65536, 1 to 4 channels",
                       rows->name, shape, layouts[layout]);
    rows->is_bytes = rows->npy.kind == 'b' || (rows->npy.kind == 'u' && rows->npy.size == 1);
    const struct vv_images picture = {
        .height = rows->height, .width = rows->width, .channels = rows->channels};
    vv_images_size(&picture, size);
    if (layout == VV_LAYOUT_AUTO)
        vv_say(ctx, VV_LOG_INFO, "%s: %s is taken as %s, %" PRIu32 " pictures of %s (see --layout)",
               rows->name, shape, layouts[taken], rows->count, size);
    return true;
}

// ---- Reading an array ----

struct placing {
    const struct vv_rows *rows;
    const struct vv_division *division;
    uint64_t stride;
    uint32_t row;     // of the next number
    uint64_t within;  // its place there
    uint32_t *inner;  // where each number of a row goes; NULL: where it is
};

// A row in the file has its numbers in another order than a picture: channels first, or, in Fortran's
// order, the last index slowest.
static uint32_t *make_inner(struct vv_context *ctx, const struct vv_rows *rows) {
    const uint32_t h = rows->height, w = rows->width, c = rows->channels;
    const uint64_t stride = (uint64_t)h * w * c;
    uint32_t *inner = vv_alloc(ctx, stride, sizeof *inner);
    for (uint64_t i = 0; inner && i < stride; i++) {
        uint64_t y, x, k;
        if (rows->planar && !rows->npy.fortran)
            k = i / ((uint64_t)h * w), y = i / w % h, x = i % w;
        else if (rows->planar)
            k = i % c, y = i / c % h, x = i / ((uint64_t)c * h);
        else
            y = i % h, x = i / h % w, k = i / ((uint64_t)h * w);
        inner[i] = (uint32_t)((y * w + x) * c + k);
    }
    return inner;
}

bool vv_rows_allow(const struct vv_rows *rows, double number) {
    if (rows->range) return number >= rows->range[0] && number <= rows->range[1];
    return isfinite((float)number);
}

static bool fail_value(const struct vv_rows *rows, uint32_t row, uint64_t within, double number) {
    char expected[80] = "a finite float";
    if (rows->range)
        (void)snprintf(expected, sizeof expected, "one of --range %g,%g", rows->range[0],
                       rows->range[1]);
    return vv_fail(rows->source.ctx, VV_BAD_DATA,
                   "%s: value %" PRIu64 " of row %" PRIu32
                   ", both counted from 0, is %.9g, not %s; correct it, or leave the row out",
                   rows->name, within, row, number, expected);
}

// From number to number, as the file has them.
static void advance(struct placing *p) {
    if (p->rows->npy.fortran) {
        if (++p->row < p->rows->count) return;
        p->row = 0;
        p->within++;
    } else if (++p->within == p->stride) {
        p->within = 0;
        p->row++;
    }
}

static bool put(struct placing *p, const unsigned char *bytes, const double *numbers, uint32_t count) {
    const struct vv_rows *rows = p->rows;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t nth;
        const uint32_t row = p->row;
        const uint64_t within = p->within;
        const struct vv_images *part = vv_division_find(p->division, row, &nth);
        advance(p);
        if (!part) continue;
        const uint64_t to = nth * p->stride + (p->inner ? p->inner[within] : within);
        if (rows->is_bytes) {
            part->pixels[to] = rows->npy.kind == 'b' ? (bytes[i] ? 255 : 0) : bytes[i];
            continue;
        }
        part->values[to] = (float)numbers[i];
        if (!vv_rows_allow(rows, numbers[i])) return fail_value(rows, row, within, numbers[i]);
    }
    return true;
}

// In C's order nothing is wanted behind the last row that is.
static uint64_t wanted_numbers(const struct placing *p) {
    const struct vv_division *d = p->division;
    if (p->rows->npy.fortran || d->place) return p->rows->npy.count;
    return d->train->count * p->stride;
}

static bool read_numbers(struct vv_rows *rows, struct placing *p, unsigned char *bytes,
                         double *numbers) {
    const uint64_t wanted = wanted_numbers(p);
    for (uint64_t done = 0; done < wanted;) {
        const uint32_t n = wanted - done < PIECE ? (uint32_t)(wanted - done) : PIECE;
        if (!vv_source_read(&rows->source, bytes, (uint64_t)n * rows->npy.size)) return false;
        if (!rows->is_bytes) vv_numbers_read(&rows->npy, bytes, n, numbers);
        if (!put(p, bytes, numbers, n)) return false;
        done += n;
    }
    return wanted < rows->npy.count || vv_source_end(&rows->source);
}

bool vv_rows_read(struct vv_rows *rows, const struct vv_division *division) {
    struct vv_context *ctx = rows->source.ctx;
    const uint64_t stride = (uint64_t)rows->height * rows->width * rows->channels;
    struct placing p = {.rows = rows, .division = division, .stride = stride};
    const bool moved = stride > 1 && (rows->planar || rows->npy.fortran);
    if (moved) p.inner = make_inner(ctx, rows);
    unsigned char *bytes = vv_alloc(ctx, PIECE, rows->npy.size);
    double *numbers = vv_alloc(ctx, PIECE, sizeof *numbers);
    const bool ok = bytes && numbers && (!moved || p.inner) && read_numbers(rows, &p, bytes, numbers);
    free(p.inner);
    free(bytes);
    free(numbers);
    return ok;
}

bool vv_rows_make_part(struct vv_context *ctx, const struct vv_rows *rows, struct vv_images *part) {
    part->height = rows->height;
    part->width = rows->width;
    part->channels = rows->channels;
    const uint64_t stride = vv_images_stride(part);
    if (rows->is_bytes)
        part->pixels = vv_alloc(ctx, part->count, stride);
    else
        part->values = vv_alloc(ctx, part->count, stride * sizeof *part->values);
    return part->pixels || part->values;
}

void vv_rows_finish(struct vv_rows *rows) {
    free(rows->labels);
    vv_source_close(&rows->source);
    *rows = (struct vv_rows){0};
}
