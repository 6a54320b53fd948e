#include "rows.h"

#include "labels.h"
#include "numbers.h"
#include "size.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_MAX = 65536, CHANNELS_MAX = 4, NUMBERS_MAX = 1 << 28, PIECE = 8192 };

static const char *const layouts[] = {"auto", "nd", "nhw", "nhwc", "nchw"};

// ---- What a shape means ----

static bool is_channels(uint32_t size) {
    return size >= 1 && size <= CHANNELS_MAX;
}

static enum vv_array_layout guess(const struct vv_npy *npy) {
    if (npy->rank == 2) return VV_LAYOUT_ND;
    if (npy->rank == 3) return VV_LAYOUT_NHW;
    if (npy->rank == 4 && is_channels(npy->dims[3])) return VV_LAYOUT_NHWC;
    if (npy->rank == 4 && is_channels(npy->dims[1])) return VV_LAYOUT_NCHW;
    return VV_LAYOUT_AUTO;
}

// False: the array is of another rank, or too large in some direction.
static bool apply_layout(struct vv_rows *rows, enum vv_array_layout layout) {
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
           is_channels(rows->channels) &&
           (uint64_t)rows->height * rows->width * rows->channels <= NUMBERS_MAX;
}

bool vv_rows_open_array(struct vv_rows *rows, enum vv_array_layout layout) {
    struct vv_context *ctx = rows->ctx;
    char shape[VV_NPY_SHAPE], size[40];
    if (!vv_npy_open(&rows->source, false, &rows->npy)) return false;
    vv_npy_print_shape(&rows->npy, shape);
    const enum vv_array_layout taken = layout == VV_LAYOUT_AUTO ? guess(&rows->npy) : layout;
    if (!apply_layout(rows, taken))
        return vv_fail(
            ctx, VV_BAD_DATA,
            "%s: an array of %s makes no pictures by --layout %s; expected NxD, NxHxW, "
            "NxHxWxC or NxCxHxW, sides of 1 to 65536, 1 to 4 channels, 2^28 numbers a picture",
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

bool vv_rows_check(const struct vv_rows *rows, uint32_t row, uint64_t within, double number) {
    const double *range = rows->range;
    char expected[80] = "a finite float";
    if (range ? number >= range[0] && number <= range[1] : isfinite((float)number)) return true;
    if (range) (void)snprintf(expected, sizeof expected, "one of --range %g,%g", range[0], range[1]);
    return vv_fail(rows->ctx, VV_BAD_DATA,
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
        if (!vv_rows_check(rows, row, within, numbers[i])) return false;
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

static bool read_array(struct vv_rows *rows, const struct vv_division *division) {
    struct vv_context *ctx = rows->ctx;
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

// ---- A table ----

static bool fail_column(const struct vv_rows *rows, const char *column) {
    return vv_fail(rows->ctx, VV_USAGE,
                   "--labels %.100s: %s has no such column; name one of its first line, or give its "
                   "number, from 1 to %" PRIu32,
                   column, rows->name, rows->table.columns);
}

bool vv_rows_open_table(struct vv_rows *rows, const char *labels) {
    struct vv_table *t = &rows->table;
    if (!vv_table_open(rows->ctx, rows->name, t)) return false;
    rows->is_table = rows->columns = true;
    rows->label_column = UINT32_MAX;
    if (labels && !vv_table_find(t, labels, &rows->label_column)) return fail_column(rows, labels);
    rows->count = t->rows;
    rows->height = rows->channels = 1;
    rows->width = t->columns - (labels != NULL);
    if (labels) rows->labels = vv_alloc(rows->ctx, rows->count, sizeof *rows->labels);
    if (labels && !rows->labels) return false;
    return (rows->width >= 1 && rows->width <= SIDE_MAX) ||
           vv_fail(rows->ctx, VV_BAD_DATA,
                   "%s: has %" PRIu32 " columns of numbers, and 1 to %d are read; make another table",
                   rows->name, rows->width, SIDE_MAX);
}

struct filling {
    struct vv_rows *rows;
    const struct vv_division *division;
};

static bool put_line(void *user, uint32_t row, const double *numbers) {
    const struct filling *f = user;
    struct vv_rows *rows = f->rows;
    uint32_t nth;
    const struct vv_images *part = vv_division_find(f->division, row, &nth);
    float *to = part ? part->values + (uint64_t)nth * rows->width : NULL;
    for (uint32_t i = 0, column = 0; i < rows->table.columns; i++) {
        if (i == rows->label_column) {
            if (!vv_label_take(rows->ctx, rows->name, row, numbers[i], &rows->labels[row])) return false;
        } else if (to) {
            if (!vv_rows_check(rows, row, column, numbers[i])) return false;
            to[column++] = (float)numbers[i];
        }
    }
    return true;
}

bool vv_rows_read(struct vv_rows *rows, const struct vv_division *division) {
    struct filling filling = {rows, division};
    return rows->is_table ? vv_table_read(&rows->table, put_line, &filling) : read_array(rows, division);
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
    vv_table_close(&rows->table);
    *rows = (struct vv_rows){0};
}
