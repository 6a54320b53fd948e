#include "../temporary.h"
#include "array.h"
#include "file.h"

// The file's payload after checking what NumPy checks of a header; the caller frees *bytes.
static const unsigned char *payload_of(struct temporary *t, const char *shape, unsigned char **bytes,
                                       uint64_t *size) {
    char dictionary[160];
    assert_true(vv_file_read(&t->ctx, t->path, 1 << 20, bytes, size));
    assert_true(*size >= 64);
    assert_memory_equal(*bytes, "\x93NUMPY\x01\x00", 8);
    size_t length = (*bytes)[8] + 256U * (*bytes)[9];
    assert_int_equal((10 + length) % 64, 0);
    assert_true(10 + length <= *size);
    assert_int_equal((*bytes)[10 + length - 1], '\n');
    int used = snprintf(dictionary, sizeof dictionary,
                        "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }", shape);
    assert_memory_equal(*bytes + 10, dictionary, (size_t)used);
    for (size_t i = 10 + (size_t)used; i < 10 + length - 1; i++) assert_int_equal((*bytes)[i], ' ');
    *size -= 10 + length;
    return *bytes + 10 + length;
}

static void header_and_values_read_back(void **state) {
    struct temporary *t = *state;
    static const struct {
        uint32_t rank, dims[4];
        const char *shape;
    } cases[] = {
        {1, {3}, "(3,)"},
        {2, {2, 3}, "(2, 3)"},
        {3, {2, 3, 1}, "(2, 3, 1)"},
        {4, {1, 2, 3, 4}, "(1, 2, 3, 4)"},
        {2, {0, 20}, "(0, 20)"},
    };
    float values[24];
    for (int i = 0; i < 24; i++) values[i] = (float)i - 2.5F;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t size = 0, count = 1;
        unsigned char *bytes = NULL;
        for (uint32_t k = 0; k < cases[i].rank; k++) count *= cases[i].dims[k];
        assert_true(vv_npy_write(&t->ctx, path_of(t, "a.npy"), values, cases[i].dims, cases[i].rank));
        const unsigned char *payload = payload_of(t, cases[i].shape, &bytes, &size);
        assert_int_equal(size, 4 * count);
        for (uint64_t k = 0; k < count; k++) {
            const unsigned char *at = payload + 4 * k;
            uint32_t bits = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
            assert_memory_equal(&bits, &values[k], 4);
        }
        free(bytes);
    }
}

static void array_larger_than_the_buffer_is_whole(void **state) {
    struct temporary *t = *state;
    const uint32_t count = 3 * 4096 + 5;
    float *values = calloc(count, sizeof *values);
    unsigned char *bytes = NULL;
    uint64_t size = 0;
    assert_non_null(values);
    values[count - 1] = 1;
    assert_true(vv_npy_write(&t->ctx, path_of(t, "a.npy"), values, &count, 1));
    const unsigned char *payload = payload_of(t, "(12293,)", &bytes, &size);
    assert_int_equal(size, 4 * count);
    assert_memory_equal(payload + size - 4, "\x00\x00\x80\x3f", 4);
    free(bytes);
    free(values);
}

static void largest_sizes_fit_the_header(void **state) {
    struct temporary *t = *state;
    const uint32_t dims[4] = {UINT32_MAX, UINT32_MAX, UINT32_MAX, 0};
    unsigned char *bytes = NULL;
    uint64_t size = 0;
    // The product is 0 only at the end: an overflow before it is refused.
    assert_false(vv_npy_write(&t->ctx, path_of(t, "a.npy"), NULL, dims, 4));
    assert_failure(&t->ctx, VV_USAGE, t->path, "overflows", (char *)NULL);
    const uint32_t sound[4] = {0, UINT32_MAX, UINT32_MAX, UINT32_MAX};
    assert_true(vv_npy_write(&t->ctx, path_of(t, "a.npy"), NULL, sound, 4));
    (void)payload_of(t, "(0, 4294967295, 4294967295, 4294967295)", &bytes, &size);
    assert_int_equal(size, 0);
    free(bytes);
}

static void failure_names_the_file(void **state) {
    struct temporary *t = *state;
    const uint32_t dims[1] = {1};
    const float value = 1;
    assert_false(vv_npy_write(&t->ctx, path_of(t, "none/a.npy"), &value, dims, 1));
    assert_failure(&t->ctx, VV_FAILED, t->path, (char *)NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(header_and_values_read_back),
        TEST(array_larger_than_the_buffer_is_whole),
        TEST(largest_sizes_fit_the_header),
        TEST(failure_names_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
