// PNG by libspng, which is given limits and a file that is already known to begin as a PNG.
#include "exif.h"
#include "picture.h"

#ifdef VV_HAVE_SPNG
#include <spng.h>

#include <stdlib.h>

#include "size.h"

// What chunks beside the picture (profiles, text) may unpack to.
enum { CHUNKS_MAX = 64 << 20 };

// libspng takes zlib's want of memory for a broken picture, which would be left out: so it is seen where
// memory is asked for.
static _Thread_local bool refused;

static void *take(void *memory) {
    if (!memory) refused = true;
    return memory;
}

static void *take_new(size_t size) {
    return take(malloc(size));
}

static void *take_more(void *memory, size_t size) {
    return take(realloc(memory, size));
}

static void *take_zeroed(size_t count, size_t size) {
    return take(calloc(count, size));
}

static bool fail(struct vv_picture_file *from, int error) {
    const bool memory = refused || error == SPNG_EMEM;
    return vv_picture_broken(from, memory ? VV_FAILED : VV_BAD_DATA, "PNG",
                             spng_strerror(memory ? SPNG_EMEM : error));
}

// Deflate packs 1,032 bytes into one at best, so that a short file cannot hold a large picture: refused
// before memory is taken for it.
static bool is_long_enough(const struct vv_picture_file *from, const struct spng_ihdr *head) {
    static const unsigned char samples[] = {1, 0, 3, 1, 2, 0, 4};
    const uint64_t bits = (uint64_t)head->width * head->height * samples[head->color_type] *
                          head->bit_depth;  // below 2^62 * 2^6, and sides are limited first
    return bits / 8 / 1032 <= from->bytes;
}

static spng_ctx *open_png(struct vv_picture_file *from, struct spng_ihdr *head) {
    struct spng_alloc memory = {take_new, take_more, take_zeroed, free};
    refused = false;
    spng_ctx *png = spng_ctx_new2(&memory, 0);
    if (!png) {
        (void)fail(from, SPNG_EMEM);
        return NULL;
    }
    int error = spng_set_chunk_limits(png, CHUNKS_MAX, CHUNKS_MAX);
    if (!error) error = spng_set_png_file(png, from->file);
    if (!error) error = spng_get_ihdr(png, head);
    if (!error) return png;
    (void)fail(from, error);
    spng_ctx_free(png);
    return NULL;
}

static bool png_measure(struct vv_picture_file *from, struct vv_picture *picture) {
    struct spng_ihdr head;
    spng_ctx *png = open_png(from, &head);
    if (!png) return false;
    spng_ctx_free(png);
    picture->height = head.height;
    picture->width = head.width;
    const bool grey = head.color_type == SPNG_COLOR_TYPE_GRAYSCALE ||
                      head.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA;
    picture->channels = grey ? 1 : 3;
    picture->beside = head.interlace_method ? 4 : 0;
    return (uint64_t)head.height * head.width > VV_PICTURE_PIXELS_MAX ||  // refused for that
           is_long_enough(from, &head) ||
           vv_picture_broken(from, VV_BAD_DATA, "PNG", "the file is too short for its pixels");
}

// Rows one by one, without the whole of it in four bytes a pixel.
static int decode_rows(spng_ctx *png, const struct spng_ihdr *head, unsigned char *row,
                       struct vv_picture *picture) {
    const int flags = SPNG_DECODE_TRNS | SPNG_DECODE_PROGRESSIVE;
    int error = spng_decode_image(png, NULL, 0, SPNG_FMT_RGBA8, flags);
    for (uint32_t y = 0; !error && y < head->height; y++) {
        error = spng_decode_row(png, row, (size_t)head->width * 4);
        if (error && (error != SPNG_EOI || y + 1 < head->height)) return error;
        vv_picture_put(picture, y, head->width, row, 4);
    }
    return error == SPNG_EOI ? 0 : error;
}

static int decode_interlaced(spng_ctx *png, const struct spng_ihdr *head, unsigned char *pixels,
                             struct vv_picture *picture) {
    const size_t stride = (size_t)head->width * 4;
    const int error =
        spng_decode_image(png, pixels, stride * head->height, SPNG_FMT_RGBA8, SPNG_DECODE_TRNS);
    for (uint32_t y = 0; !error && y < head->height; y++)
        vv_picture_put(picture, y, head->width, pixels + y * stride, 4);
    return error;
}

static bool png_decode(struct vv_picture_file *from, struct vv_picture *picture) {
    struct spng_ihdr head;
    uint32_t height, width;
    unsigned char *room = NULL;
    spng_ctx *png = open_png(from, &head);
    if (!png) return false;
    vv_picture_stored(picture, &height, &width);
    bool ok = (head.height == height && head.width == width) ||
              vv_picture_broken(from, VV_BAD_DATA, "PNG", "it changes while it is read");
    if (ok) {
        room = vv_alloc(from->ctx, head.interlace_method ? head.height : 1, (uint64_t)head.width * 4);
        ok = room != NULL;
    }
    if (ok) {
        int error = head.interlace_method ? decode_interlaced(png, &head, room, picture)
                                          : decode_rows(png, &head, room, picture);
        if (!error) error = spng_decode_chunks(png);  // to the file's end, which may be missing
        ok = !error || fail(from, error);
    }
    free(room);
    spng_ctx_free(png);
    return ok;
}
#else
#define png_measure NULL
#define png_decode  NULL
#endif

const struct vv_picture_format vv_picture_png = {
    .name = "PNG",
    .library = "libspng",
    .package = "libspng-dev",
    .signature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'},
    .signature_size = 8,
    .orientation = vv_exif_of_png,
    .measure = png_measure,
    .decode = png_decode,
};
