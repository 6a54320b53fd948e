// The built-in set "shapes": squares, ellipses and hearts with known factors of variation, drawn from a
// seed.
#ifndef VV_DATA_SHAPES_H
#define VV_DATA_SHAPES_H

#include "dataset.h"

#define VV_SHAPES_FACTORS 6  // 5 in grey

struct vv_shapes {
    uint32_t images, test_images;  // test_images 0: a fifth of images, rounded up
    uint32_t height, width, channels;
    uint64_t seed;
};

// 10000 and a fifth of that, 28 x 28, grey, seed 0.
extern const struct vv_shapes vv_shapes_default;

// Names of the factors, in order: shape, scale, rotation, x, y, hue.
extern const char *const vv_shapes_factor_names[VV_SHAPES_FACTORS];

// Draws the set (NULL: the default one) into set->train and set->test, labels and factors included.
// VV_USAGE, naming the option, where a number is out of its range or the set is larger than 2^31 bytes.
bool vv_shapes_make(struct vv_context *ctx, const struct vv_shapes *shapes, struct vv_dataset *set);

#endif
