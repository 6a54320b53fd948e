// Pictures in another size.
#ifndef VV_DATA_RESIZE_H
#define VV_DATA_RESIZE_H

#include "picture.h"
#include "reading.h"

// What is taken of a picture, and what becomes of it.
struct vv_resize {
    uint32_t height, width;  // 0: as it is
    enum vv_picture_fit fit;
    bool crop;                    // first the largest square in the middle is cut out
    unsigned char background[3];  // of as many channels as the picture has
};

// The size that comes out.
void vv_resize_size(const struct vv_resize *how, const struct vv_picture *from, uint32_t *height,
                    uint32_t *width);

// Fills pixels [height, width, channels]. Where a side shrinks, each new pixel is the mean of what it
// covers, parts of pixels by their share; where it grows, it is interpolated linearly. In doubles, in a
// fixed order: the same bytes everywhere. VV_FAILED: out of memory.
bool vv_resize(struct vv_context *ctx, const struct vv_resize *how, const struct vv_picture *from,
               unsigned char *pixels);

#endif
