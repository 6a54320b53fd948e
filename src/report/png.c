#include "png.h"

#include "file.h"
#include "size.h"

#include <assert.h>

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

// stb counts in int and doubles its buffers: this keeps it far from the edge.
static const uint64_t bytes_max = UINT64_C(1) << 28;

static void write_bytes(void *user, void *data, int size) {
    // stb has no way to hear of a failure; the writer remembers it, and its commit refuses.
    (void)vv_writer_write(user, data, (uint64_t)size);
}

bool vv_png_write(struct vv_context *ctx, const char *path, const unsigned char *pixels, uint32_t height,
                  uint32_t width, uint32_t channels) {
    assert(channels == 1 || channels == 3);
    uint64_t bytes = 0;
    bool fits = height > 0 && width > 0 && vv_mul_u64((uint64_t)width * channels + 1, height, &bytes);
    if (!fits || bytes > bytes_max)
        return vv_fail(ctx, VV_USAGE,
                       "%s: a picture of %ux%u pixels is %s; choose another size or scale", path, width,
                       height, height && width ? "larger than the 256 MiB that are written" : "empty");
    struct vv_writer writer;
    if (!vv_writer_open(ctx, path, &writer)) return false;
    if (!stbi_write_png_to_func(write_bytes, &writer, (int)width, (int)height, (int)channels, pixels,
                                (int)(width * channels))) {
        (void)vv_fail(ctx, VV_FAILED,
                      "%s: out of memory for a PNG of %ux%u pixels; take fewer, or a smaller scale",
                      path, width, height);
        vv_writer_abort(&writer);
        return false;
    }
    return vv_writer_commit(&writer);
}
