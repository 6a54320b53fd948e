// A .csv file, line by line.
#ifndef VV_DATA_CSV_WRITE_H
#define VV_DATA_CSV_WRITE_H

#include "file.h"

// Bytes that are added at a time, at most, the last NUL included.
#define VV_CSV_PIECE 256

struct vv_csv {
    struct vv_writer writer;
    char text[1 << 14];
    size_t used;
};

bool vv_csv_open(struct vv_context *ctx, const char *path, struct vv_csv *csv);
// What fails here is said at the end.
void vv_csv_add(struct vv_csv *csv, const char *format, ...) VV_PRINTF(2, 3);
// The file appears, whole.
bool vv_csv_commit(struct vv_csv *csv);
void vv_csv_abort(struct vv_csv *csv);  // takes one that was committed, or is zeroed

#endif
