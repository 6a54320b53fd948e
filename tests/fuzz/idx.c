// IDX files of images, coloured images, labels and factors, plain and gzip.
#include "fuzz.h"

#include "idx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vv_context ctx = fuzz_context();
    struct vv_images images = {0}, two = {.count = 2, .height = 1, .width = 1, .channels = 1};
    const unsigned what = fuzz_choose(&data, &size, 3);
    const char *path = fuzz_file(data, size, "");
    if (what == 1) {
        (void)vv_idx_read_labels(&ctx, path, "images", &two);
    } else if (what == 2) {
        (void)vv_idx_read_factors(&ctx, path, "images", &two);
    } else if (vv_idx_read_images(&ctx, path, &images)) {
        (void)vv_images_value(&images, 0);
    }
    vv_images_finish(&images);
    vv_images_finish(&two);
    return 0;
}
