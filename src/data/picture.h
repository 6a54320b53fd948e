// One PNG or JPEG file: what it is, and its pixels.
#ifndef VV_DATA_PICTURE_H
#define VV_DATA_PICTURE_H

#include <stdio.h>

#include "context.h"

#include <stdint.h>

// More is refused before memory is taken for it: 1 GiB, as four bytes a pixel.
#define VV_PICTURE_PIXELS_MAX (UINT32_C(1) << 28)
#define VV_PICTURE_BYTES_MAX  (UINT64_C(4) * VV_PICTURE_PIXELS_MAX)

// A picture the right way up.
struct vv_picture {
    uint32_t height, width, channels;
    unsigned char *pixels;  // owned; [height, width, channels], row-major; NULL: sizes alone
    uint32_t beside;        // bytes a pixel that decoding takes beside those, where it needs all at once
    // For its decoder.
    unsigned char background[3];  // what transparent pixels are laid upon
    uint32_t orientation;         // 1 to 8, as in EXIF
};

// Sizes from the file's header; channels: 1 where it is stored in grey, else 3.
bool vv_picture_measure(struct vv_context *ctx, const char *path, struct vv_picture *picture);

// The pixels too, in `channels`, 1 or 3: colour becomes grey by Rec. 601, 16 bits their upper 8. What is
// transparent is laid over `background` as the bytes are, with no thought of gamma.
// Both: VV_BAD_DATA where the file is broken, too large, or no picture; VV_FAILED for want of memory or
// of the library that reads such a file.
bool vv_picture_read(struct vv_context *ctx, const char *path, uint32_t channels,
                     const unsigned char background[3], struct vv_picture *picture);
void vv_picture_finish(struct vv_picture *picture);

// Rec. 601 luma, rounded.
uint32_t vv_picture_grey(uint32_t red, uint32_t green, uint32_t blue);

// ---- For decoders ----

struct vv_picture_file {
    struct vv_context *ctx;
    const char *path;
    FILE *file;
    uint64_t bytes;
};

struct vv_picture_format {
    const char *name, *library, *package;
    unsigned char signature[8];
    uint32_t signature_size;
    uint32_t (*orientation)(FILE *file);
    // Sizes and channels as stored; or, with picture->pixels, all rows. NULL: built without its library.
    bool (*measure)(struct vv_picture_file *from, struct vv_picture *picture);
    bool (*decode)(struct vv_picture_file *from, struct vv_picture *picture);
};
extern const struct vv_picture_format vv_picture_png, vv_picture_jpeg;

// What a decoder's library says is wrong, or what we do. Returns false.
bool vv_picture_broken(struct vv_picture_file *from, enum vv_status status, const char *format,
                       const char *reason);

// Sizes as stored: before it is turned upright.
void vv_picture_stored(const struct vv_picture *picture, uint32_t *height, uint32_t *width);

// Row `y` as stored, of `width` pixels as stored with 1 (grey), 3 or 4 (alpha) samples each.
void vv_picture_put(struct vv_picture *picture, uint32_t y, uint32_t width, const unsigned char *row,
                    uint32_t samples);

#endif
