// APPNOTE.TXT - .ZIP File Format Specification, 6.3.10: sections 4.3.7 (local header), 4.3.12
// (directory), 4.3.14 to 4.3.16 (its end), 4.5.3 (zip64's sizes).
#include "zip.h"

#include "size.h"

#include <string.h>

enum {
    LOCAL = 30,
    ENTRY = 46,
    END = 22,
    END64 = 56,
    LOCATOR64 = 20,
    COMMENT_MAX = 65535,
    STORED = 0,
    DEFLATED = 8,
    ENCRYPTED = 1,
    ZIP64 = 1,
    RATIO_MAX = 256
};

#define UNSUSPICIOUS        (UINT64_C(1) << 30)
#define DIRECTORY_MAX       (UINT64_C(1) << 26)
#define LOCAL_SIGNATURE     "PK\3\4"
#define ENTRY_SIGNATURE     "PK\1\2"
#define END_SIGNATURE       "PK\5\6"
#define END64_SIGNATURE     "PK\6\6"
#define LOCATOR64_SIGNATURE "PK\6\7"

static uint64_t number(const unsigned char *bytes, uint32_t size) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < size; i++) value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static bool is_signed(const unsigned char *bytes, const char *signature) {
    return memcmp(bytes, signature, 4) == 0;
}

static bool refuse(const struct vv_zip *zip, const char *what, uint64_t offset) {
    return vv_fail(zip->file.ctx, VV_BAD_DATA,
                   "%s: is no sound .npz file: %s at offset %llu; save it anew with numpy.savez",
                   zip->file.name, what, (unsigned long long)offset);
}

// Any place of the file; the caller knows that it is inside.
static bool read_at(struct vv_zip *zip, uint64_t at, void *bytes, uint64_t count) {
    zip->file.at = zip->file.offset = at;
    return vv_source_read(&zip->file, bytes, count);
}

struct directory {
    uint64_t at, size, count;
};

// Where 32 bits do not suffice: a record whose place stands right before the end.
static bool find_end64(struct vv_zip *zip, uint64_t end, struct directory *d) {
    unsigned char b[END64];
    if (end < LOCATOR64) return true;
    if (!read_at(zip, end - LOCATOR64, b, LOCATOR64)) return false;
    if (!is_signed(b, LOCATOR64_SIGNATURE)) return true;
    const uint64_t at = number(b + 8, 8);
    if (at > end - LOCATOR64 || end - LOCATOR64 - at < END64)
        return refuse(zip, "a directory that lies elsewhere", end - LOCATOR64);
    if (!read_at(zip, at, b, END64)) return false;
    if (!is_signed(b, END64_SIGNATURE)) return refuse(zip, "something else than a directory's end", at);
    *d = (struct directory){
        .at = number(b + 48, 8), .size = number(b + 40, 8), .count = number(b + 32, 8)};
    return true;
}

// The end of the directory is followed by a comment, which may be of any length.
static bool find_directory(struct vv_arena *arena, struct vv_zip *zip, struct directory *d) {
    const uint64_t size = zip->file.size, most = END + COMMENT_MAX, tail = size < most ? size : most;
    unsigned char *bytes = vv_arena_alloc(arena, tail + 1, 1);
    if (!bytes || !read_at(zip, size - tail, bytes, tail)) return false;
    for (uint64_t back = END; back <= tail; back++) {
        const unsigned char *b = bytes + tail - back;
        const uint64_t end = size - back;
        if (!is_signed(b, END_SIGNATURE) || number(b + 20, 2) != back - END) continue;
        *d = (struct directory){
            .at = number(b + 16, 4), .size = number(b + 12, 4), .count = number(b + 10, 2)};
        if (!find_end64(zip, end, d)) return false;
        if (d->at <= end && d->size <= end - d->at && d->size <= DIRECTORY_MAX && d->count <= 65535)
            return true;
        return refuse(zip, "a directory that lies elsewhere", end);
    }
    return refuse(zip, "no directory", size);
}

// The extra field has, of those sizes that did not fit into 32 bits, 64 bits each, in this order.
static bool read_zip64(const unsigned char *extra, uint64_t length, struct vv_zip_member *m) {
    uint64_t *const wanted[] = {&m->size, &m->packed, &m->at};
    while (length >= 4) {
        const uint64_t id = number(extra, 2), field = number(extra + 2, 2);
        extra += 4;
        length -= 4;
        if (field > length) return false;
        uint64_t used = 0;
        for (int i = 0; id == ZIP64 && i < 3; i++) {
            if (*wanted[i] != UINT32_MAX) continue;
            if (field - used < 8) return false;
            *wanted[i] = number(extra + used, 8);
            used += 8;
        }
        extra += field;
        length -= field;
    }
    return true;
}

// Returns the entry's length; 0: it is not sound.
static uint64_t read_entry(struct vv_arena *arena, const unsigned char *b, uint64_t left,
                           struct vv_zip_member *m) {
    if (left < ENTRY || !is_signed(b, ENTRY_SIGNATURE)) return 0;
    const uint64_t name = number(b + 28, 2), extra = number(b + 30, 2), comment = number(b + 32, 2);
    const uint64_t length = ENTRY + name + extra + comment;
    if (length > left) return 0;
    *m = (struct vv_zip_member){.flags = (uint32_t)number(b + 8, 2),
                                .method = (uint32_t)number(b + 10, 2),
                                .crc = (uint32_t)number(b + 16, 4),
                                .packed = number(b + 20, 4),
                                .size = number(b + 24, 4),
                                .at = number(b + 42, 4)};
    char *text = vv_arena_printf(arena, "%.*s", (int)name, (const char *)b + ENTRY);
    m->name = text;
    for (; text && *text; text++)
        if (*text < ' ' || *text > '~') *text = '?';  // it may stand in a message
    return m->name && read_zip64(b + ENTRY + name, extra, m) ? length : 0;
}

static bool read_directory(struct vv_arena *arena, struct vv_zip *zip, const struct directory *d) {
    unsigned char *bytes = vv_arena_alloc(arena, d->size + 1, 1);
    uint64_t used = 0;
    if (d->count > d->size / ENTRY) return refuse(zip, "too short a directory", d->at);
    zip->members = vv_arena_alloc(arena, d->count + 1, sizeof *zip->members);
    if (!bytes || !zip->members || !read_at(zip, d->at, bytes, d->size)) return false;
    for (; zip->count < d->count; zip->count++) {
        const uint64_t length =
            read_entry(arena, bytes + used, d->size - used, &zip->members[zip->count]);
        if (arena->ctx->status != VV_OK) return false;
        if (length == 0) return refuse(zip, "a damaged directory", d->at + used);
        used += length;
    }
    return true;
}

bool vv_zip_open(struct vv_arena *arena, const char *path, struct vv_zip *zip) {
    struct directory d = {0};
    *zip = (struct vv_zip){0};
    if (!vv_source_open(arena->ctx, path, &zip->file)) return false;
    return find_directory(arena, zip, &d) && read_directory(arena, zip, &d);
}

void vv_zip_close(struct vv_zip *zip) {
    vv_source_close(&zip->file);
    *zip = (struct vv_zip){0};
}

// Behind its own header, whose sizes may be missing: those of the directory count.
static bool find_data(struct vv_zip *zip, const struct vv_zip_member *m, uint64_t *at) {
    unsigned char b[LOCAL];
    const uint64_t size = zip->file.size;
    if (m->at > size || size - m->at < LOCAL) return refuse(zip, "a member that lies elsewhere", m->at);
    if (!read_at(zip, m->at, b, LOCAL)) return false;
    const uint64_t header = LOCAL + number(b + 26, 2) + number(b + 28, 2);
    if (!is_signed(b, LOCAL_SIGNATURE)) return refuse(zip, "something else than a member", m->at);
    if (header > size - m->at || m->packed > size - m->at - header)
        return refuse(zip, "a member that is cut off", m->at);
    *at = m->at + header;
    return true;
}

bool vv_zip_open_member(struct vv_arena *arena, struct vv_zip *zip, const struct vv_zip_member *m,
                        struct vv_source *source) {
    uint64_t at = 0;
    if (!find_data(zip, m, &at)) return false;
    const bool deflated = m->method == DEFLATED;
    if ((!deflated && m->method != STORED) || m->flags & ENCRYPTED)
        return refuse(zip, m->flags & ENCRYPTED ? "an encrypted member" : "a member of unknown packing",
                      m->at);
    if (!deflated && m->packed != m->size) return refuse(zip, "a member of two sizes", m->at);
    if (m->size > UNSUSPICIOUS && m->size / RATIO_MAX > m->packed)
        return vv_fail(arena->ctx, VV_BAD_DATA,
                       "%s(%.100s): %llu bytes are to become %llu, as no pictures do; save it anew with "
                       "numpy.savez",
                       zip->file.name, m->name, (unsigned long long)m->packed,
                       (unsigned long long)m->size);
    *source = (struct vv_source){.name = vv_arena_printf(arena, "%s(%s)", zip->file.name, m->name),
                                 .size = m->size,
                                 .packed = m->packed,
                                 .at = at,
                                 .end = at + m->packed,
                                 .expected = m->crc};
    return source->name && vv_source_open_member(arena->ctx, source, zip->file.descriptor, deflated);
}
