#include "source.h"

#include "file.h"
#include "size.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { PIECE = 1 << 16 };

struct vv_inflating {
    z_stream stream;
    bool ended;
    unsigned char packed[PIECE];
};

bool vv_source_open(struct vv_context *ctx, const char *path, struct vv_source *source) {
    *source = (struct vv_source){.ctx = ctx, .name = path};
    if (!vv_file_open(ctx, path, &source->descriptor, &source->size)) return false;
    source->packed = source->end = source->size;
    return true;
}

bool vv_source_open_member(struct vv_context *ctx, struct vv_source *source, int descriptor,
                           bool deflated) {
    source->ctx = ctx;
    source->checked = true;
    source->borrowed = true;
    source->descriptor = descriptor;
    if (!deflated) return true;
    source->inflating = vv_alloc(ctx, 1, sizeof *source->inflating);
    if (!source->inflating) return false;
    // A window of 2^15 bytes, and no header: as a .zip has it.
    if (inflateInit2(&source->inflating->stream, -15) == Z_OK) return true;
    free(source->inflating);
    source->inflating = NULL;
    return vv_fail(ctx, VV_FAILED, "%s: out of memory while it is read; close other programs",
                   source->name);
}

// Up to `count` bytes of the file; none at its end.
static bool read_file(struct vv_source *s, void *bytes, uint64_t count, uint64_t *got) {
    const uint64_t left = s->end - s->at, most = 1 << 24;
    if (count > left) count = left;
    if (count > most) count = most;
    ssize_t n;
    do n = pread(s->descriptor, bytes, (size_t)count, (off_t)s->at);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return vv_fail(
            s->ctx, VV_BAD_DATA,
            "%s: cannot be read at offset %llu (%s); see to its disk, or restore it from a copy",
            s->name, (unsigned long long)s->at, strerror(errno));
    *got = (uint64_t)n;
    s->at += *got;
    return true;
}

static bool damaged(const struct vv_source *s) {
    return vv_fail(s->ctx, VV_BAD_DATA,
                   "%s: is damaged near unpacked offset %llu; save it anew, or restore it from a copy",
                   s->name, (unsigned long long)s->offset);
}

// One step of unpacking; *got 0: the packed bytes, or what they make, have ended.
static bool unpack(struct vv_source *s, void *bytes, uint64_t count, uint64_t *got) {
    z_stream *z = &s->inflating->stream;
    if (z->avail_in == 0) {
        uint64_t more;
        if (!read_file(s, s->inflating->packed, PIECE, &more)) return false;
        z->next_in = s->inflating->packed;
        z->avail_in = (uInt)more;
    }
    const uInt room = count > PIECE ? PIECE : (uInt)count;
    z->next_out = bytes;
    z->avail_out = room;
    const int code = inflate(z, Z_NO_FLUSH);
    *got = room - z->avail_out;
    s->inflating->ended = code == Z_STREAM_END;
    // No progress is what the end of the packed bytes looks like.
    return code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR || damaged(s);
}

bool vv_source_read(struct vv_source *s, void *bytes, uint64_t count) {
    unsigned char *to = bytes;
    while (count) {
        uint64_t got = 0;
        const uint64_t before = s->at;
        if (vv_stopped(s->ctx)) return false;
        if (!(s->inflating ? unpack : read_file)(s, to, count, &got)) return false;
        if (got == 0 && s->at == before)
            return vv_fail(s->ctx, VV_BAD_DATA,
                           "%s: %llu bytes missing at offset %llu; save it anew, or restore it from a "
                           "copy",
                           s->name, (unsigned long long)count, (unsigned long long)s->offset);
        if (s->checked) s->crc = (uint32_t)crc32_z(s->crc, to, got);
        s->offset += got;
        to += got;
        count -= got;
    }
    return true;
}

// The end may need packed bytes that make no more.
static bool unpack_end(struct vv_source *s) {
    const struct vv_inflating *i = s->inflating;
    while (!i->ended) {
        unsigned char extra;
        uint64_t got;
        const uint64_t before = s->at;
        if (!unpack(s, &extra, 1, &got)) return false;
        if (got || (!i->ended && s->at == before)) return damaged(s);
    }
    return (i->stream.avail_in == 0 && s->at == s->end) || damaged(s);
}

bool vv_source_end(struct vv_source *s) {
    if (!s->checked) return true;
    if (s->inflating && !unpack_end(s)) return false;
    return s->crc == s->expected || damaged(s);
}

void vv_source_close(struct vv_source *s) {
    if (s->inflating) (void)inflateEnd(&s->inflating->stream);
    free(s->inflating);
    s->inflating = NULL;
    if (s->ctx && !s->borrowed && s->descriptor >= 0) (void)close(s->descriptor);
    s->descriptor = -1;
}
