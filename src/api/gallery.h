// Files of pictures that a model made: a grid, an array, or a file for each.
#ifndef VV_API_GALLERY_H
#define VV_API_GALLERY_H

#include "checkpoint.h"

struct vv_gallery {
    struct vv_context *ctx;
    const struct vv_checkpoint *run;  // whose size and units they have
    const float *pixels;              // [count, numbers of one], as the model makes them
    uint32_t count;
    uint32_t columns;  // of a grid; 0: about as many as rows
    uint32_t scale;  // pixels for each pixel; 0: a grid as large as fits a screen, a file for each at 1
};

bool vv_ends_in(const char *text, const char *ending);

// VV_USAGE where `out` is neither .png nor .npy; NULL is fine.
bool vv_gallery_check(struct vv_context *ctx, const char *out);
// VV_USAGE where `folder` is a file or holds something; `option` names another.
bool vv_gallery_check_folder(struct vv_context *ctx, const char *folder, const char *option);
// VV_USAGE where `out` is the file that is read, `from`, whose bytes would be lost.
bool vv_gallery_check_distinct(struct vv_context *ctx, const char *from, const char *out);

// By the name's ending: a grid, or float32 [count,height,width,channels] in the units of what the model
// was trained on. Atomic. NULL: nothing.
bool vv_gallery_write(const struct vv_gallery *gallery, const char *path);
// Of all numbers, in these units; NULL without memory. The caller's to free.
float *vv_gallery_values(const struct vv_gallery *gallery);

// Each as 00000.png and so on, the first as number `first`, in a folder that is made where it is not
// there.
bool vv_gallery_write_each(const struct vv_gallery *gallery, const char *folder, uint32_t first);

#endif
