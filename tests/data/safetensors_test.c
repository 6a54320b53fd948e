#include "../temporary.h"
#include "file.h"
#include "safetensors.h"
#include "safetensors_made.h"

#include <cJSON.h>
#include <errno.h>

enum { LIMIT = 1 << 20, SAMPLE_TENSORS = 6, SAMPLE_META = 3 };

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
        const uint64_t width[] = {4, 8, 8, 8, 4, 1};  // as in enum vv_dtype
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
        TEST(rejects_a_file_beyond_the_limit),
        TEST(lack_of_memory_is_not_called_damage),
        TEST(keeps_the_previous_file_when_asked),
        TEST(failed_write_leaves_nothing),
        TEST(refuses_to_write_what_it_could_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
