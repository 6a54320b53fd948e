#include "csv_write.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

bool vv_csv_open(struct vv_context *ctx, const char *path, struct vv_csv *csv) {
    csv->used = 0;
    return vv_writer_open(ctx, path, &csv->writer);
}

static bool flush(struct vv_csv *csv) {
    const bool ok = vv_writer_write(&csv->writer, csv->text, csv->used);
    csv->used = 0;
    return ok;
}

void vv_csv_add(struct vv_csv *csv, const char *format, ...) {
    va_list args;
    if (csv->used + VV_CSV_PIECE > sizeof csv->text) (void)flush(csv);
    va_start(args, format);
    const int length = vsnprintf(csv->text + csv->used, VV_CSV_PIECE, format, args);
    va_end(args);
    assert(length >= 0 && length < VV_CSV_PIECE);
    csv->used += (size_t)length;
}

bool vv_csv_commit(struct vv_csv *csv) {
    return flush(csv) && vv_writer_commit(&csv->writer);
}

void vv_csv_abort(struct vv_csv *csv) {
    vv_writer_abort(&csv->writer);
}
