#include "png.h"

#include "file.h"
#include "size.h"

#include <assert.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>

// ---- Memory ----

// stb writes into buffers without a look at whether they could grow. So where there is no memory for it,
// all that it has is freed, and it is left at once.
struct block {
    size_t index;  // in the heap
    alignas(max_align_t) unsigned char bytes[];
};

struct heap {
    jmp_buf out;
    struct block **blocks;
    size_t count, room;
};

// Static, so that what was written there before it is left is there afterwards.
static _Thread_local struct heap heap;

static void keep(struct block *block) {
    if (heap.count == heap.room) {
        const size_t room = heap.room ? 2 * heap.room : 64;
        struct block **blocks = realloc(heap.blocks, room * sizeof(struct block *));
        if (!blocks) {
            free(block);
            longjmp(heap.out, 1);
        }
        heap.blocks = blocks;
        heap.room = room;
    }
    block->index = heap.count;
    heap.blocks[heap.count++] = block;
}

static void *take(size_t size) {
    struct block *block = malloc(sizeof *block + size);
    if (!block) longjmp(heap.out, 1);
    keep(block);
    return block->bytes;
}

static struct block *block_of(void *bytes) {
    return (struct block *)(void *)((char *)bytes - offsetof(struct block, bytes));
}

static void *grow(void *bytes, size_t size) {
    if (!bytes) return take(size);
    struct block *block = realloc(block_of(bytes), sizeof *block + size);
    if (!block) longjmp(heap.out, 1);
    heap.blocks[block->index] = block;
    return block->bytes;
}

// The last one takes its place.
static void release(void *bytes) {
    if (!bytes) return;
    struct block *block = block_of(bytes), *last = heap.blocks[--heap.count];
    last->index = block->index;
    heap.blocks[block->index] = last;
    free(block);
}

#define STBIW_MALLOC(size)         take(size)
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

struct picture {
    const unsigned char *pixels;
    int height, width, channels;
};

// Apart, so that what stb has in registers when it is left is nobody's any more.
__attribute__((noinline)) static bool draw(struct vv_writer *writer, const struct picture *p) {
    return stbi_write_png_to_func(write_bytes, writer, p->width, p->height, p->channels, p->pixels,
                                  p->width * p->channels);
}

static bool write_picture(struct vv_writer *writer, const struct picture *picture) {
    bool ok = false;
    heap = (struct heap){.count = 0};
    if (setjmp(heap.out) == 0) ok = draw(writer, picture);
    for (size_t i = 0; i < heap.count; i++) free(heap.blocks[i]);
    free(heap.blocks);
    heap = (struct heap){.count = 0};
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
    const struct picture picture = {pixels, (int)height, (int)width, (int)channels};
    if (!write_picture(&writer, &picture)) {
        (void)vv_fail(ctx, VV_FAILED,
                      "%s: out of memory for a PNG of %ux%u pixels; take fewer, or a smaller scale",
                      path, width, height);
        vv_writer_abort(&writer);
        return false;
    }
    return vv_writer_commit(&writer);
}
