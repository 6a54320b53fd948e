#include "npy.h"

#include "size.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NPY_MAGIC = 6, NPY_VERSION = 8, NPY_HEADER_MAX = 65536, NPY_KEYS = 3 };

struct reading {
    struct vv_source *source;
    struct vv_npy *npy;
    bool only_floats;
    unsigned char *bytes;  // of the header
    uint64_t at;           // what of it comes next
    uint64_t data;         // where it ends and the numbers begin
};

static bool refuse(const struct reading *r, const char *format, ...) VV_PRINTF(2, 3);

static bool refuse(const struct reading *r, const char *format, ...) {
    const struct vv_source *source = r->source;
    char what[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (r->only_floats)
        return vv_fail(
            source->ctx, VV_BAD_DATA,
            "%s: %s; save it as float32 in C order: numpy.save(file, z.astype('<f4', order='C'))",
            source->name, what);
    return vv_fail(source->ctx, VV_BAD_DATA, "%s: %s; save it anew with numpy.save", source->name, what);
}

static uint32_t little_endian(const unsigned char *bytes, uint32_t count) {
    uint32_t number = 0;
    for (uint32_t i = 0; i < count; i++) number |= (uint32_t)bytes[i] << 8 * i;
    return number;
}

// Magic, version, and how long the header is: two bytes in version 1.0, four in 2.0.
static bool find_header(struct reading *r) {
    const uint64_t size = r->source->size;
    unsigned char start[NPY_VERSION + 4] = {0};
    if (!vv_source_read(r->source, start, size < NPY_VERSION ? size : NPY_VERSION)) return false;
    if (size < NPY_VERSION || memcmp(start, "\x93NUMPY", NPY_MAGIC) != 0)
        return refuse(r, "is no .npy file: it does not begin with \\x93NUMPY at offset 0");
    const unsigned major = start[NPY_MAGIC], minor = start[NPY_MAGIC + 1];
    if ((major != 1 && major != 2) || minor != 0)
        return refuse(r, "is of version %u.%u at offset %d, not 1.0 or 2.0", major, minor, NPY_MAGIC);
    r->at = NPY_VERSION + 2 * (uint64_t)major;
    if (size < r->at) return refuse(r, "is cut off at offset %llu", (unsigned long long)size);
    if (!vv_source_read(r->source, start + NPY_VERSION, r->at - NPY_VERSION)) return false;
    const uint32_t length = little_endian(start + NPY_VERSION, 2 * major);
    if (length > NPY_HEADER_MAX)
        return refuse(r, "the header's length at offset %d is %u, more than the %d allowed", NPY_VERSION,
                      length, NPY_HEADER_MAX);
    if (length > size - r->at)
        return refuse(r, "the header's length at offset %d is %u, but only %llu bytes follow",
                      NPY_VERSION, length, (unsigned long long)(size - r->at));
    r->data = r->at + length;
    r->bytes = vv_alloc(r->source->ctx, r->data, 1);
    return r->bytes && vv_source_read(r->source, r->bytes + r->at, length);
}

// ---- The header: a Python dictionary of literals ----

static bool malformed(const struct reading *r) {
    return refuse(r, "the header is not one of a .npy file at offset %llu", (unsigned long long)r->at);
}

static void skip_spaces(struct reading *r) {
    assert(r->bytes);
    while (r->at < r->data && r->bytes[r->at] == ' ') r->at++;
}

static bool accept(struct reading *r, char c) {
    skip_spaces(r);
    if (r->at == r->data || r->bytes[r->at] != (unsigned char)c) return false;
    r->at++;
    return true;
}

// Printable ASCII between quotes, without escapes: so that it may stand in a message.
static bool read_text(struct reading *r, char text[64]) {
    skip_spaces(r);
    const unsigned char quote = r->at < r->data ? r->bytes[r->at] : 0;
    size_t length = 0;
    if (quote != '\'' && quote != '"') return malformed(r);
    for (r->at++; r->at < r->data && r->bytes[r->at] != quote; r->at++) {
        const unsigned char c = r->bytes[r->at];
        if (c < ' ' || c > '~' || c == '\\' || length == 63) return malformed(r);
        text[length++] = (char)c;
    }
    text[length] = 0;
    return accept(r, (char)quote) || malformed(r);
}

// '<f4': the order of its bytes ('|' where there is none), the kind, the size.
static bool read_type(struct reading *r) {
    struct vv_npy *npy = r->npy;
    const char *type = npy->type;
    const uint64_t start = r->at;
    if (!read_text(r, npy->type)) return false;
    if (r->only_floats && strcmp(type, "<f4") != 0)
        return refuse(r, "'descr' at offset %llu is '%s', not '<f4'", (unsigned long long)start, type);
    static const char *const known[] = {"b1", "u1", "u2", "u4", "u8", "i1",
                                        "i2", "i4", "i8", "f2", "f4", "f8"};
    for (size_t i = 0; *type && strchr("<>|", *type) && i < sizeof known / sizeof *known; i++) {
        if (strcmp(type + 1, known[i]) != 0) continue;
        npy->big_endian = *type == '>';
        npy->kind = known[i][0];
        npy->size = (uint32_t)(known[i][1] - '0');
    }
    return npy->kind ||
           refuse(r, "'descr' at offset %llu is '%s', and whole numbers, floats and bool are read",
                  (unsigned long long)start, type);
}

static bool accept_word(struct reading *r, const char *word) {
    const size_t length = strlen(word);
    skip_spaces(r);
    if (r->data - r->at < length || memcmp(r->bytes + r->at, word, length) != 0) return false;
    r->at += length;
    return true;
}

static bool read_order(struct reading *r) {
    const uint64_t start = r->at;
    r->npy->fortran = accept_word(r, "True");
    if (r->npy->fortran && r->only_floats)
        return refuse(r, "'fortran_order' at offset %llu is True, not False", (unsigned long long)start);
    return r->npy->fortran || accept_word(r, "False") || malformed(r);
}

static bool read_size(struct reading *r) {
    uint64_t size = 0;
    skip_spaces(r);
    const uint64_t start = r->at;
    for (; r->at < r->data && r->bytes[r->at] >= '0' && r->bytes[r->at] <= '9'; r->at++) {
        size = 10 * size + (r->bytes[r->at] - (unsigned)'0');
        if (size > UINT32_MAX) break;
    }
    const bool padded = r->at - start > 1 && r->bytes[start] == '0';
    if (r->at == start || padded) return malformed(r);
    if (size == 0 || size > UINT32_MAX)
        return refuse(r, "a size of 'shape' at offset %llu is %s, not 1 to %u",
                      (unsigned long long)start, size ? "4294967296 or more" : "0", UINT32_MAX);
    if (r->npy->rank == 4)
        return refuse(r, "'shape' has more than 4 sizes at offset %llu", (unsigned long long)start);
    r->npy->dims[r->npy->rank++] = (uint32_t)size;
    return true;
}

// (3,) and (3, 4), with a comma at the end or not; but (3) is not a tuple.
static bool read_shape(struct reading *r) {
    const uint64_t start = r->at;
    bool comma = true;
    if (!accept(r, '(')) return malformed(r);
    while (!accept(r, ')')) {
        if (!comma) return malformed(r);
        if (!read_size(r)) return false;
        comma = accept(r, ',');
    }
    if (r->npy->rank == 0)
        return refuse(r, "'shape' at offset %llu is (), a single number", (unsigned long long)start);
    return r->npy->rank > 1 || comma || malformed(r);
}

static const struct {
    const char *name;
    bool (*read)(struct reading *r);
} keys[NPY_KEYS] = {{"descr", read_type}, {"fortran_order", read_order}, {"shape", read_shape}};

static bool read_entry(struct reading *r, bool seen[NPY_KEYS]) {
    char name[64];
    skip_spaces(r);
    const uint64_t start = r->at;
    if (!read_text(r, name)) return false;
    size_t i = 0;
    while (i < NPY_KEYS && strcmp(keys[i].name, name) != 0) i++;
    if (i == NPY_KEYS)
        return refuse(r, "the key '%s' at offset %llu is not one of a .npy file", name,
                      (unsigned long long)start);
    if (seen[i])
        return refuse(r, "the key '%s' at offset %llu stands there twice", name,
                      (unsigned long long)start);
    seen[i] = true;
    if (!accept(r, ':')) return malformed(r);
    skip_spaces(r);
    return keys[i].read(r);
}

// Spaces fill it up, and a newline ends it.
static bool read_header(struct reading *r) {
    bool seen[NPY_KEYS] = {false}, comma = true;
    if (!accept(r, '{')) return malformed(r);
    while (!accept(r, '}')) {
        if (!comma) return malformed(r);
        if (!read_entry(r, seen)) return false;
        comma = accept(r, ',');
    }
    for (size_t i = 0; i < NPY_KEYS; i++)
        if (!seen[i]) return refuse(r, "the header has no '%s'", keys[i].name);
    return (accept(r, '\n') && r->at == r->data) || malformed(r);
}

static bool check_size(struct reading *r) {
    struct vv_npy *npy = r->npy;
    const uint64_t there = r->source->size - r->data;
    uint64_t count = 1, bytes = 0;
    bool fits = true;
    for (uint32_t i = 0; i < npy->rank; i++) fits = fits && vv_mul_u64(count, npy->dims[i], &count);
    fits = fits && vv_mul_u64(count, npy->size, &bytes);
    if (!fits)
        return refuse(r, "'shape' promises 2^64 bytes or more from offset %llu on, and %llu are there",
                      (unsigned long long)r->data, (unsigned long long)there);
    if (bytes != there)
        return refuse(r, "'shape' promises %llu bytes from offset %llu on, and %llu are there",
                      (unsigned long long)bytes, (unsigned long long)r->data, (unsigned long long)there);
    npy->count = count;
    return true;
}

bool vv_npy_open(struct vv_source *source, bool only_floats, struct vv_npy *npy) {
    struct reading r = {.source = source, .npy = npy, .only_floats = only_floats};
    *npy = (struct vv_npy){0};
    const bool ok = find_header(&r) && read_header(&r) && check_size(&r);
    free(r.bytes);
    return ok;
}

void vv_npy_print_shape(const struct vv_npy *npy, char text[VV_NPY_SHAPE]) {
    size_t used = 0;
    for (uint32_t i = 0; i < npy->rank; i++)
        used += (size_t)snprintf(text + used, VV_NPY_SHAPE - used, "%s%u", i ? "x" : "", npy->dims[i]);
}
