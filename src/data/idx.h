// The IDX format of MNIST: magic 00 00 TYPE RANK, big-endian sizes, then the values. Plain or gzip.
#ifndef VV_DATA_IDX_H
#define VV_DATA_IDX_H

#include "dataset.h"

// The files of a part of a set, "train" or "t10k", are its name, a dash and one of these; those that are
// read may end in .gz. Of two kinds of images the first counts.
enum vv_idx_kind {
    VV_IDX_IMAGES,    // u8 [count, height, width]
    VV_IDX_COLOURED,  // u8 [count, height, width, channels]
    VV_IDX_LABELS,    // u8 [count]
    VV_IDX_FACTORS,   // f32, big-endian [count, factors]
    VV_IDX_KINDS,
};
extern const char *const vv_idx_names[VV_IDX_KINDS];

// Reads images of rank 3 or 4, as the magic says, into images->pixels; rank 3 is one channel. At most
// 2^32 - 1 pictures, 2^31 bytes in all, 65,536 pixels a side, 4 channels; memory grows with what is
// really in the file, not with what its header claims. Refused with VV_BAD_DATA: wrong magic, zero
// sizes, too short (how many bytes are missing), too long, a damaged or cut .gz.
bool vv_idx_read_images(struct vv_context *ctx, const char *path, struct vv_images *images);
// The same in two steps: the header, so that the sizes are known, and no more than the file may hold;
// then, on any thread, the pixels.
bool vv_idx_open_images(struct vv_context *ctx, const char *path, struct vv_images *images);
bool vv_idx_read_pixels(struct vv_context *ctx, struct vv_images *images);
void vv_idx_close(struct vv_idx_source *from);  // takes NULL
// Between both steps: no more than `limit` pictures will be read (0: all); how many the file has.
void vv_idx_limit(struct vv_images *images, uint32_t limit);
uint32_t vv_idx_count(const struct vv_images *images);

// Reads labels (rank 1) for images already read; a count that differs is refused, naming both files.
bool vv_idx_read_labels(struct vv_context *ctx, const char *path, const char *images_path,
                        struct vv_images *images);

// Reads factors (rank 2, 1 to VV_FACTORS_MAX of them, all finite), likewise.
bool vv_idx_read_factors(struct vv_context *ctx, const char *path, const char *images_path,
                         struct vv_images *images);

// Writes a set into a folder that exists, the files that it needs to be read last: one that was cut
// short is no set. Each file appears whole or not at all.
bool vv_idx_write_set(struct vv_context *ctx, const char *folder, const struct vv_dataset *set);

// Removes the files of a set from a folder, .gz and half-written ones too.
bool vv_idx_remove_set(struct vv_context *ctx, const char *folder);

#endif
