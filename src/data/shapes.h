// The built-in set "shapes": squares, ellipses and hearts with known factors of variation, drawn from a
// seed.
#ifndef VV_DATA_SHAPES_H
#define VV_DATA_SHAPES_H

#include "dataset.h"

// The factors of a picture, in order; hue in colour only.
enum vv_factor {
    VV_FACTOR_SHAPE,     // 0 square, 1 ellipse, 2 heart; the label, too
    VV_FACTOR_SCALE,     // [0.6, 1]: of the largest, whose circle is 0.8 of the shorter side wide
    VV_FACTOR_ROTATION,  // [0, 2 pi): counter-clockwise, in radians
    VV_FACTOR_X,         // the middle of its circle, from the left, in widths: within (0, 1)
    VV_FACTOR_Y,         // and from the top, in heights; no circle leaves the picture
    VV_FACTOR_HUE,       // [0, 1): red at 0, green at 1/3, blue at 2/3
};
#define VV_SHAPES_FACTORS 6  // 5 in grey
#define VV_SHAPES_KINDS   3

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
// Picture i is a function of the seed, its part, and i: of nothing else, and on any machine. The parts
// share no rotation, so no factors (pictures of a few pixels may look alike all the same). VV_USAGE,
// naming the option, where a number is out of its range or a part is larger than 2^31 bytes.
bool vv_shapes_make(struct vv_context *ctx, const struct vv_shapes *shapes, struct vv_dataset *set);

// The same in two steps: the sizes, checked; the pictures.
bool vv_shapes_size(struct vv_context *ctx, const struct vv_shapes *shapes, struct vv_dataset *set);
bool vv_shapes_fill(struct vv_context *ctx, const struct vv_shapes *shapes, struct vv_dataset *set);

// Factors of a picture as the set has them: those of sample i in a step of a stream, VV_STREAM_SHAPES or
// another one; and one factor of so many, of that step.
void vv_shapes_factors(const struct vv_shapes *shapes, uint32_t stream, uint32_t step, uint32_t i,
                       float factors[VV_SHAPES_FACTORS]);
uint32_t vv_shapes_pick(const struct vv_shapes *shapes, uint32_t stream, uint32_t step,
                        uint32_t factors);

// One picture from its factors, over `pixels`, which are zeros before.
void vv_shapes_draw(const struct vv_shapes *shapes, const float factors[VV_SHAPES_FACTORS],
                    unsigned char *pixels);

#endif
