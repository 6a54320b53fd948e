// A PNG or JPEG file in a folder.
#include "fuzz.h"

#include "picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const unsigned char white[3] = {255, 255, 255};
    const char *path = fuzz_file(data, size, "");
    for (uint32_t channels = 1; channels <= 3; channels += 2) {
        struct vv_context ctx = fuzz_context();
        struct vv_picture picture = {0};
        // What is larger takes its time, not more memory than its pixels.
        if (!vv_picture_measure(&ctx, path, &picture) ||
            (uint64_t)picture.height * picture.width > 1 << 22)
            continue;
        vv_picture_finish(&picture);
        (void)vv_picture_read(&ctx, path, channels, white, &picture);
        vv_picture_finish(&picture);
    }
    return 0;
}
