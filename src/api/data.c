#include "handle.h"
#include "set.h"

vkvae_shapes vv_shapes_public(const struct vv_shapes *s) {
    return (vkvae_shapes){.images = s->images,
                          .test_images = s->test_images,
                          .height = s->height,
                          .width = s->width,
                          .channels = s->channels,
                          .seed = s->seed};
}

// The option of the first field that is not as it is by default; NULL: all are.
static const char *changed(const vkvae_shapes *s) {
    const struct vv_shapes *d = &vv_shapes_default;
    const struct {
        bool differs;
        const char *option;
    } fields[] = {{s->images != d->images, "--images"},
                  {s->test_images != d->test_images, "--test-images"},
                  {s->height != d->height || s->width != d->width, "--size"},
                  {s->channels != d->channels, "--channels"},
                  {s->seed != d->seed, "--data-seed"}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].differs) return fields[i].option;
    return NULL;
}

bool vv_set_open(struct vv_context *ctx, const char *data, const vkvae_shapes *shapes,
                 struct vv_dataset *set) {
    const char *option = vv_dataset_is_drawn(data) ? NULL : changed(shapes);
    if (option)
        return vv_fail(ctx, VV_USAGE,
                       "%s is for the built-in set shapes, and --data is %.200s; leave it out", option,
                       data);
    const struct vv_shapes drawn = {.images = shapes->images,
                                    .test_images = shapes->test_images,
                                    .height = shapes->height,
                                    .width = shapes->width,
                                    .channels = shapes->channels,
                                    .seed = shapes->seed};
    return vv_dataset_open(ctx, data, &drawn, set);
}
