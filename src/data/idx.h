// The IDX format of MNIST: magic 00 00 08 RANK, big-endian sizes, bytes. Plain or gzip.
#ifndef VV_DATA_IDX_H
#define VV_DATA_IDX_H

#include "dataset.h"

// Reads images (rank 3: count, height, width) into images->pixels; channels becomes 1. At most 2^32 - 1
// pictures, 2^31 bytes in all, 65,536 pixels a side; memory grows with what is really in the file, not
// with what its header claims. Refused with VV_BAD_DATA: wrong magic, zero sizes, too short (how many
// bytes are missing), too long, a damaged or cut .gz.
bool vv_idx_read_images(struct vv_context *ctx, const char *path, struct vv_images *images);

// Reads labels (rank 1) for images already read; a count that differs is refused, naming both files.
bool vv_idx_read_labels(struct vv_context *ctx, const char *path, const char *images_path,
                        struct vv_images *images);

#endif
