#include "labels.h"

#include "numbers.h"
#include "size.h"
#include "table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 4096 };

bool vv_label_take(struct vv_context *ctx, const char *name, uint32_t row, double number,
                   uint32_t *label) {
    *label = number >= 0 && number < VV_LABELS_MAX ? (uint32_t)number : VV_LABELS_MAX;
    if (*label < VV_LABELS_MAX && !((double)*label < number)) return true;
    return vv_fail(ctx, VV_BAD_DATA,
                   "%s: label %" PRIu32 ", counted from 0, is %.15g, not a whole number from 0 to %d; "
                   "number the classes so",
                   name, row, number, VV_LABELS_MAX - 1);
}

static bool fail_count(struct vv_context *ctx, const char *name, const char *count,
                       const struct vv_rows *rows) {
    return vv_fail(ctx, VV_BAD_DATA,
                   "%s: has %s labels, but %s has %" PRIu32 " pictures; give one label for each", name,
                   count, rows->name, rows->count);
}

bool vv_labels_read_array(struct vv_source *source, bool asked, struct vv_rows *rows) {
    struct vv_context *ctx = source->ctx;
    struct vv_npy npy;
    char shape[VV_NPY_SHAPE];
    unsigned char bytes[PIECE * 8];
    double numbers[PIECE];
    const bool ok = vv_npy_open(source, false, &npy);
    if (!asked && (!ok || npy.kind == 'f' || npy.count != npy.dims[0])) {
        vv_clear(ctx);
        vv_say(ctx, VV_LOG_INFO, "%s: holds no labels that are whole numbers, one for each picture",
               source->name);
        return true;
    }
    if (!ok) return false;
    vv_npy_print_shape(&npy, shape);
    if (npy.count != rows->count || npy.dims[0] != rows->count)
        return fail_count(ctx, source->name, shape, rows);
    rows->labels = vv_alloc(ctx, rows->count, sizeof *rows->labels);
    if (!rows->labels) return false;
    for (uint32_t done = 0; done < rows->count;) {
        const uint32_t n = rows->count - done < PIECE ? rows->count - done : PIECE;
        if (!vv_source_read(source, bytes, (uint64_t)n * npy.size)) return false;
        vv_numbers_read(&npy, bytes, n, numbers);
        for (uint32_t i = 0; i < n; i++, done++)
            if (!vv_label_take(ctx, source->name, done, numbers[i], &rows->labels[done])) return false;
    }
    return vv_source_end(source);
}

static bool take_row(void *user, uint32_t row, const double *numbers) {
    struct vv_rows *rows = user;
    return vv_label_take(rows->ctx, rows->labels_name, row, numbers[0], &rows->labels[row]);
}

static bool read_table(struct vv_context *ctx, const char *path, struct vv_rows *rows) {
    struct vv_table table;
    char count[32];
    bool ok = vv_table_open(ctx, path, &table);
    if (ok && (table.columns != 1 || table.rows != rows->count)) {
        (void)snprintf(count, sizeof count, "%" PRIu32 "x%" PRIu32, table.rows, table.columns);
        ok = fail_count(ctx, path, count, rows);
    }
    rows->labels_name = path;
    if (ok) rows->labels = vv_alloc(ctx, rows->count, sizeof *rows->labels);
    ok = ok && rows->labels && vv_table_read(&table, take_row, rows);
    vv_table_close(&table);
    return ok;
}

bool vv_labels_read_file(struct vv_context *ctx, const char *path, struct vv_rows *rows) {
    struct vv_source source;
    if (vv_table_is_named(path)) return read_table(ctx, path, rows);
    if (!vv_source_open(ctx, path, &source)) return false;
    const bool ok = vv_labels_read_array(&source, true, rows);
    vv_source_close(&source);
    return ok;
}
