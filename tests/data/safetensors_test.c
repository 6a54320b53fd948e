#include "../temporary.h"
#include "file.h"
#include "safetensors.h"

#include <cJSON.h>
#include <errno.h>

enum { LIMIT = 1 << 20, PREFIX = 8, SAMPLE_TENSORS = 6, SAMPLE_META = 3 };

static const unsigned char labels[3] = {7, 8, 9};
static const float weight[6] = {0.5F, -1, 2, 3, 4, 1e-30F}, bias = 0.25F;
static const double rate = 1e-3;
static const uint64_t step = UINT64_MAX - 1;

static const struct vv_tensor sample[SAMPLE_TENSORS] = {
    {"labels", VV_DTYPE_U8, 1, {3}, labels},
    {"encoder.0.weight", VV_DTYPE_F32, 2, {3, 2}, weight},
    {"step", VV_DTYPE_U64, 0, {0}, &step},
    {"empty", VV_DTYPE_U32, 4, {2, 0, 4294967295, 4294967295}, NULL},
    {"\"quoted\" \\ \x01 \xc3\xa9", VV_DTYPE_F32, 4, {1, 1, 1, 1}, &bias},
    {"rate", VV_DTYPE_F64, 1, {1}, &rate},
};

static const struct vv_meta sample_meta[SAMPLE_META] = {
    {"model", "vae"},
    {"note", "two\nlines, \"quotes\" and \\"},
    // In the file these look almost like the checksum.
    {"\"checksum", "crc32:00000000"},
};

static const char *write_sample(struct temporary *t, const char *name, const char *previous) {
    const char *path = path_of(t, name);
    assert_true(
        vv_safetensors_write(&t->ctx, path, previous, sample, SAMPLE_TENSORS, sample_meta, SAMPLE_META));
    return path;
}

static unsigned char *bytes_of(struct temporary *t, const char *path, uint64_t *size) {
    unsigned char *bytes = NULL;
    assert_true(vv_file_read(&t->ctx, path, LIMIT, &bytes, size));
    return bytes;
}

// For tests that write thousands: without an fsync, and anew, because ext4 syncs what was cut to
// nothing.
static const char *put(struct temporary *t, const void *bytes, uint64_t size) {
    (void)unlink(path_of(t, "put.safetensors"));
    FILE *file = fopen(t->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, (size_t)size, file), size);
    assert_int_equal(fclose(file), 0);
    return t->path;
}

// A file made by hand: length, `json`, then `data_size` zeros. In memory of just that size.
static unsigned char *made(const char *json, uint64_t data_size, uint64_t *size) {
    uint64_t length = strlen(json);
    *size = PREFIX + length + data_size;
    unsigned char *bytes = calloc(1, (size_t)*size);
    assert_non_null(bytes);
    memcpy(bytes, &length, PREFIX);
    memcpy(bytes + PREFIX, json, (size_t)length);
    return bytes;
}

static bool is_zeroed(const struct vv_safetensors *file) {
    static const struct vv_safetensors zero;
    return file->bytes == zero.bytes && !file->tensors && !file->meta && !file->header &&
           !file->checked && file->count == 0 && file->meta_count == 0;
}

static void assert_parses(struct temporary *t, const char *json, uint64_t data_size) {
    struct vv_safetensors file;
    uint64_t size;
    unsigned char *bytes = made(json, data_size, &size);
    if (!vv_safetensors_parse(&t->ctx, "made", bytes, size, &file))
        fail_msg("%s: %s", json, t->ctx.error);
    vv_safetensors_finish(&file);
}

static void assert_refused(struct temporary *t, const char *json, uint64_t data_size, const char *part) {
    struct vv_safetensors file;
    uint64_t size;
    unsigned char *bytes = made(json, data_size, &size);
    if (vv_safetensors_parse(&t->ctx, "made", bytes, size, &file)) fail_msg("accepted: %s", json);
    assert_true(is_zeroed(&file));
    assert_failure(&t->ctx, VV_BAD_DATA, "made: ", part, (char *)NULL);
    free(bytes);
}

static void reads_back_what_was_written(void **state) {
    struct temporary *t = *state;
    struct vv_safetensors file;
    assert_true(vv_safetensors_read_checked(&t->ctx, write_sample(t, "a", NULL), LIMIT, &file));
    assert_true(file.checked);
    assert_int_equal(file.count, SAMPLE_TENSORS);
    for (uint32_t i = 0; i < SAMPLE_TENSORS; i++) {
        const struct vv_tensor *read = &file.tensors[i], *written = &sample[i];
        assert_string_equal(read->name, written->name);
        assert_ptr_equal(vv_safetensors_find(&file, written->name), read);
        assert_int_equal(read->dtype, written->dtype);
        assert_int_equal(read->rank, written->rank);
        assert_memory_equal(read->dim, written->dim, sizeof read->dim);
        assert_int_equal(vv_tensor_bytes(read), vv_tensor_bytes(written));
        if (written->data)
            assert_memory_equal(read->data, written->data, (size_t)vv_tensor_bytes(written));
    }
    assert_int_equal(file.meta_count, SAMPLE_META);
    for (uint32_t i = 0; i < SAMPLE_META; i++)
        assert_string_equal(vv_safetensors_meta(&file, sample_meta[i].key), sample_meta[i].value);
    assert_null(vv_safetensors_find(&file, "Step"));
    assert_null(vv_safetensors_meta(&file, "none"));
    vv_safetensors_finish(&file);
    assert_true(is_zeroed(&file));
    vv_safetensors_finish(&file);
}

static void same_arguments_give_same_bytes(void **state) {
    struct temporary *t = *state;
    struct vv_safetensors file;
    uint64_t size[3];
    unsigned char *bytes[3];
    bytes[0] = bytes_of(t, write_sample(t, "a", NULL), &size[0]);
    bytes[1] = bytes_of(t, write_sample(t, "b", NULL), &size[1]);
    // And what was read can be written again.
    assert_true(vv_safetensors_read_checked(&t->ctx, t->path, LIMIT, &file));
    assert_true(vv_safetensors_write(&t->ctx, path_of(t, "c"), NULL, file.tensors, file.count, file.meta,
                                     file.meta_count));
    vv_safetensors_finish(&file);
    bytes[2] = bytes_of(t, t->path, &size[2]);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(size[i], size[0]);
        assert_memory_equal(bytes[i], bytes[0], (size_t)size[0]);
    }
    for (int i = 0; i < 3; i++) free(bytes[i]);
}

// The bytes themselves, with the checksum as computed by Python's zlib.
static void writes_the_documented_bytes(void **state) {
    struct temporary *t = *state;
    static const char json[] = "{\"__metadata__\":{\"a\":\"b\",\"checksum\":\"crc32:0AF45FE3"
                               "\"},\"n\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[4,7]},"
                               "\"w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}";
    const struct vv_tensor tensors[] = {{"n", VV_DTYPE_U8, 1, {3}, labels},
                                        {"w", VV_DTYPE_F32, 0, {0}, &bias}};
    const struct vv_meta meta = {"a", "b"};
    uint64_t size, length;
    assert_true(vv_safetensors_write(&t->ctx, path_of(t, "a"), NULL, tensors, 2, &meta, 1));
    unsigned char *bytes = bytes_of(t, t->path, &size);
    memcpy(&length, bytes, PREFIX);
    assert_int_equal(length % 8, 0);
    assert_in_range(length, sizeof json - 1, sizeof json + 6);
    assert_int_equal(size, PREFIX + length + 7);
    assert_memory_equal(bytes + PREFIX, json, sizeof json - 1);
    for (uint64_t i = PREFIX + sizeof json - 1; i < PREFIX + length; i++)
        assert_int_equal(bytes[i], ' ');
    assert_memory_equal(bytes + PREFIX + length, "\x00\x00\x80\x3e\x07\x08\x09", 7);
    free(bytes);
}

static void tensors_are_aligned_to_their_elements(void **state) {
    struct temporary *t = *state;
    struct vv_safetensors file;
    assert_true(vv_safetensors_read(&t->ctx, write_sample(t, "a", NULL), LIMIT, &file));
    for (uint32_t i = 0; i < file.count; i++) {
        const uint64_t width[] = {4, 8, 8, 4, 1};
        assert_int_equal((uintptr_t)file.tensors[i].data % width[file.tensors[i].dtype], 0);
    }
    vv_safetensors_finish(&file);
}

static void nothing_to_write_is_a_file_too(void **state) {
    struct temporary *t = *state;
    struct vv_safetensors file;
    assert_true(vv_safetensors_write(&t->ctx, path_of(t, "a"), NULL, NULL, 0, NULL, 0));
    assert_true(vv_safetensors_read_checked(&t->ctx, t->path, LIMIT, &file));
    assert_int_equal(file.count, 0);
    assert_int_equal(file.meta_count, 0);
    vv_safetensors_finish(&file);
}

static void rejects_every_truncation(void **state) {
    struct temporary *t = *state;
    struct vv_safetensors file;
    uint64_t size;
    unsigned char *bytes = bytes_of(t, write_sample(t, "a", NULL), &size);
    for (uint64_t cut = 0; cut < size; cut++) {
        assert_false(vv_safetensors_read(&t->ctx, put(t, bytes, cut), LIMIT, &file));
        assert_true(is_zeroed(&file));
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, "restore it from a copy", (char *)NULL);
    }
    free(bytes);
}

static void rejects_bytes_at_the_end(void **state) {
    struct temporary *t = *state;
    struct vv_safetensors file;
    uint64_t size;
    unsigned char *bytes = bytes_of(t, write_sample(t, "a", NULL), &size);
    // The NUL that vv_file_read appends.
    assert_false(vv_safetensors_read(&t->ctx, put(t, bytes, size + 1), LIMIT, &file));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "checksum", (char *)NULL);
    free(bytes);
}

static void rejects_every_bit_flip(void **state) {
    struct temporary *t = *state;
    struct vv_safetensors file;
    uint64_t size;
    unsigned char *bytes = bytes_of(t, write_sample(t, "a", NULL), &size);
    for (uint64_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
        if (vv_safetensors_read_checked(&t->ctx, put(t, bytes, size), LIMIT, &file))
            fail_msg("bit %llu flipped unnoticed", (unsigned long long)bit);
        assert_true(is_zeroed(&file));
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, (char *)NULL);
        bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    free(bytes);
}

static void says_that_the_checksum_differs(void **state) {
    struct temporary *t = *state;
    struct vv_safetensors file;
    uint64_t size;
    unsigned char *bytes = bytes_of(t, write_sample(t, "a", NULL), &size);
    bytes[size - 1] ^= 1;
    assert_false(vv_safetensors_read(&t->ctx, put(t, bytes, size), LIMIT, &file));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path,
                   "checksum is crc32:", "but its bytes give crc32:", (char *)NULL);
    free(bytes);
}

// As PyTorch's safetensors writes them: any order in the header, no checksum.
static void file_without_checksum_is_read_but_not_trusted(void **state) {
    struct temporary *t = *state;
    struct vv_safetensors file;
    uint64_t size;
    unsigned char *bytes = made("{\"__metadata__\":{\"format\":\"pt\"},"
                                "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[16,24]},"
                                "\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}} ",
                                24, &size);
    assert_int_equal((size - 24) % 8, 0);
    assert_true(vv_safetensors_read(&t->ctx, put(t, bytes, size), LIMIT, &file));
    assert_false(file.checked);
    assert_int_equal(file.count, 2);
    assert_string_equal(vv_safetensors_meta(&file, "format"), "pt");
    assert_ptr_equal(vv_safetensors_find(&file, "b")->data, file.bytes + size - 8);
    vv_safetensors_finish(&file);
    assert_false(vv_safetensors_read_checked(&t->ctx, t->path, LIMIT, &file));
    assert_true(is_zeroed(&file));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "no checksum", (char *)NULL);
    free(bytes);
}

static void accepts_what_the_format_allows(void **state) {
    struct temporary *t = *state;
    assert_parses(t, "{}", 0);
    assert_parses(t, "{}      ", 0);
    assert_parses(t, "{\t\"__metadata__\" : { } }", 0);
    assert_parses(t, "{\"\":{\"data_offsets\":[0,1],\"shape\":[],\"dtype\":\"U8\"}}", 1);
    // Empty tensors between, before and after others.
    assert_parses(t,
                  "{\"c\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[2,2]},"
                  "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                  "\"a\":{\"dtype\":\"U8\",\"shape\":[9,0],\"data_offsets\":[0,0]}}",
                  2);
    assert_parses(t,
                  "{\"\\u00e9\\ud83d\\ude00\\u0001\\\\u0000\":{\"dtype\":\"U8\",\"shape\":[1],\"data_"
                  "offsets\":[0,1]}}",
                  1);
}

#define ENTRY(dtype, shape, range)                                                                      \
    "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" range "}"
#define U8_1 ENTRY("U8", "[1]", "[0,1]")

static void rejects_hostile_headers(void **state) {
    static const struct {
        const char *json;
        uint64_t data_size;
        const char *part;
    } cases[] = {
        // Not JSON, or more than this format's JSON.
        {"", 8, "offset 0 is 0, expected 2 to"},
        {" {}", 0, "not with '{'"},
        {"[]", 0, "not with '{'"},
        {"\xef\xbb\xbf{}", 0, "not with '{'"},
        {"{\"a\":" U8_1, 1, "cut off"},
        {"{\"a\":" U8_1 ",}", 1, "not JSON"},
        {"{\"a\"}", 0, "not JSON"},
        {"{]", 0, "not JSON"},
        {"{}{}", 0, "near offset 10"},
        {"{} \t", 0, "near offset 11"},
        {"{\"a\":" ENTRY("U8", "[[[1]]]", "[0,1]") "}", 1, "near offset"},
        {"{\"a\":{\"\\", 0, "near offset"},
        {"{\"a\n\":" U8_1 "}", 1, "near offset"},
        {"{\"a\\u0000b\":" U8_1 "}", 1, "near offset"},
        {"{\"a\\uzzzz\":" U8_1 "}", 1, "near offset"},
        {"{\"a\\u00", 0, "near offset"},
        {"{\"a\\x\":" U8_1 "}", 1, "not JSON"},
        {"{\"a\\ud83d\":" U8_1 "}", 1, "not JSON"},
        {"{\"a\":null}", 0, "near offset"},
        {"{\"a\":1}", 0, "tensor 'a'"},
        {"{\"a\":[]}", 0, "tensor 'a'"},
        {"{\"a\":\"b\"}", 0, "tensor 'a'"},
        // Metadata.
        {"{\"__metadata__\":1}", 0, "not an object"},
        {"{\"__metadata__\":[\"a\"]}", 0, "not an object"},
        {"{\"__metadata__\":{\"a\":1}}", 0, "'a' is not text"},
        {"{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0, "metadata are named 'a'"},
        {"{\"__metadata__\":{},\"__metadata__\":" U8_1 "}", 1, "two __metadata__"},
        {"{\"__metadata__\":{\"checksum\":\"\"}}", 0, "checksum ''"},
        {"{\"__metadata__\":{\"checksum\":\"md5:00000000\"}}", 0, "checksum 'md5:00000000'"},
        {"{\"__metadata__\":{\"checksum\":\"crc32:00000000\"}}", 0, "checksum is crc32:00000000"},
        {"{\"__metadata__\":{\"checksum\":\"crc32:0\"}}", 0, "checksum"},
        {"{\"__metadata__\":{\"checksum\" :\"crc32:00000000\"}}", 0, "checksum"},
        {"{\"__metadata__\":{\"\\u0063hecksum\":\"crc32:00000000\"}}", 0, "checksum"},
        // Both are right: "p" was chosen so that the CRC is 0.
        {"{\"__metadata__\":{\"checksum\":\"crc32:00000000\",\"checksum\":\"crc32:00000000\",\"p\":"
         "\"1111100000101110000010010011001100000000\"}}",
         0, "two checksums"},
        // Fields.
        {"{\"a\":{}}", 0, "tensor 'a'"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "tensor 'a'"},
        {"{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1, "tensor 'a'"},
        {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "tensor 'a'"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"shape\":[1]}}", 1,
         "tensor 'a'"},
        {"{\"a\":{\"dtype\":0,\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "tensor 'a'"},
        {"{\"a\":" U8_1 ",\"a\":" ENTRY("U8", "[1]", "[1,2]") "}", 2, "two tensors are named 'a'"},
        {"{\"a\":" U8_1 ",\"\\u0061\":" ENTRY("U8", "[1]", "[1,2]") "}", 2, "two tensors are named 'a'"},
        {"{\"a\":" ENTRY("BF16", "[1]", "[0,2]") "}", 2,
         "'a' has dtype 'BF16'; only F32, F64, U64, U32 and U8"},
        {"{\"a\":" ENTRY("f32", "[1]", "[0,4]") "}", 4, "dtype 'f32'"},
        {"{\"a\\u001b[2J\\n\":" ENTRY("I8", "[1]", "[0,1]") "}", 1, "tensor 'a?[2J?'"},
        // Shapes.
        {"{\"a\":" ENTRY("U8", "[1,1,1,1,1]", "[0,1]") "}", 1, "5 dimensions"},
        {"{\"a\":" ENTRY("U8", "[\"1\"]", "[0,1]") "}", 1, "dimension 0"},
        {"{\"a\":" ENTRY("U8", "[1,4294967296]", "[0,1]") "}", 1, "dimension 1"},
        {"{\"a\":" ENTRY("U8", "[4294967295,4294967295,4294967295,4294967295]", "[0,1]") "}", 1,
         "shape"},
        {"{\"a\":" ENTRY("F64", "[4294967295,4294967295,4294967295,4294967295]", "[0,8]") "}", 8,
         "shape"},
        // 2^31 * 2^31 * 4 is 2^64: 0 when it wraps.
        {"{\"a\":" ENTRY("F32", "[2147483648,2147483648]", "[0,0]") "}", 0, "shape"},
        {"{\"a\":" ENTRY("U8", "[2]", "[0,1]") "}", 1, "shape"},
        {"{\"a\":" ENTRY("U8", "[-1]", "[0,1]") "}", 1, "near offset"},
        {"{\"a\":" ENTRY("U8", "[1.0]", "[0,1]") "}", 1, "near offset"},
        {"{\"a\":" ENTRY("U8", "[1e0]", "[0,1]") "}", 1, "near offset"},
        {"{\"a\":" ENTRY("U8", "[01]", "[0,1]") "}", 1, "near offset"},
        {"{\"a\":" ENTRY("U8", "[true]", "[0,1]") "}", 1, "near offset"},
        // Ranges.
        {"{\"a\":" ENTRY("U8", "[1]", "[0]") "}", 1, "data_offsets"},
        {"{\"a\":" ENTRY("U8", "[1]", "[]") "}", 1, "data_offsets"},
        {"{\"a\":" ENTRY("U8", "[1]", "[0,1,1]") "}", 1, "data_offsets"},
        {"{\"a\":" ENTRY("U8", "[1]", "[0,9007199254740992]") "}", 1, "data_offsets"},
        {"{\"a\":" ENTRY("U8", "[1]", "[18446744073709551615,0]") "}", 1, "data_offsets"},
        {"{\"a\":" ENTRY("U8", "[1]", "[0,9007199254740991]") "}", 1,
         "lies at 0 to 9007199254740991 of 1 bytes"},
        {"{\"a\":" ENTRY("U8", "[2]", "[0,2]") "}", 1, "lies at 0 to 2 of 1 bytes"},
        {"{\"a\":" ENTRY("U8", "[0]", "[2,2]") "}", 1, "lies at 2 to 2 of 1 bytes"},
        {"{\"a\":" ENTRY("U8", "[1]", "[1,0]") "}", 1, "lies at 1 to 0"},
        {"{\"a\":" ENTRY("U8", "[1]", "[0,1]") "}", 2, "no tensor uses"},
        {"{}", 1, "no tensor uses"},
        {"{\"a\":" ENTRY("U8", "[1]", "[1,2]") "}", 2, "tensor 'a' begins"},
        {"{\"a\":" U8_1 ",\"b\":" ENTRY("U8", "[1]", "[2,3]") "}", 3, "tensor 'b' begins"},
        {"{\"a\":" U8_1 ",\"b\":" U8_1 "}", 1, "begins"},
        {"{\"a\":" ENTRY("U8", "[3]", "[0,3]") ",\"b\":" ENTRY("U8", "[2]", "[2,4]") "}", 4,
         "tensor 'b' begins"},
        {"{\"a\":" ENTRY("U8", "[2]", "[0,2]") ",\"b\":" ENTRY("U8", "[0]", "[1,1]") "}", 2,
         "tensor 'b' begins"},
        {"{\"a\":" ENTRY("U8", "[4]", "[0,4]") ",\"b\":" ENTRY("F32", "[1]", "[4,8]") "} ", 8,
         "unaligned"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(*state, cases[i].json, cases[i].data_size, cases[i].part);
}

static void rejects_lengths_that_lie(void **state) {
    struct temporary *t = *state;
    const uint64_t lengths[] = {
        0, 1, 3, 1 << 20, UINT64_C(1) << 32, UINT64_C(1) << 63, UINT64_MAX, UINT64_MAX - 7};
    struct vv_safetensors file;
    uint64_t size;
    unsigned char *bytes = made("{}", 0, &size);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        memcpy(bytes, &lengths[i], PREFIX);
        assert_false(vv_safetensors_parse(&t->ctx, "made", bytes, size, &file));
        assert_failure(&t->ctx, VV_BAD_DATA, "made: ", "header", (char *)NULL);
    }
    free(bytes);
}

static void rejects_a_header_beyond_its_limit(void **state) {
    struct temporary *t = *state;
    const uint64_t length = (16 << 20) + 8;
    struct vv_safetensors file;
    unsigned char *bytes = malloc((size_t)length + PREFIX);
    assert_non_null(bytes);
    memset(bytes, ' ', (size_t)length + PREFIX);
    memcpy(bytes, &length, PREFIX);
    memcpy(bytes + PREFIX, "{}", 2);
    assert_false(vv_safetensors_parse(&t->ctx, "made", bytes, length + PREFIX, &file));
    assert_failure(&t->ctx, VV_BAD_DATA, "made: ", "16777224, expected 2 to 16777216", (char *)NULL);
    free(bytes);
}

static void rejects_a_file_beyond_the_limit(void **state) {
    struct temporary *t = *state;
    struct vv_safetensors file;
    assert_false(vv_safetensors_read(&t->ctx, write_sample(t, "a", NULL), 100, &file));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "at most 100", (char *)NULL);
    assert_true(is_zeroed(&file));
    assert_false(vv_safetensors_read_checked(&t->ctx, path_of(t, "none"), LIMIT, &file));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, (char *)NULL);
    assert_true(is_zeroed(&file));
}

static int allocations_left;

static void *scarce_malloc(size_t size) {
    if (allocations_left-- > 0) return malloc(size);
    errno = ENOMEM;
    return NULL;
}

static void lack_of_memory_is_not_called_damage(void **state) {
    struct temporary *t = *state;
    struct vv_safetensors file;
    uint64_t size;
    unsigned char *bytes = bytes_of(t, write_sample(t, "a", NULL), &size);
    cJSON_Hooks hooks = {.malloc_fn = scarce_malloc, .free_fn = free};
    cJSON_InitHooks(&hooks);
    int enough = 0;
    for (;; enough++) {
        allocations_left = enough;
        if (vv_safetensors_parse(&t->ctx, t->path, bytes, size, &file)) break;
        assert_true(is_zeroed(&file));
        assert_failure(&t->ctx, VV_FAILED, t->path, "out of memory", (char *)NULL);
    }
    cJSON_InitHooks(NULL);
    assert_true(enough > SAMPLE_TENSORS);
    vv_safetensors_finish(&file);
}

static void keeps_the_previous_file_when_asked(void **state) {
    struct temporary *t = *state;
    char previous[PATH_ROOM];
    struct vv_safetensors file;
    (void)snprintf(previous, sizeof previous, "%s", path_of(t, "a.previous"));
    const struct vv_meta first = {"epoch", "1"}, second = {"epoch", "2"};
    const char *path = path_of(t, "a");
    assert_true(vv_safetensors_write(&t->ctx, path, previous, sample, 2, &first, 1));
    assert_false(vv_path_exists(previous));
    assert_true(vv_safetensors_write(&t->ctx, path, previous, sample, 2, &second, 1));
    assert_true(vv_safetensors_read_checked(&t->ctx, path, LIMIT, &file));
    assert_string_equal(vv_safetensors_meta(&file, "epoch"), "2");
    vv_safetensors_finish(&file);
    assert_true(vv_safetensors_read_checked(&t->ctx, previous, LIMIT, &file));
    assert_string_equal(vv_safetensors_meta(&file, "epoch"), "1");
    vv_safetensors_finish(&file);
    assert_int_equal(entries_in(t->folder), 2);
}

static void failed_write_leaves_nothing(void **state) {
    struct temporary *t = *state;
    assert_false(vv_safetensors_write(&t->ctx, path_of(t, "none/a"), NULL, sample, 1, NULL, 0));
    assert_failure(&t->ctx, VV_FAILED, t->path, (char *)NULL);
    assert_int_equal(entries_in(t->folder), 0);
}

static void refuses_to_write_what_it_could_not_read(void **state) {
    struct temporary *t = *state;
    const struct vv_tensor twice[] = {sample[0], sample[1], sample[0]};
    const struct vv_tensor huge = {
        "huge", VV_DTYPE_U8, 4, {UINT32_MAX, UINT32_MAX, UINT32_MAX, 0}, labels};
    const struct vv_meta keys[] = {{"a", ""}, {"b", ""}, {"a", ""}};
    char *text = malloc((16 << 20) + 1);
    assert_non_null(text);
    memset(text, 'x', 16 << 20);
    text[16 << 20] = '\0';
    const struct vv_meta large = {"a", text};
    const char *path = path_of(t, "a");
    assert_false(vv_safetensors_write(&t->ctx, path, NULL, twice, 3, NULL, 0));
    assert_failure(&t->ctx, VV_USAGE, path, "two tensors", "'labels'", (char *)NULL);
    assert_false(vv_safetensors_write(&t->ctx, path, NULL, NULL, 0, keys, 3));
    assert_failure(&t->ctx, VV_USAGE, path, "metadata", "'a'", (char *)NULL);
    assert_false(vv_safetensors_write(&t->ctx, path, NULL, &huge, 1, NULL, 0));
    assert_failure(&t->ctx, VV_USAGE, path, "'huge'", "overflows", (char *)NULL);
    assert_false(vv_safetensors_write(&t->ctx, path, NULL, NULL, 0, &large, 1));
    assert_failure(&t->ctx, VV_USAGE, path, "header", (char *)NULL);
    assert_int_equal(entries_in(t->folder), 0);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reads_back_what_was_written),
        TEST(same_arguments_give_same_bytes),
        TEST(writes_the_documented_bytes),
        TEST(tensors_are_aligned_to_their_elements),
        TEST(nothing_to_write_is_a_file_too),
        TEST(rejects_every_truncation),
        TEST(rejects_bytes_at_the_end),
        TEST(rejects_every_bit_flip),
        TEST(says_that_the_checksum_differs),
        TEST(file_without_checksum_is_read_but_not_trusted),
        TEST(accepts_what_the_format_allows),
        TEST(rejects_hostile_headers),
        TEST(rejects_lengths_that_lie),
        TEST(rejects_a_header_beyond_its_limit),
        TEST(rejects_a_file_beyond_the_limit),
        TEST(lack_of_memory_is_not_called_damage),
        TEST(keeps_the_previous_file_when_asked),
        TEST(failed_write_leaves_nothing),
        TEST(refuses_to_write_what_it_could_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
