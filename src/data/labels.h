// Labels of pictures: whole numbers from 0 to VV_LABELS_MAX - 1, one for each.
#ifndef VV_DATA_LABELS_H
#define VV_DATA_LABELS_H

#include "rows.h"

// Number `row` of the labels in `name` (for the error). VV_BAD_DATA: it is none.
bool vv_label_take(struct vv_context *ctx, const char *name, uint32_t row, double number,
                   uint32_t *label);

// All rows' labels, from an array whose header is read next: [N] or [N, 1]. Unless they were asked for,
// an array of another shape, or of no whole numbers, is left out.
bool vv_labels_read_array(struct vv_source *source, bool asked, struct vv_rows *rows);

// The same from a file: .npy, or .csv of one column.
bool vv_labels_read_file(struct vv_context *ctx, const char *path, struct vv_rows *rows);

#endif
