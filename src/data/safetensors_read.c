#include "file.h"
#include "safetensors_format.h"
#include "size.h"

#include <cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct reading {
    struct vv_context *ctx;
    const char *path;
    const unsigned char *bytes;
    uint64_t size;
    uint64_t json_end;  // offset after the header's last '}'; spaces follow
    uint64_t data;      // offset of the data
    struct vv_safetensors file;
};

static bool damaged(const struct reading *r, const char *format, ...) VV_PRINTF(2, 3);
static bool unsupported(const struct reading *r, const char *format, ...) VV_PRINTF(2, 3);

#define WHAT_TEXT 512

static void print_what(char what[WHAT_TEXT], const char *format, va_list args) {
    (void)vsnprintf(what, WHAT_TEXT, format, args);
    // Names from the file are in it: they must neither break the line nor command a terminal.
    for (char *c = what; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
}

static bool damaged(const struct reading *r, const char *format, ...) {
    char what[WHAT_TEXT];
    va_list args;
    va_start(args, format);
    print_what(what, format, args);
    va_end(args);
    return vv_fail(r->ctx, VV_BAD_DATA, "%s: %s; restore it from a copy, or start again", r->path, what);
}

static bool unsupported(const struct reading *r, const char *format, ...) {
    char what[WHAT_TEXT];
    va_list args;
    va_start(args, format);
    print_what(what, format, args);
    va_end(args);
    return vv_fail(r->ctx, VV_BAD_DATA, "%s: %s; convert it", r->path, what);
}

static bool find_header(struct reading *r) {
    uint64_t length;
    if (r->size < VV_ST_PREFIX + 2)
        return damaged(r, "has %llu bytes, too few for a safetensors file", (unsigned long long)r->size);
    memcpy(&length, r->bytes, VV_ST_PREFIX);
    if (length > r->size - VV_ST_PREFIX)
        return damaged(r, "the header's length at offset 0 is %llu, but only %llu bytes follow",
                       (unsigned long long)length, (unsigned long long)r->size - VV_ST_PREFIX);
    if (length < 2 || length > VV_ST_HEADER_MAX)
        return damaged(r, "the header's length at offset 0 is %llu, expected 2 to %d",
                       (unsigned long long)length, VV_ST_HEADER_MAX);
    r->data = VV_ST_PREFIX + length;
    if (r->bytes[VV_ST_PREFIX] != '{')
        return damaged(r, "the header begins with the byte %u at offset %d, not with '{'",
                       r->bytes[VV_ST_PREFIX], VV_ST_PREFIX);
    return true;
}

static bool is_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}

// cJSON reads \u0000 as the end of the string, and takes four characters that are no digits for it.
static bool is_good_escape(const unsigned char *escape, uint64_t room) {
    bool zero = true;
    if (room < 2 || escape[1] != 'u') return room >= 2;
    if (room < 6) return false;
    for (int i = 2; i < 6; i++) {
        bool letter = (escape[i] | 32) >= 'a' && (escape[i] | 32) <= 'f';
        if (!is_digit(escape[i]) && !letter) return false;
        zero = zero && escape[i] == '0';
    }
    return !zero;
}

// A number is digits alone, 0 only before no other: no sign, fraction or exponent.
static bool is_plain(const unsigned char *at, uint64_t room) {
    bool leading_zero = *at == '0' && !is_digit(at[-1]) && room > 1 && is_digit(at[1]);
    return *at != '\0' && strchr(" \t\r\n{}[]:,0123456789", *at) && !leading_zero;
}

// Refuses what cJSON would take and the format does not hold, and finds where the JSON ends.
static bool scan_header(struct reading *r) {
    const int deepest = 3;
    bool quoted = false, good = true;
    int depth = 0;
    uint64_t at = VV_ST_PREFIX, values = 0;
    for (; good && at < r->data && r->json_end == 0; at++) {
        const unsigned char *c = r->bytes + at;
        if (quoted) {
            good = *c >= ' ' && (*c != '\\' || is_good_escape(c, r->data - at));
            if (*c == '\\') at++;
            quoted = *c != '"';
        } else {
            quoted = *c == '"';
            good = quoted || is_plain(c, r->data - at);
            if (*c == '{' || *c == '[') good = ++depth <= deepest;
            values += *c == '{' || *c == '[' || *c == ',';
            if ((*c == '}' || *c == ']') && --depth == 0) r->json_end = at + 1;
        }
    }
    for (; good && at < r->data; at++) good = r->bytes[at] == ' ';
    if (!good)
        return damaged(r, "the header is not a safetensors one near offset %llu",
                       (unsigned long long)at - 1);
    if (r->json_end == 0)
        return damaged(r, "the header at offsets %d to %llu is cut off", VV_ST_PREFIX,
                       (unsigned long long)r->data);
    if (values > VV_ST_VALUES_MAX)
        return unsupported(r, "its header has %llu values, and at most %d are read",
                           (unsigned long long)values, VV_ST_VALUES_MAX);
    return true;
}

static bool parse_header(struct reading *r) {
    const char *json = (const char *)r->bytes + VV_ST_PREFIX, *stop = json;
    errno = 0;
    r->file.header = cJSON_ParseWithLengthOpts(json, (size_t)r->json_end - VV_ST_PREFIX, &stop, 0);
    if (r->file.header) return true;
    if (errno == ENOMEM)
        return vv_fail(r->ctx, VV_FAILED, "%s: out of memory for its header; close other programs",
                       r->path);
    return damaged(r, "the header is not JSON near offset %llu",
                   (unsigned long long)(stop - json) + VV_ST_PREFIX);
}

// Where the digits of the checksum are, or 0. Quotes in a string are escaped, so that this text can only
// be the key and its value; scan_header has seen that nothing but the key can follow the '{' or ','.
static uint64_t find_digits(const struct reading *r) {
    static const char key[] = "\"" VV_ST_CHECKSUM "\":\"" VV_ST_SUM_PREFIX;
    const uint64_t length = sizeof key - 1;
    for (uint64_t at = VV_ST_PREFIX + 1; at + length + VV_ST_SUM_DIGITS <= r->json_end; at++) {
        bool begins = r->bytes[at - 1] == '{' || r->bytes[at - 1] == ',';
        if (begins && memcmp(r->bytes + at, key, length) == 0) return at + length;
    }
    return 0;
}

static bool check_sum(struct reading *r, const char *found) {
    char expected[40];
    uint64_t digits = find_digits(r);
    if (digits == 0) return damaged(r, "its checksum '%.32s' is not of the form crc32:00000000", found);
    const uint64_t after = digits + VV_ST_SUM_DIGITS;
    uLong sum = crc32_z(0, r->bytes, (size_t)digits);
    sum = crc32_z(sum, (const unsigned char *)VV_ST_SUM_ZERO, VV_ST_SUM_DIGITS);
    sum = crc32_z(sum, r->bytes + after, (size_t)(r->size - after));
    (void)snprintf(expected, sizeof expected, VV_ST_SUM_PREFIX VV_ST_SUM_FORMAT, sum);
    if (strcmp(found, expected) != 0)
        return damaged(r, "its checksum is %.32s, but its bytes give %s", found, expected);
    r->file.checked = true;
    return true;
}

// The checksum is not among `meta`: with those that were read, the same file can be written again.
static bool read_meta(struct reading *r, const cJSON *object) {
    const cJSON *item;
    if (!object) return true;
    if (!cJSON_IsObject(object)) return damaged(r, "its __metadata__ is not an object");
    r->file.meta = vv_alloc(r->ctx, (uint64_t)cJSON_GetArraySize(object), sizeof *r->file.meta);
    if (!r->file.meta) return false;
    cJSON_ArrayForEach(item, object) {
        if (!cJSON_IsString(item)) return damaged(r, "the metadata's '%.64s' is not text", item->string);
        if (strcmp(item->string, VV_ST_CHECKSUM) != 0)
            r->file.meta[r->file.meta_count++] =
                (struct vv_meta){.key = item->string, .value = item->valuestring};
        else if (r->file.checked)
            return damaged(r, "it has two checksums");
        else if (!check_sum(r, item->valuestring))
            return false;
    }
    return true;
}

// Exact: scan_header lets digits through only, and below 2^53 a double holds every whole number.
static bool read_number(const cJSON *item, uint64_t *value) {
    if (!cJSON_IsNumber(item) || !(item->valuedouble < 0x1p53)) return false;
    *value = (uint64_t)item->valuedouble;
    return true;
}

static bool read_dtype(struct reading *r, const char *name, struct vv_tensor *tensor) {
    for (uint32_t i = 0; i < VV_ST_DTYPES; i++) {
        if (strcmp(name, vv_st_dtypes[i].name) != 0) continue;
        tensor->dtype = (enum vv_dtype)i;
        return true;
    }
    return unsupported(
        r, "tensor '%.64s' has dtype '%.16s'; only F64, F32, F16, BF16, U64, I64, U32 and U8 are read",
        tensor->name, name);
}

static bool read_shape(struct reading *r, const cJSON *shape, struct vv_tensor *tensor) {
    const cJSON *item;
    cJSON_ArrayForEach(item, shape) {
        uint64_t size;
        if (tensor->rank == VV_TENSOR_RANK)
            return unsupported(r, "tensor '%.64s' has %d dimensions; at most %d are read", tensor->name,
                               cJSON_GetArraySize(shape), VV_TENSOR_RANK);
        if (!read_number(item, &size) || size > UINT32_MAX)
            return damaged(r, "dimension %u of tensor '%.64s' is not a number below 2^32", tensor->rank,
                           tensor->name);
        tensor->dim[tensor->rank++] = (uint32_t)size;
    }
    return true;
}

static bool read_range(struct reading *r, const cJSON *range, struct vv_tensor *tensor) {
    uint64_t begin = 0, end = 0, bytes = 0;
    const uint64_t data_size = r->size - r->data;
    bool pair = cJSON_GetArraySize(range) == 2;
    if (!pair || !read_number(range->child, &begin) || !read_number(range->child->next, &end))
        return damaged(r, "data_offsets of tensor '%.64s' are not two numbers below 2^53", tensor->name);
    if (begin > end || end > data_size)
        return damaged(r, "tensor '%.64s' lies at %llu to %llu of %llu bytes of data", tensor->name,
                       (unsigned long long)begin, (unsigned long long)end,
                       (unsigned long long)data_size);
    if (!vv_st_bytes(tensor, &bytes) || bytes != end - begin)
        return damaged(
            r, "tensor '%.64s' has %llu bytes of data, which is not what its shape and dtype need",
            tensor->name, (unsigned long long)(end - begin));
    if ((r->data + begin) % vv_st_dtypes[tensor->dtype].size != 0)
        return unsupported(r, "tensor '%.64s' lies unaligned, at offset %llu", tensor->name,
                           (unsigned long long)(r->data + begin));
    tensor->data = r->bytes + r->data + begin;
    return true;
}

static bool read_tensor(struct reading *r, const cJSON *item, struct vv_tensor *tensor) {
    const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(item, "dtype");
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(item, "shape");
    const cJSON *range = cJSON_GetObjectItemCaseSensitive(item, "data_offsets");
    tensor->name = item->string;
    bool whole = cJSON_IsString(dtype) && cJSON_IsArray(shape) && cJSON_IsArray(range);
    if (!whole || cJSON_GetArraySize(item) != 3)
        return damaged(r, "tensor '%.64s' needs a dtype, a shape and data_offsets, and nothing else",
                       item->string);
    return read_dtype(r, dtype->valuestring, tensor) && read_shape(r, shape, tensor) &&
           read_range(r, range, tensor);
}

static bool read_tensors(struct reading *r, const cJSON *header, const cJSON *meta) {
    const cJSON *item;
    r->file.tensors = vv_alloc(r->ctx, (uint64_t)cJSON_GetArraySize(header), sizeof *r->file.tensors);
    if (!r->file.tensors) return false;
    cJSON_ArrayForEach(item, header) {
        if (item == meta) continue;
        if (strcmp(item->string, VV_ST_META) == 0) return damaged(r, "it has two __metadata__");
        if (!read_tensor(r, item, &r->file.tensors[r->file.count++])) return false;
    }
    return true;
}

static bool check_names(const struct reading *r) {
    const struct vv_safetensors *file = &r->file;
    const char **scratch = vv_alloc(r->ctx, (uint64_t)file->count + file->meta_count, sizeof *scratch);
    if (!scratch) return false;
    const char *name = vv_st_same_name(file->tensors, scratch, file->count);
    const char *key = vv_st_same_key(file->meta, scratch, file->meta_count);
    free((void *)scratch);
    if (name) return damaged(r, "two tensors are named '%.64s'", name);
    return !key || damaged(r, "two entries of its metadata are named '%.64s'", key);
}

static int compare_places(const void *a, const void *b) {
    const struct vv_tensor *x = *(const struct vv_tensor *const *)a,
                           *y = *(const struct vv_tensor *const *)b;
    const unsigned char *p = x->data, *q = y->data;
    if (p != q) return p < q ? -1 : 1;
    // An empty one comes before the one that begins there.
    uint64_t m = vv_tensor_bytes(x), n = vv_tensor_bytes(y);
    return (m > n) - (m < n);
}

// One after the other, from the header's end to the file's.
static bool check_places(const struct reading *r) {
    const uint32_t count = r->file.count;
    const struct vv_tensor **order = vv_alloc(r->ctx, count, sizeof *order);
    if (!order) return false;
    for (uint32_t i = 0; i < count; i++) order[i] = &r->file.tensors[i];
    qsort((void *)order, count, sizeof *order, compare_places);
    bool ok = true;
    uint64_t end = r->data;
    for (uint32_t i = 0; ok && i < count; i++) {
        uint64_t begin = (uint64_t)((const unsigned char *)order[i]->data - r->bytes);
        if (begin != end)
            ok = damaged(r, "tensor '%.64s' begins at offset %llu, but the one before it ends at %llu",
                         order[i]->name, (unsigned long long)begin, (unsigned long long)end);
        end = begin + vv_tensor_bytes(order[i]);
    }
    free((void *)order);
    if (ok && end != r->size)
        ok = damaged(r, "no tensor uses the bytes from offset %llu to its end at %llu",
                     (unsigned long long)end, (unsigned long long)r->size);
    return ok;
}

static bool read_header(struct reading *r) {
    if (!find_header(r) || !scan_header(r) || !parse_header(r)) return false;
    const cJSON *header = r->file.header, *meta = cJSON_GetObjectItemCaseSensitive(header, VV_ST_META);
    // The checksum is first, for it says what the matter is with a damaged file.
    return read_meta(r, meta) && read_tensors(r, header, meta) && check_names(r) && check_places(r);
}

bool vv_safetensors_parse(struct vv_context *ctx, const char *path, unsigned char *bytes, uint64_t size,
                          struct vv_safetensors *file) {
    struct reading r = {.ctx = ctx, .path = path, .bytes = bytes, .size = size};
    bool ok = read_header(&r);
    if (!ok) vv_safetensors_finish(&r.file);
    if (ok) r.file.bytes = bytes;
    *file = r.file;
    return ok;
}

bool vv_safetensors_read(struct vv_context *ctx, const char *path, uint64_t limit,
                         struct vv_safetensors *file) {
    unsigned char *bytes = NULL;
    uint64_t size = 0;
    *file = (struct vv_safetensors){0};
    if (!vv_file_read(ctx, path, limit, &bytes, &size)) return false;
    bool ok = vv_safetensors_parse(ctx, path, bytes, size, file);
    if (!ok) free(bytes);
    return ok;
}

bool vv_safetensors_read_checked(struct vv_context *ctx, const char *path, uint64_t limit,
                                 struct vv_safetensors *file) {
    if (!vv_safetensors_read(ctx, path, limit, file)) return false;
    if (file->checked) return true;
    vv_safetensors_finish(file);
    return vv_fail(ctx, VV_BAD_DATA,
                   "%s: its header holds no checksum, so that this program did not write it as it is; "
                   "restore it from a copy, or start again",
                   path);
}
