#include "picture.h"

#include "file.h"
#include "size.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct vv_picture_format *const formats[] = {&vv_picture_png, &vv_picture_jpeg};

bool vv_picture_broken(struct vv_picture_file *from, enum vv_status status, const char *format,
                       const char *reason) {
    return vv_fail(from->ctx, status,
                   "%s: cannot be decoded as %s (%s); restore it from a copy, convert it, or remove it",
                   from->path, format, reason);
}

void vv_picture_finish(struct vv_picture *picture) {
    free(picture->pixels);
    picture->pixels = NULL;
}

// ---- Rows ----

uint32_t vv_picture_grey(uint32_t red, uint32_t green, uint32_t blue) {
    return (299 * red + 587 * green + 114 * blue + 500) / 1000;
}

void vv_picture_stored(const struct vv_picture *picture, uint32_t *height, uint32_t *width) {
    const bool turned = picture->orientation >= 5;
    *height = turned ? picture->width : picture->height;
    *width = turned ? picture->height : picture->width;
}

// Where pixel (0, 0) as stored lies in the upright picture, and how far it is from there to the next
// pixel and to the next row, in pixels.
struct walk {
    int64_t first, right, down;
};

static struct walk walk_of(const struct vv_picture *p) {
    const int64_t w = p->width, last_x = w - 1, last_row = (p->height - 1) * w;
    switch (p->orientation) {
    case 2:
        return (struct walk){last_x, -1, w};
    case 3:
        return (struct walk){last_row + last_x, -1, -w};
    case 4:
        return (struct walk){last_row, 1, -w};
    case 5:
        return (struct walk){0, w, 1};
    case 6:
        return (struct walk){last_x, w, -1};
    case 7:
        return (struct walk){last_row + last_x, -w, -1};
    case 8:
        return (struct walk){last_row, -w, 1};
    default:
        return (struct walk){0, 1, w};
    }
}

static uint32_t over(uint32_t value, uint32_t background, uint32_t alpha) {
    return (value * alpha + background * (255 - alpha) + 127) / 255;
}

static void put_pixel(const struct vv_picture *p, const unsigned char *from, uint32_t samples,
                      unsigned char *to) {
    uint32_t colour[3];
    for (int i = 0; i < 3; i++) {
        colour[i] = from[samples == 1 ? 0 : i];
        if (samples == 4) colour[i] = over(colour[i], p->background[i], from[3]);
    }
    if (p->channels == 1)
        to[0] = (unsigned char)vv_picture_grey(colour[0], colour[1], colour[2]);
    else
        for (int i = 0; i < 3; i++) to[i] = (unsigned char)colour[i];
}

void vv_picture_put(struct vv_picture *picture, uint32_t y, uint32_t width, const unsigned char *row,
                    uint32_t samples) {
    const struct walk walk = walk_of(picture);
    const uint32_t channels = picture->channels;
    if (samples == channels && walk.right == 1) {
        memcpy(picture->pixels + (walk.first + y * walk.down) * channels, row, (size_t)width * channels);
        return;
    }
    for (uint32_t x = 0; x < width; x++)
        put_pixel(picture, row + (size_t)x * samples, samples,
                  picture->pixels + (walk.first + y * walk.down + x * walk.right) * channels);
}

// ---- Files ----

// The disk's fault, and not the picture's, which would be left out for good.
static bool unreadable(struct vv_context *ctx, const char *path) {
    vv_clear(ctx);
    return vv_fail(ctx, VV_FAILED, "%s: cannot be read from its disk; see to that, or move it elsewhere",
                   path);
}

static bool close_file(const struct vv_picture_file *from, bool ok) {
    const bool failed = ferror(from->file) != 0;
    (void)fclose(from->file);
    return failed ? unreadable(from->ctx, from->path) : ok;
}

static bool open_file(struct vv_context *ctx, const char *path, struct vv_picture_file *from) {
    int descriptor;
    *from = (struct vv_picture_file){.ctx = ctx, .path = path};
    if (!vv_file_open(ctx, path, &descriptor, &from->bytes))
        return errno && errno != EACCES && errno != ENOENT && unreadable(ctx, path);
    from->file = fdopen(descriptor, "rb");
    if (from->file) return true;
    (void)close(descriptor);
    return vv_fail(ctx, VV_FAILED, "%s: out of memory while it is read; close other programs", path);
}

static bool find_format(struct vv_picture_file *from, const struct vv_picture_format **found) {
    unsigned char head[8] = {0};
    const size_t got = fread(head, 1, sizeof head, from->file);
    *found = NULL;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (got >= formats[i]->signature_size &&
            memcmp(head, formats[i]->signature, formats[i]->signature_size) == 0)
            *found = formats[i];
    if (!*found)
        return vv_fail(from->ctx, VV_BAD_DATA,
                       "%s: does not begin as a PNG or JPEG does; convert it, or remove it", from->path);
    if ((*found)->measure) return true;
    return vv_fail(from->ctx, VV_FAILED,
                   "%s: is a %s, and this program was built without %s; install it (Debian: %s), then "
                   "build again",
                   from->path, (*found)->name, (*found)->library, (*found)->package);
}

static bool measure(struct vv_picture_file *from, const struct vv_picture_format **format,
                    struct vv_picture *picture) {
    if (!find_format(from, format)) return false;
    picture->orientation = (*format)->orientation(from->file);
    rewind(from->file);
    if (!(*format)->measure(from, picture)) return false;
    const uint64_t pixels = (uint64_t)picture->height * picture->width;
    if (pixels > VV_PICTURE_PIXELS_MAX)
        return vv_fail(from->ctx, VV_BAD_DATA,
                       "%s: its header promises %u x %u pixels, more than the %u (1 GiB decoded) that "
                       "are read; make it smaller, or remove it",
                       from->path, picture->width, picture->height, VV_PICTURE_PIXELS_MAX);
    uint32_t height, width;
    vv_picture_stored(picture, &height, &width);
    picture->height = height;
    picture->width = width;
    return true;
}

bool vv_picture_measure(struct vv_context *ctx, const char *path, struct vv_picture *picture) {
    struct vv_picture_file from;
    const struct vv_picture_format *format;
    *picture = (struct vv_picture){.orientation = 1};
    if (!open_file(ctx, path, &from)) return false;
    const bool ok = measure(&from, &format, picture);
    return close_file(&from, ok);
}

bool vv_picture_read(struct vv_context *ctx, const char *path, uint32_t channels,
                     const unsigned char background[3], struct vv_picture *picture) {
    struct vv_picture_file from;
    const struct vv_picture_format *format;
    *picture = (struct vv_picture){.orientation = 1};
    if (!open_file(ctx, path, &from)) return false;
    bool ok = measure(&from, &format, picture);
    if (ok) {
        picture->channels = channels;
        memcpy(picture->background, background, 3);
        picture->pixels = vv_alloc(ctx, (uint64_t)picture->height * picture->width, channels);
        rewind(from.file);
        ok = picture->pixels && format->decode(&from, picture);
    }
    ok = close_file(&from, ok);
    if (!ok) vv_picture_finish(picture);
    return ok;
}
