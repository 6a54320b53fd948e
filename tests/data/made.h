// Files that tests make: arrays, .zip files of arrays, and what opens them.
#ifndef VV_TESTS_DATA_MADE_H
#define VV_TESTS_DATA_MADE_H

#include <zlib.h>

#include "../temporary.h"
#include "dataset.h"
#include "reading.h"

enum { MADE_ROOM = 4096 };

struct made {
    unsigned char bytes[MADE_ROOM];
    size_t size;
};

static inline void put_bytes(struct made *m, const void *bytes, size_t size) {
    assert_true(m->size + size <= MADE_ROOM);
    memcpy(m->bytes + m->size, bytes, size);
    m->size += size;
}

static inline void put_number(struct made *m, uint64_t number, unsigned size) {
    for (unsigned i = 0; i < size; i++) put_bytes(m, &(unsigned char){(number >> 8 * i) & 255}, 1);
}

// A .npy file of that type and shape, "2, 3".
static inline struct made make_array(const char *type, const char *shape, bool fortran,
                                     const void *numbers, size_t size) {
    char text[128];
    struct made m = {.size = 0};
    const int length =
        snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }\n", type,
                 fortran ? "True" : "False", shape);
    put_bytes(&m, "\x93NUMPY\x01\x00", 8);
    put_number(&m, (uint64_t)length, 2);
    put_bytes(&m, text, (size_t)length);
    put_bytes(&m, numbers, size);
    return m;
}

static inline const char *put_file(struct temporary *t, const char *name, const void *bytes,
                                   size_t size) {
    (void)unlink(path_of(t, name));  // writing over a file takes ext4 much longer
    FILE *stream = fopen(t->path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    assert_int_equal(fclose(stream), 0);
    return t->path;
}

struct member {
    const char *name;
    struct made data;
    uint64_t promised;  // 0: its size
};

// Packed as a .zip has it.
static inline struct made deflated(const struct made *data) {
    struct made packed = {.size = 0};
    z_stream z = {.next_in = (unsigned char *)data->bytes,
                  .avail_in = (uInt)data->size,
                  .next_out = packed.bytes,
                  .avail_out = MADE_ROOM};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    packed.size = MADE_ROOM - z.avail_out;
    assert_int_equal(deflateEnd(&z), Z_OK);
    return packed;
}

static inline struct made make_zip(const struct member *members, unsigned count, bool deflate) {
    struct made zip = {.size = 0}, directory = {.size = 0};
    for (unsigned i = 0; i < count; i++) {
        const struct made *data = &members[i].data, packed = deflate ? deflated(data) : *data;
        const uint64_t size = members[i].promised ? members[i].promised : data->size, at = zip.size;
        const bool large = size > UINT32_MAX;
        const size_t length = strlen(members[i].name);
        for (int central = 0; central < 2; central++) {
            struct made *to = central ? &directory : &zip;
            put_bytes(to, central ? "PK\1\2\x2d\0\x2d\0\0\0" : "PK\3\4\x2d\0\0\0", central ? 10 : 8);
            put_number(to, deflate ? 8 : 0, 2);
            put_number(to, 0, 4);
            put_number(to, crc32(0, data->bytes, (uInt)data->size), 4);
            put_number(to, packed.size, 4);
            put_number(to, large ? UINT32_MAX : size, 4);
            put_number(to, length, 2);
            put_number(to, large ? 12 : 0, 2);
            if (central) put_bytes(to, "\0\0\0\0\0\0\0\0\0", 10);
            if (central) put_number(to, at, 4);
            put_bytes(to, members[i].name, length);
            if (!large) continue;
            put_number(to, 1, 2);
            put_number(to, 8, 2);
            put_number(to, size, 8);
        }
        put_bytes(&zip, packed.bytes, packed.size);
    }
    const uint64_t at = zip.size;
    put_bytes(&zip, directory.bytes, directory.size);
    put_bytes(&zip, "PK\5\6\0\0\0\0", 8);
    put_number(&zip, count, 2);
    put_number(&zip, count, 2);
    put_number(&zip, directory.size, 4);
    put_number(&zip, at, 4);
    put_number(&zip, 0, 2);
    return zip;
}

// reading: NULL: the default.
static inline bool open_set(struct temporary *t, const char *path, const struct vv_reading *reading,
                            struct vv_dataset *set) {
    char kept[PATH_ROOM];
    (void)snprintf(kept, sizeof kept, "%s", path);
    if (!vv_dataset_find(&t->ctx, kept, NULL, reading, set)) return false;
    if (vv_dataset_read(&t->ctx, NULL, set)) return true;
    vv_dataset_finish(set);
    return false;
}

// What opens is closed again: for files that may be anything.
static inline bool try_set(struct temporary *t, const char *path, const struct vv_reading *reading) {
    struct vv_dataset set;
    const bool ok = open_set(t, path, reading, &set);
    assert_true(ok || t->ctx.status == VV_BAD_DATA || t->ctx.status == VV_USAGE);
    vv_clear(&t->ctx);
    if (ok) vv_dataset_finish(&set);
    return ok;
}

// Every file that is cut off is refused; those of which one byte is another are read or refused.
static inline void assert_robust(struct temporary *t, const char *name, const struct made *file,
                                 const struct vv_reading *reading, size_t step) {
    struct made other = *file;
    for (size_t size = 0; size < file->size; size += step)
        assert_false(try_set(t, put_file(t, name, file->bytes, size), reading));
    for (size_t i = 0; i < file->size; i += step) {
        for (unsigned bit = 0; bit < 8; bit += 3) {
            other.bytes[i] = (unsigned char)(file->bytes[i] ^ 1U << bit);
            (void)try_set(t, put_file(t, name, other.bytes, other.size), reading);
        }
        other.bytes[i] = file->bytes[i];
    }
}

#endif
