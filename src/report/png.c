#include "png.h"

#include "file.h"
#include "size.h"

#include <assert.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdlib.h>

// ---- Memory ----

// stb writes into buffers without a look at whether they could grow. So where there is no memory for it,
// all that it has is freed, and it is left at once.
struct block {
    struct block *before, *next;
    alignas(max_align_t) unsigned char bytes[];
};

struct heap {
    jmp_buf out;
    struct block *first;
};

static _Thread_local struct heap *heap;

static void *grow(void *bytes, size_t size) {
    struct block *old = bytes ? (struct block *)(void *)((char *)bytes - sizeof *old) : NULL,
                 *block = realloc(old, sizeof *block + size);
    if (!block) longjmp(heap->out, 1);
    if (!old) *block = (struct block){.next = heap->first};
    if (block->before)
        block->before->next = block;
    else
        heap->first = block;
    if (block->next) block->next->before = block;
    return block->bytes;
}

static void release(void *bytes) {
    if (!bytes) return;
    struct block *block = (struct block *)(void *)((char *)bytes - sizeof *block);
    if (block->before)
        block->before->next = block->next;
    else
        heap->first = block->next;
    if (block->next) block->next->before = block->before;
    free(block);
}

#define STBIW_MALLOC(size)         grow(NULL, size)
#define STBIW_REALLOC(bytes, size) grow(bytes, size)
#define STBIW_FREE(bytes)          release(bytes)

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

static bool write_picture(struct vv_writer *writer, const unsigned char *pixels, int height, int width,
                          int channels) {
    struct heap own = {.first = NULL};
    heap = &own;
    const bool ok = setjmp(own.out) == 0 && stbi_write_png_to_func(write_bytes, writer, width, height,
                                                                   channels, pixels, width * channels);
    while (own.first) release(own.first->bytes);
    heap = NULL;
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
