// Rows of numbers in a file, each of which becomes a picture: an array's, or a table's.
#ifndef VV_DATA_ROWS_H
#define VV_DATA_ROWS_H

#include "arena.h"
#include "division.h"
#include "npy.h"
#include "source.h"
#include "table.h"

struct vv_rows {
    struct vv_context *ctx;
    const char *name;  // for messages
    uint32_t count, height, width, channels;
    bool is_bytes;        // 0 to 255, and not floats
    bool columns;         // N x D: each column is a measure of its own
    const double *range;  // what values may be; NULL: anything finite
    uint32_t *labels;     // owned; NULL: none
    const char *labels_name;
    // An array.
    struct vv_source source;
    struct vv_npy npy;
    bool planar;  // channels come before rows and columns
    // A table.
    bool is_table;
    struct vv_table table;
    uint32_t label_column;  // UINT32_MAX: none
};

// An array whose header is read next: what its shape means is told, or guessed and said.
bool vv_rows_open_array(struct vv_rows *rows, enum vv_array_layout layout);

// A table: floats, and labels in one column, of that name or number (counted from 1), where not NULL.
bool vv_rows_open_table(struct vv_rows *rows, const char *labels);

// Reads all rows to where the division puts them. Floats are as the file has them; VV_BAD_DATA where
// they are not finite.
bool vv_rows_read(struct vv_rows *rows, const struct vv_division *division);

// Whether a float may be among the values, else VV_BAD_DATA: number `within` of a row.
bool vv_rows_check(const struct vv_rows *rows, uint32_t row, uint64_t within, double number);

void vv_rows_finish(struct vv_rows *rows);  // takes zeroed ones

// Memory for a part of such rows.
bool vv_rows_make_part(struct vv_context *ctx, const struct vv_rows *rows, struct vv_images *part);

#endif
