#include "shapes.h"

#include "size.h"

const struct vv_shapes vv_shapes_default = {.images = 10000, .height = 28, .width = 28, .channels = 1};

const char *const vv_shapes_factor_names[VV_SHAPES_FACTORS] = {"shape", "scale", "rotation",
                                                               "x",     "y",     "hue"};

static bool make_part(struct vv_context *ctx, const struct vv_shapes *s, uint32_t count,
                      struct vv_images *images) {
    *images = (struct vv_images){
        .count = count, .height = s->height, .width = s->width, .channels = s->channels};
    images->pixels = vv_alloc(ctx, count, vv_images_stride(images));
    if (!images->pixels) return false;
    for (uint64_t i = 0; i < count * vv_images_stride(images); i++)
        images->pixels[i] = (unsigned char)(i * 7 >> 3);
    return true;
}

bool vv_shapes_make(struct vv_context *ctx, const struct vv_shapes *shapes, struct vv_dataset *set) {
    if (!shapes) shapes = &vv_shapes_default;
    const uint32_t test = shapes->test_images ? shapes->test_images : (shapes->images + 4) / 5;
    return make_part(ctx, shapes, shapes->images, &set->train) &&
           make_part(ctx, shapes, test, &set->test);
}
