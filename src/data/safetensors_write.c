#include "file.h"
#include "safetensors_format.h"
#include "size.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct text {
    char *bytes;
    size_t used, room;
    bool failed;
};

static void put_bytes(struct text *text, const char *bytes, size_t size) {
    if (size > text->room - text->used && !text->failed) {
        size_t room = 2 * (text->room + size) + 1024;
        char *larger = realloc(text->bytes, room);
        text->failed = !larger;
        if (larger) text->bytes = larger, text->room = room;
    }
    if (text->failed) return;
    memcpy(text->bytes + text->used, bytes, size);
    text->used += size;
}

static void put(struct text *text, const char *bytes) {
    put_bytes(text, bytes, strlen(bytes));
}

static void put_number(struct text *text, uint64_t value) {
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    put(text, digits);
}

// Quoted. Bytes from 0x80 on stay as they are: UTF-8 is the caller's business.
static void put_string(struct text *text, const char *string) {
    put(text, "\"");
    for (const char *c = string; *c; c++) {
        char escape[8];
        if ((unsigned char)*c < ' ') {
            (void)snprintf(escape, sizeof escape, "\\u%04x", (unsigned)*c);
            put(text, escape);
        } else {
            if (*c == '"' || *c == '\\') put(text, "\\");
            put_bytes(text, c, 1);
        }
    }
    put(text, "\"");
}

static void put_tensor(struct text *text, const struct vv_tensor *tensor, uint64_t begin) {
    put_string(text, tensor->name);
    put(text, ":{\"dtype\":\"");
    put(text, vv_st_dtypes[tensor->dtype].name);
    put(text, "\",\"shape\":[");
    for (uint32_t i = 0; i < tensor->rank; i++) {
        if (i > 0) put(text, ",");
        put_number(text, tensor->dim[i]);
    }
    put(text, "],\"data_offsets\":[");
    put_number(text, begin);
    put(text, ",");
    put_number(text, begin + vv_tensor_bytes(tensor));
    put(text, "]}");
}

struct writing {
    struct vv_context *ctx;
    const char *path;
    const struct vv_tensor *tensors, **order;  // as given; as their data come
    uint64_t *begin;                           // tensors[i]'s data, from the end of the header
    const struct vv_meta *meta;
    uint32_t count, meta_count;
    struct text header;  // with the length before it
    size_t digits;       // where those of the checksum stand
};

// Such a file could be written but not read again.
static bool check_names(const struct writing *w) {
    const char **scratch = vv_alloc(w->ctx, (uint64_t)w->count + w->meta_count, sizeof *scratch);
    if (!scratch) return false;
    const char *name = vv_st_same_name(w->tensors, scratch, w->count);
    const char *key = vv_st_same_key(w->meta, scratch, w->meta_count);
    free(scratch);
    for (uint32_t i = 0; i < w->count; i++) assert(strcmp(w->tensors[i].name, VV_ST_META) != 0);
    for (uint32_t i = 0; i < w->meta_count; i++) assert(strcmp(w->meta[i].key, VV_ST_CHECKSUM) != 0);
    if (!name && !key) return true;
    return vv_fail(w->ctx, VV_USAGE, "%s: not written: two %s are named '%s'; rename one", w->path,
                   name ? "tensors" : "entries of its metadata", name ? name : key);
}

// The format forbids gaps: with wide elements first, each tensor is aligned to its elements without any.
static bool lay_out(struct writing *w) {
    uint64_t end = 0, bytes;
    uint32_t placed = 0;
    w->order = vv_alloc(w->ctx, w->count, sizeof(const struct vv_tensor *));
    w->begin = vv_alloc(w->ctx, w->count, sizeof *w->begin);
    if (!w->order || !w->begin) return false;
    for (uint32_t width = 8; width > 0; width /= 2) {
        for (uint32_t i = 0; i < w->count; i++) {
            const struct vv_tensor *tensor = &w->tensors[i];
            assert(tensor->rank <= VV_TENSOR_RANK && (uint32_t)tensor->dtype < VV_ST_DTYPES);
            if (vv_st_dtypes[tensor->dtype].size != width) continue;
            w->begin[i] = end;
            w->order[placed++] = tensor;
            if (!vv_st_bytes(tensor, &bytes) || !vv_add_u64(end, bytes, &end))
                return vv_fail(w->ctx, VV_USAGE,
                               "%s: not written: the size of tensor '%s' overflows 64 bits; split it",
                               w->path, tensor->name);
        }
    }
    return true;
}

// Zeros stand for the length and the checksum as yet.
static bool compose(struct writing *w) {
    struct text *text = &w->header;
    put_bytes(text, "\0\0\0\0\0\0\0", VV_ST_PREFIX);
    put(text, "{\"" VV_ST_META "\":{");
    for (uint32_t i = 0; i < w->meta_count; i++) {
        put_string(text, w->meta[i].key);
        put(text, ":");
        put_string(text, w->meta[i].value);
        put(text, ",");
    }
    put(text, "\"" VV_ST_CHECKSUM "\":\"" VV_ST_SUM_PREFIX);
    w->digits = text->used;
    put(text, VV_ST_SUM_ZERO "\"}");
    for (uint32_t i = 0; i < w->count; i++) {
        put(text, ",");
        put_tensor(text, &w->tensors[i], w->begin[i]);
    }
    put(text, "}");
    while (text->used % 8 != 0 && !text->failed) put(text, " ");
    if (text->failed)
        return vv_fail(w->ctx, VV_FAILED, "%s: out of memory for its header; close other programs",
                       w->path);
    uint64_t length = text->used - VV_ST_PREFIX;
    if (length > VV_ST_HEADER_MAX)
        return vv_fail(
            w->ctx, VV_USAGE,
            "%s: not written: a header of %llu bytes could not be read again; make it at most %d",
            w->path, (unsigned long long)length, VV_ST_HEADER_MAX);
    memcpy(text->bytes, &length, VV_ST_PREFIX);
    return true;
}

static void put_checksum(struct writing *w) {
    char digits[24];
    uLong sum = crc32_z(0, (const unsigned char *)w->header.bytes, w->header.used);
    for (uint32_t i = 0; i < w->count; i++) {
        uint64_t bytes = vv_tensor_bytes(w->order[i]);
        // crc32_z starts anew for a NULL, which a tensor without elements may have.
        if (bytes > 0) sum = crc32_z(sum, w->order[i]->data, (size_t)bytes);
    }
    (void)snprintf(digits, sizeof digits, VV_ST_SUM_FORMAT, sum);
    memcpy(w->header.bytes + w->digits, digits, VV_ST_SUM_DIGITS);
}

static bool write_out(const struct writing *w, const char *previous) {
    struct vv_writer writer;
    if (!vv_writer_open(w->ctx, w->path, &writer)) return false;
    bool ok = vv_writer_write(&writer, w->header.bytes, w->header.used);
    for (uint32_t i = 0; ok && i < w->count; i++)
        ok = vv_writer_write(&writer, w->order[i]->data, vv_tensor_bytes(w->order[i]));
    // After a failed write, commit only cleans up.
    return previous ? vv_writer_commit_keeping(&writer, previous) : vv_writer_commit(&writer);
}

bool vv_safetensors_write(struct vv_context *ctx, const char *path, const char *previous,
                          const struct vv_tensor *tensors, uint32_t count, const struct vv_meta *meta,
                          uint32_t meta_count) {
    struct writing w = {.ctx = ctx,
                        .path = path,
                        .tensors = tensors,
                        .count = count,
                        .meta = meta,
                        .meta_count = meta_count};
    bool ok = check_names(&w) && lay_out(&w) && compose(&w);
    if (ok) put_checksum(&w);
    ok = ok && write_out(&w, previous);
    free(w.header.bytes);
    free(w.begin);
    free((void *)w.order);
    return ok;
}
