// APPNOTE.TXT - .ZIP File Format Specification, 6.3.10: sections 4.3.7 (local header), 4.3.12
// (directory), 4.3.14 to 4.3.16 (its end), 4.5.3 (zip64's sizes).
#include "npz_write.h"

#include "arena.h"
#include "file.h"
#include "npy_header.h"
#include "safetensors_format.h"

#include <assert.h>
#include <string.h>
#include <zlib.h>

enum {
    HEADER_ROOM = 128 + VV_NPZ_NAME,
    MOST = 65535,
    VERSION = 45,   // that knows zip64
    DATE = 0x0021,  // 1 January 1980, the first there is: the same bytes at any time
    UTF8 = 1 << 11
};

struct member {
    const struct vv_tensor *array;
    const char *name;  // with .npy
    unsigned char npy[VV_NPY_ROOM];
    size_t npy_length;
    uint64_t size, at;  // of header and numbers; where its local header is
    uint32_t crc;
};

struct bytes {
    unsigned char data[HEADER_ROOM];
    size_t used;
};

static void put(struct bytes *b, uint32_t size, uint64_t value) {
    assert(b->used + size <= sizeof b->data);
    for (uint32_t i = 0; i < size; i++) b->data[b->used++] = (unsigned char)(value >> 8 * i);
}

static void put_text(struct bytes *b, const char *text, size_t length) {
    assert(b->used + length <= sizeof b->data);
    memcpy(b->data + b->used, text, length);
    b->used += length;
}

// What the local header and the directory's entry have in common: from the version needed to the length
// of the name. The sizes are in the extra field.
static void put_common(struct bytes *b, const struct member *m) {
    put(b, 2, VERSION);
    put(b, 2, UTF8);
    put(b, 2, 0);  // stored
    put(b, 2, 0);  // midnight
    put(b, 2, DATE);
    put(b, 4, m->crc);
    put(b, 4, UINT32_MAX);
    put(b, 4, UINT32_MAX);
    put(b, 2, strlen(m->name));
}

static void put_sizes(struct bytes *b, const struct member *m, uint32_t fields) {
    put(b, 2, 1);
    put(b, 2, 8 * (uint64_t)fields);
    put(b, 8, m->size);
    put(b, 8, m->size);
    if (fields == 3) put(b, 8, m->at);
}

static bool write_member(struct vv_writer *writer, struct member *m) {
    struct bytes b = {.used = 0};
    m->at = writer->size;
    put_text(&b, "PK\3\4", 4);
    put_common(&b, m);
    put(&b, 2, 4 + 16);
    put_text(&b, m->name, strlen(m->name));
    put_sizes(&b, m, 2);
    const uint64_t numbers = vv_tensor_bytes(m->array);
    return vv_writer_write(writer, b.data, b.used) && vv_writer_write(writer, m->npy, m->npy_length) &&
           (numbers == 0 || vv_writer_write(writer, m->array->data, numbers));
}

static bool write_entry(struct vv_writer *writer, const struct member *m) {
    struct bytes b = {.used = 0};
    put_text(&b, "PK\1\2", 4);
    put(&b, 2, VERSION);
    put_common(&b, m);
    put(&b, 2, 4 + 24);
    put(&b, 2, 0);           // no comment
    put(&b, 2, 0);           // the first disk
    put(&b, 2, 0);           // no text
    put(&b, 4, 0);           // no attributes
    put(&b, 4, UINT32_MAX);  // at: in the extra field
    put_text(&b, m->name, strlen(m->name));
    put_sizes(&b, m, 3);
    return vv_writer_write(writer, b.data, b.used);
}

static bool write_end(struct vv_writer *writer, uint64_t at, uint32_t count) {
    struct bytes b = {.used = 0};
    const uint64_t end = writer->size;
    put_text(&b, "PK\6\6", 4);
    put(&b, 8, 44);  // bytes of this record that follow
    put(&b, 2, VERSION);
    put(&b, 2, VERSION);
    put(&b, 8, 0);  // the first disk, twice
    put(&b, 8, count);
    put(&b, 8, count);
    put(&b, 8, end - at);
    put(&b, 8, at);
    put_text(&b, "PK\6\7", 4);
    put(&b, 4, 0);
    put(&b, 8, end);
    put(&b, 4, 1);  // one disk
    put_text(&b, "PK\5\6", 4);
    put(&b, 4, 0);
    put(&b, 2, count);
    put(&b, 2, count);
    put(&b, 4, UINT32_MAX);
    put(&b, 4, UINT32_MAX);
    put(&b, 2, 0);  // no comment
    return vv_writer_write(writer, b.data, b.used);
}

static bool write_all(struct vv_context *ctx, const char *path, struct member *members, uint32_t count) {
    struct vv_writer writer;
    if (!vv_writer_open(ctx, path, &writer)) return false;
    bool ok = true;
    for (uint32_t i = 0; ok && i < count; i++) ok = write_member(&writer, &members[i]);
    const uint64_t at = writer.size;
    for (uint32_t i = 0; ok && i < count; i++) ok = write_entry(&writer, &members[i]);
    ok = ok && write_end(&writer, at, count);
    // After a failed write, commit only cleans up.
    return vv_writer_commit(&writer) && ok;
}

static const char *const types[] = {
    [VV_DTYPE_F32] = "<f4", [VV_DTYPE_F64] = "<f8", [VV_DTYPE_U64] = "<u8",
    [VV_DTYPE_I64] = "<i8", [VV_DTYPE_U32] = "<u4", [VV_DTYPE_U8] = "|u1",
    [VV_DTYPE_F16] = "<f2", [VV_DTYPE_BF16] = NULL,  // which NumPy does not have
};

static bool describe(struct vv_arena *arena, const struct vv_tensor *array, struct member *m) {
    assert(array->rank <= VV_TENSOR_RANK && types[array->dtype] &&
           strlen(array->name) <= VV_NPZ_NAME - 4);
    *m = (struct member){.array = array, .name = vv_arena_printf(arena, "%s.npy", array->name)};
    m->npy_length = vv_npy_header(m->npy, types[array->dtype], array->dim, array->rank);
    m->size = m->npy_length + vv_tensor_bytes(array);
    return m->name != NULL;
}

static void sum(struct member *m) {
    const uint64_t numbers = vv_tensor_bytes(m->array);
    uLong crc = crc32_z(0, m->npy, m->npy_length);
    // crc32_z starts anew for a NULL, which an array without elements may have.
    if (numbers > 0) crc = crc32_z(crc, m->array->data, (size_t)numbers);
    m->crc = (uint32_t)crc;
}

bool vv_npz_write(struct vv_context *ctx, const char *path, const struct vv_tensor *arrays,
                  uint32_t count) {
    assert(count <= MOST);
    struct vv_arena arena;
    vv_arena_init(&arena, ctx);
    struct member *members = vv_arena_alloc(&arena, (uint64_t)count + 1, sizeof *members);
    bool ok = members != NULL;
    for (uint32_t i = 0; ok && i < count; i++) {
        ok = describe(&arena, &arrays[i], &members[i]);
        if (ok) sum(&members[i]);
    }
    ok = ok && write_all(ctx, path, members, count);
    vv_arena_finish(&arena);
    return ok;
}
