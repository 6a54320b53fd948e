#include "png.h"

#include "file.h"
#include "size.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <zlib.h>

// What was compressed, until stb frees it: where it has no memory for the file, it does not.
static _Thread_local unsigned char *compressed;

// zlib's in place of stb's own deflate, which writes into buffers without a look at whether they could
// grow. Its fourth level takes half the time of that, and leaves three quarters of the bytes; the sixth
// takes up to three times the fourth's, and leaves 2 % less.
static unsigned char *compress_zlib(const unsigned char *bytes, int count, int *size) {
    uLongf room = compressBound((uLong)count);
    compressed = malloc(room);
    if (compressed && compress2(compressed, &room, bytes, (uLong)count, 4) != Z_OK) {
        free(compressed);
        compressed = NULL;
    }
    *size = (int)room;
    return compressed;
}

// Never of 0 bytes, which tools that read this cannot know.
static void *take(size_t size) {
    return malloc(size ? size : 1);
}

static void release(void *bytes) {
    if (bytes == compressed) compressed = NULL;
    free(bytes);
}

#define STBIW_MALLOC(size)                             take(size)
#define STBIW_REALLOC(bytes, size)                     realloc(bytes, size)
#define STBIW_FREE(bytes)                              release(bytes)
#define STBIW_ZLIB_COMPRESS(bytes, count, size, level) ((void)(level), compress_zlib(bytes, count, size))
#define STBIW_CRC32(bytes, count)                      ((unsigned)crc32(0, bytes, (uInt)(count)))

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb_image_write.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

// stb counts in int: this keeps it far from the edge.
static const uint64_t bytes_max = UINT64_C(1) << 28;

static void write_bytes(void *user, void *data, int size) {
    // stb has no way to hear of a failure; the writer remembers it, and its commit refuses.
    (void)vv_writer_write(user, data, (uint64_t)size);
}

// Paeth's on every line, as PNG 1.2 has it (6.6). stb tries all five on each, for 1 % fewer bytes.
static void choose_filter(void) {
    stbi_write_force_png_filter = 4;
}

static bool write_picture(struct vv_writer *writer, const unsigned char *pixels, int height, int width,
                          int channels) {
    static pthread_once_t chosen = PTHREAD_ONCE_INIT;
    (void)pthread_once(&chosen, choose_filter);
    const bool ok =
        stbi_write_png_to_func(write_bytes, writer, width, height, channels, pixels, width * channels);
    release(compressed);
    return ok;
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
    if (!write_picture(&writer, pixels, (int)height, (int)width, (int)channels)) {
        (void)vv_fail(ctx, VV_FAILED,
                      "%s: out of memory for a PNG of %ux%u pixels; take fewer, or a smaller scale",
                      path, width, height);
        vv_writer_abort(&writer);
        return false;
    }
    return vv_writer_commit(&writer);
}
