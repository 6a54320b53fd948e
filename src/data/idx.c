#include "idx.h"

#include "file.h"
#include "size.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { IDX_IMAGES = 0x803, IDX_LABELS = 0x801, IDX_SIDE_MAX = 65536 };

#define IDX_BYTES_MAX (UINT64_C(1) << 31)

// zlib reads a plain file through the same calls; offsets count unpacked bytes.
struct source {
    struct vv_context *ctx;
    const char *path;
    gzFile file;
    uint64_t offset;
    char promise[96];  // what the header said, for messages: " (the header promises 9 images of 4x4)"
};

static bool source_open(struct vv_context *ctx, const char *path, struct source *source) {
    *source = (struct source){.ctx = ctx, .path = path};
    struct stat info;
    if (stat(path, &info) != 0)
        return vv_fail(ctx, VV_BAD_DATA, "%s: cannot be opened (%s); check the path", path,
                       strerror(errno));
    if (!S_ISREG(info.st_mode))
        return vv_fail(ctx, VV_BAD_DATA, "%s: is %s; an IDX file is needed here", path,
                       S_ISDIR(info.st_mode) ? "a folder" : "not a regular file");
    errno = 0;
    source->file = gzopen(path, "rb");
    if (!source->file)
        return vv_fail(ctx, VV_BAD_DATA, "%s: cannot be opened (%s); check its permissions", path,
                       errno ? strerror(errno) : "out of memory");
    (void)gzbuffer(source->file, 1u << 17);
    return true;
}

static bool source_fail(struct source *source, int code) {
    unsigned long long offset = source->offset;
    if (code == Z_BUF_ERROR)
        return vv_fail(source->ctx, VV_BAD_DATA,
                       "%s: the .gz is cut off after %llu unpacked bytes%s; download it again",
                       source->path, offset, source->promise);
    if (code == Z_MEM_ERROR)
        return vv_fail(source->ctx, VV_FAILED, "%s: out of memory while unpacking", source->path);
    if (code == Z_ERRNO)
        return vv_fail(source->ctx, VV_BAD_DATA, "%s: cannot be read at offset %llu (%s)", source->path,
                       offset, strerror(errno));
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
                       "%s: more bytes follow at offset %llu%s; is it the right file?", source->path,
                       (unsigned long long)source->offset - 1, source->promise);
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

// Magic and 1 or 3 sizes.
static bool read_header(struct source *source, uint32_t magic, uint32_t *dims) {
    unsigned char bytes[16];
    const uint32_t rank = magic & 255, size = 4 + 4 * rank;
    uint64_t got;
    if (!source_read(source, bytes, size, &got)) return false;
    if (got < size) return source_missing(source, size - got);
    uint32_t found = big_endian(bytes);
    if (found != magic) {
        const char *hint = "is it the right file?";
        if (found == IDX_LABELS) hint = "it holds labels where images belong";
        if (found == IDX_IMAGES) hint = "it holds images where labels belong";
        return vv_fail(source->ctx, VV_BAD_DATA,
                       "%s: begins with 0x%08x at offset 0, not with IDX's 0x%08x; %s", source->path,
                       found, magic, hint);
    }
    for (uint32_t i = 0; i < rank; i++) {
        dims[i] = big_endian(bytes + 4 + 4 * i);
        if (dims[i] == 0)
            return vv_fail(source->ctx, VV_BAD_DATA,
                           "%s: size %u at offset %u is 0, so the set is empty; is it the right file?",
                           source->path, i, 4 + 4 * i);
    }
    return true;
}

// Memory follows what has arrived (doubling up to `total`): a header that lies cannot take any.
static unsigned char *read_payload(struct source *source, uint64_t total) {
    const uint64_t chunk = 1u << 20;
    uint64_t used = 0, room = 0, got = 0;
    unsigned char *bytes = NULL;
    while (used < total) {
        if (used == room) {
            room = room ? 2 * room : chunk;
            if (room > total) room = total;
            unsigned char *larger = realloc(bytes, (size_t)room);
            if (!larger) {
                (void)vv_fail(source->ctx, VV_FAILED, "%s: out of memory: %llu bytes%s", source->path,
                              (unsigned long long)room, source->promise);
                goto error;
            }
            bytes = larger;
        }
        uint64_t want = room - used < chunk ? room - used : chunk;
        if (!source_read(source, bytes + used, want, &got)) goto error;
        used += got;
        if (got < want) {
            (void)source_missing(source, total - used);
            goto error;
        }
    }
    if (!source_end(source)) goto error;
    return bytes;
error:
    free(bytes);
    return NULL;
}

bool vv_idx_read_images(struct vv_context *ctx, const char *path, struct vv_images *images) {
    struct source source;
    uint32_t dims[3] = {0};
    uint64_t total = 0;
    bool fits;
    unsigned char *pixels = NULL;
    if (!source_open(ctx, path, &source)) goto error;
    if (!read_header(&source, IDX_IMAGES, dims)) goto error;
    fits = dims[1] <= IDX_SIDE_MAX && dims[2] <= IDX_SIDE_MAX;
    // A side of 65,536 at most twice cannot overflow; the count can.
    fits = fits && vv_mul_u64(dims[0], (uint64_t)dims[1] * dims[2], &total) && total <= IDX_BYTES_MAX;
    if (!fits) {
        (void)vv_fail(
            ctx, VV_BAD_DATA,
            "%s: the header at offset 4 promises %u images of %ux%u, more than the 2 GiB in all or "
            "%d pixels a side that are read; is it the right file?",
            path, dims[0], dims[1], dims[2], IDX_SIDE_MAX);
        goto error;
    }
    (void)snprintf(source.promise, sizeof source.promise, ": the header promises %u images of %ux%u",
                   dims[0], dims[1], dims[2]);
    pixels = read_payload(&source, total);
    if (!pixels) goto error;
    *images = (struct vv_images){
        .count = dims[0], .height = dims[1], .width = dims[2], .channels = 1, .pixels = pixels};
    return true;
error:
    source_finish(&source);
    return false;
}

bool vv_idx_read_labels(struct vv_context *ctx, const char *path, const char *images_path,
                        struct vv_images *images) {
    struct source source;
    uint32_t count = 0;
    unsigned char *labels = NULL;
    if (!source_open(ctx, path, &source)) goto error;
    if (!read_header(&source, IDX_LABELS, &count)) goto error;
    if (count != images->count) {
        (void)vv_fail(
            ctx, VV_BAD_DATA,
            "%s: holds %u labels (offset 4), but %s holds %u images; take both from the same set", path,
            count, images_path, images->count);
        goto error;
    }
    (void)snprintf(source.promise, sizeof source.promise, ": the header promises %u labels", count);
    labels = read_payload(&source, count);
    if (!labels) goto error;
    free(images->labels);
    images->labels = labels;
    return true;
error:
    source_finish(&source);
    return false;
}
