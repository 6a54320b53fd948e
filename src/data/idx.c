#include "idx.h"

#include "idx_format.h"
#include "packed.h"
#include "size.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_MAX = 65536, CHANNELS_MAX = 4, RANK_MAX = 4 };

#define BYTES_MAX (UINT64_C(1) << 31)

// zlib reads a plain file through the same calls; offsets count unpacked bytes.
struct source {
    struct vv_context *ctx;
    const char *path;
    gzFile file;
    uint64_t bytes;  // of the file, packed where it is a .gz
    uint64_t offset;
    char promise[96];  // what the header said, for messages: ": the header promises 9 images of 4x4"
};

static bool out_of_memory(const struct source *source) {
    return vv_fail(source->ctx, VV_FAILED, "%s: out of memory while it is read; close other programs",
                   source->path);
}

static bool source_open(struct vv_context *ctx, const char *path, struct source *source) {
    *source = (struct source){.ctx = ctx, .path = path};
    source->file = vv_packed_open(ctx, path, &source->bytes);
    return source->file != NULL;
}

static bool source_fail(struct source *source, int code) {
    // What zlib has unpacked of the piece that failed counts too.
    const z_off_t reached = source->file ? gztell(source->file) : 0;
    const unsigned long long offset =
        reached > (z_off_t)source->offset ? (unsigned long long)reached : source->offset;
    if (code == Z_BUF_ERROR)
        return vv_fail(source->ctx, VV_BAD_DATA,
                       "%s: the .gz is cut off after %llu unpacked bytes%s; download it again",
                       source->path, offset, source->promise);
    if (code == Z_MEM_ERROR) return out_of_memory(source);
    if (code == Z_ERRNO)
        return vv_fail(
            source->ctx, VV_BAD_DATA,
            "%s: cannot be read at offset %llu (%s); see to its disk, or restore it from a copy",
            source->path, offset, strerror(errno));
    return vv_fail(source->ctx, VV_BAD_DATA,
                   "%s: the .gz is damaged near unpacked offset %llu%s; download it again", source->path,
                   offset, source->promise);
}

// Reads up to `size` bytes (below 2^31); *got is less only at a sound end of the file.
static bool source_read(struct source *source, void *bytes, uint64_t size, uint64_t *got) {
    int count = gzread(source->file, bytes, (unsigned)size);
    *got = count > 0 ? (uint64_t)count : 0;
    if (count >= 0) source->offset += *got;
    int code = Z_OK;
    if (count < 0 || *got < size) (void)gzerror(source->file, &code);
    // A cut .gz gives a short count once, with Z_BUF_ERROR beside it.
    if (count < 0 || code < 0) return source_fail(source, code);
    return true;
}

static bool source_missing(struct source *source, uint64_t missing) {
    return vv_fail(source->ctx, VV_BAD_DATA,
                   "%s: %llu bytes missing at offset %llu%s; download it again", source->path,
                   (unsigned long long)missing, (unsigned long long)source->offset, source->promise);
}

// The payload has been read: nothing may follow, and a .gz must end with its right checksum.
static bool source_end(struct source *source) {
    unsigned char extra;
    uint64_t got;
    if (!source_read(source, &extra, 1, &got)) return false;
    if (got > 0)
        return vv_fail(source->ctx, VV_BAD_DATA,
                       "%s: more bytes follow at offset %llu%s; check that it is the right file",
                       source->path, (unsigned long long)source->offset - 1, source->promise);
    int code = gzclose_r(source->file);
    source->file = NULL;
    return code == Z_OK || source_fail(source, code);
}

static void source_finish(struct source *source) {
    if (source->file) (void)gzclose_r(source->file);
    source->file = NULL;
}

static uint32_t big_endian(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// What a file with that magic holds.
static const char images_kind[] = "images", labels_kind[] = "labels", factors_kind[] = "factors";
static const struct {
    uint32_t magic;
    const char *what;
} kinds[] = {{IDX_IMAGES, images_kind},
             {IDX_COLOURED, images_kind},
             {IDX_LABELS, labels_kind},
             {IDX_FACTORS, factors_kind}};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const char *kind_of(uint32_t magic) {
    for (int i = 0; i < KINDS; i++)
        if (kinds[i].magic == magic) return kinds[i].what;
    return NULL;
}

static bool fail_magic(const struct source *source, uint32_t found, uint32_t magic) {
    const char *what = kind_of(found);
    if (what)
        return vv_fail(source->ctx, VV_BAD_DATA,
                       "%s: begins with 0x%08x at offset 0, and so holds %s where %s belong; put the "
                       "right file in its place",
                       source->path, found, what, kind_of(magic));
    return vv_fail(
        source->ctx, VV_BAD_DATA,
        "%s: begins with 0x%08x at offset 0, not with IDX's 0x%08x; check that it is the right file",
        source->path, found, magic);
}

// Magic, which may be another one of the same kind, and sizes; *rank tells how many.
static bool read_header(struct source *source, uint32_t magic, uint32_t dims[RANK_MAX], uint32_t *rank) {
    unsigned char bytes[4 * RANK_MAX];
    uint64_t got;
    if (!source_read(source, bytes, 4, &got)) return false;
    if (got < 4) return source_missing(source, 4 + 4 * (uint64_t)(magic & 255) - got);
    const uint32_t found = big_endian(bytes);
    if (kind_of(found) != kind_of(magic)) return fail_magic(source, found, magic);
    *rank = found & 255;
    const uint64_t size = 4 * (uint64_t)*rank;
    if (!source_read(source, bytes, size, &got)) return false;
    if (got < size) return source_missing(source, size - got);
    for (uint32_t i = 0; i < *rank; i++) {
        dims[i] = big_endian(bytes + 4 * (size_t)i);
        if (dims[i] == 0)
            return vv_fail(
                source->ctx, VV_BAD_DATA,
                "%s: size %u at offset %u is 0, so the set is empty; check that it is the right file",
                source->path, i, 4 + 4 * i);
    }
    return true;
}

// Memory follows what has arrived (doubling up to `total`): a header that lies cannot take any. Nothing
// may follow, unless only a part of the file is read.
static unsigned char *read_payload(struct source *source, uint64_t total, bool whole) {
    const uint64_t first = 1u << 16, chunk = 1u << 20;
    uint64_t used = 0, room = 0, got = 0;
    unsigned char *bytes = NULL;
    while (used < total) {
        if (used == room) {
            room = room ? 2 * room : first;
            if (room > total) room = total;
            unsigned char *larger = realloc(bytes, (size_t)room);
            if (!larger) {
                (void)vv_fail(source->ctx, VV_FAILED,
                              "%s: out of memory for %llu bytes%s; close other programs, or take a "
                              "smaller set",
                              source->path, (unsigned long long)room, source->promise);
                goto error;
            }
            bytes = larger;
        }
        if (vv_stopped(source->ctx)) goto error;
        uint64_t want = room - used < chunk ? room - used : chunk;
        if (!source_read(source, bytes + used, want, &got)) goto error;
        used += got;
        if (got < want) {
            (void)source_missing(source, total - used);
            goto error;
        }
    }
    if (whole && !source_end(source)) goto error;
    return bytes;
error:
    free(bytes);
    return NULL;
}

// The header: sizes; *total is the bytes that follow.
static bool read_size(struct source *source, struct vv_images *images, uint64_t *total) {
    uint32_t dims[RANK_MAX] = {0}, rank = 0;
    char size[40];
    if (!read_header(source, IDX_IMAGES, dims, &rank)) return false;
    const uint32_t channels = rank == 4 ? dims[3] : 1;
    *images =
        (struct vv_images){.count = dims[0], .height = dims[1], .width = dims[2], .channels = channels};
    vv_images_size(images, size);
    if (channels > CHANNELS_MAX)
        return vv_fail(source->ctx, VV_BAD_DATA,
                       "%s: the header promises %u channels at offset 16, more than the %d that are "
                       "read; check that it is the right file",
                       source->path, channels, CHANNELS_MAX);
    // Sides of 65,536 and four channels cannot overflow; the count can.
    const bool fits = dims[1] <= SIDE_MAX && dims[2] <= SIDE_MAX &&
                      vv_mul_u64(dims[0], vv_images_stride(images), total) && *total <= BYTES_MAX;
    if (!fits)
        return vv_fail(
            source->ctx, VV_BAD_DATA,
            "%s: the header at offset 4 promises %u images of %s, more than the 2 GiB in all or "
            "%d pixels a side that are read; check that it is the right file",
            source->path, dims[0], size, SIDE_MAX);
    (void)snprintf(source->promise, sizeof source->promise, ": the header promises %u images of %s",
                   dims[0], size);
    return true;
}

// A count that is not that of the images.
static bool fail_count(const struct source *source, uint32_t count, const char *what,
                       const char *images_path, const struct vv_images *images) {
    return vv_fail(source->ctx, VV_BAD_DATA,
                   "%s: holds %u %s (offset 4), but %s holds %u images; take both from the same set",
                   source->path, count, what, images_path, images->count);
}

static bool read_labels(struct source *source, const char *images_path, struct vv_images *images) {
    uint32_t count[RANK_MAX] = {0}, rank;
    if (!read_header(source, IDX_LABELS, count, &rank)) return false;
    if (count[0] != images->count) return fail_count(source, count[0], "labels", images_path, images);
    (void)snprintf(source->promise, sizeof source->promise, ": the header promises %u labels", count[0]);
    unsigned char *bytes = read_payload(source, count[0], true);
    free(images->labels);
    images->labels = bytes ? vv_alloc(source->ctx, count[0], sizeof *images->labels) : NULL;
    for (uint32_t i = 0; images->labels && i < count[0]; i++) images->labels[i] = bytes[i];
    free(bytes);
    return images->labels != NULL;
}

// From the file's bytes, in place.
static bool decode_factors(const struct source *source, unsigned char *bytes, uint64_t count,
                           uint32_t factors) {
    for (uint64_t i = 0; i < count; i++) {
        const uint32_t bits = big_endian(bytes + 4 * i);
        if ((bits & 0x7f800000) == 0x7f800000)
            return vv_fail(source->ctx, VV_BAD_DATA,
                           "%s: factor %u of picture %llu, at offset %llu, is not a finite number; "
                           "check that it is the right file",
                           source->path, (unsigned)(i % factors), (unsigned long long)(i / factors),
                           (unsigned long long)(12 + 4 * i));
        memcpy(bytes + 4 * i, &bits, sizeof bits);
    }
    return true;
}

static bool read_factors(struct source *source, const char *images_path, struct vv_images *images) {
    uint32_t dims[RANK_MAX] = {0}, rank;
    if (!read_header(source, IDX_FACTORS, dims, &rank)) return false;
    if (dims[0] != images->count)
        return fail_count(source, dims[0], "rows of factors", images_path, images);
    if (dims[1] > VV_FACTORS_MAX)
        return vv_fail(source->ctx, VV_BAD_DATA,
                       "%s: the header promises %u factors at offset 8, more than the %d that are read; "
                       "check that it is the right file",
                       source->path, dims[1], VV_FACTORS_MAX);
    (void)snprintf(source->promise, sizeof source->promise,
                   ": the header promises %u factors of %u images", dims[1], dims[0]);
    const uint64_t count = (uint64_t)dims[0] * dims[1];
    if (4 * count > BYTES_MAX)
        return vv_fail(source->ctx, VV_BAD_DATA,
                       "%s: the header promises %u factors of %u pictures, more than the 2 GiB that are "
                       "read; check that it is the right file",
                       source->path, dims[1], dims[0]);
    unsigned char *bytes = read_payload(source, 4 * count, true);
    if (!bytes || !decode_factors(source, bytes, count, dims[1])) {
        free(bytes);
        return false;
    }
    free(images->factors);
    images->factors = (float *)(void *)bytes;  // from realloc: aligned for anything
    images->factor_count = dims[1];
    return true;
}

// A file whose header was read; the path behind it.
struct vv_idx_source {
    struct source source;
    uint64_t total;         // bytes of pixels
    unsigned char *pixels;  // NULL: not read yet
    char path[];
};

void vv_idx_close(struct vv_idx_source *from) {
    if (!from) return;
    source_finish(&from->source);
    free(from->pixels);
    free(from);
}

// Whether so many bytes may be in the file: deflate makes one of 1,032 at best. Who knows the sizes
// takes memory by them: a header that cannot be true must not get that far.
static bool may_hold(struct source *source, uint64_t total) {
    const uint64_t ratio = gzdirect(source->file) ? 1 : 1032;
    return total / ratio <= source->bytes;
}

bool vv_idx_open_images(struct vv_context *ctx, const char *path, struct vv_images *images) {
    struct vv_images found;
    const size_t length = strlen(path) + 1;
    struct vv_idx_source *from = vv_alloc(ctx, sizeof *from + length, 1);
    if (!from) return false;
    memcpy(from->path, path, length);
    bool ok =
        source_open(ctx, from->path, &from->source) && read_size(&from->source, &found, &from->total);
    // Finds out what is wrong; but the file may have grown.
    if (ok && !may_hold(&from->source, from->total))
        ok = (from->pixels = read_payload(&from->source, from->total, true)) != NULL;
    if (!ok) {
        vv_idx_close(from);
        return false;
    }
    *images = found;
    images->unread = from;
    return true;
}

void vv_idx_limit(struct vv_images *images, uint32_t limit) {
    if (limit && limit < images->count) images->count = limit;
}

uint32_t vv_idx_count(const struct vv_images *images) {
    return (uint32_t)(images->unread->total / vv_images_stride(images));
}

bool vv_idx_read_pixels(struct vv_context *ctx, struct vv_images *images) {
    struct vv_idx_source *from = images->unread;
    from->source.ctx = ctx;
    const uint64_t wanted = vv_images_stride(images) * images->count;
    images->pixels =
        from->pixels ? from->pixels : read_payload(&from->source, wanted, wanted == from->total);
    from->pixels = NULL;
    images->unread = NULL;
    vv_idx_close(from);
    return images->pixels != NULL;
}

bool vv_idx_read_images(struct vv_context *ctx, const char *path, struct vv_images *images) {
    struct vv_images read;
    if (!vv_idx_open_images(ctx, path, &read) || !vv_idx_read_pixels(ctx, &read)) return false;
    *images = read;
    return true;
}

bool vv_idx_read_labels(struct vv_context *ctx, const char *path, const char *images_path,
                        struct vv_images *images) {
    struct source source;
    const bool ok = source_open(ctx, path, &source) && read_labels(&source, images_path, images);
    source_finish(&source);
    return ok;
}

bool vv_idx_read_factors(struct vv_context *ctx, const char *path, const char *images_path,
                         struct vv_images *images) {
    struct source source;
    const bool ok = source_open(ctx, path, &source) && read_factors(&source, images_path, images);
    source_finish(&source);
    return ok;
}
