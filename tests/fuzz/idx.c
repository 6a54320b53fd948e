// IDX files of images, coloured images, labels and factors, plain and gzip.
#include "fuzz.h"

#include "idx.h"

static void read_all(struct vv_context *ctx, const char *path) {
    struct vv_images images = {0};
    if (vv_idx_read_images(ctx, path, &images)) (void)vv_images_value(&images, 0);
    vv_images_finish(&images);
    vv_clear(ctx);
    struct vv_images two = {.count = 2, .height = 1, .width = 1, .channels = 1};
    (void)vv_idx_read_labels(ctx, path, "images", &two);
    vv_clear(ctx);
    (void)vv_idx_read_factors(ctx, path, "images", &two);
    vv_images_finish(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vv_context ctx = fuzz_context();
    read_all(&ctx, fuzz_file(data, size, ""));
    vv_clear(&ctx);
    read_all(&ctx, fuzz_file(data, size, ".gz"));
    return 0;
}
