#include "../temporary.h"
#include "file.h"
#include "npy.h"
#include "npz_write.h"
#include "zip.h"

enum { ARRAYS = 4, LOCAL = 30, NPY = 128, LIMIT = 1 << 20 };

static const float mu[6] = {0.5F, -1, 2, 3, 4, 1e-30F}, scalar = 0.25F;
static const uint32_t codes[3] = {1, 2, UINT32_MAX};

static const struct vv_tensor sample[ARRAYS] = {
    {"encoder.mu", VV_DTYPE_F32, 2, {3, 2}, mu},
    {"codes", VV_DTYPE_U32, 4, {1, 3, 1, 1}, codes},
    {"none", VV_DTYPE_F32, 1, {0}, NULL},
    {"scalar", VV_DTYPE_F32, 0, {0}, &scalar},
};

// A member's header as it stands, and its numbers.
static unsigned char *unpack(struct temporary *t, const char *name, uint64_t *size) {
    struct vv_arena arena;
    struct vv_zip zip;
    struct vv_source source;
    unsigned char *bytes = NULL;
    vv_arena_init(&arena, &t->ctx);
    if (!vv_zip_open(&arena, t->path, &zip)) fail_msg("%s", t->ctx.error);
    for (uint32_t i = 0; i < zip.count && !bytes; i++) {
        if (strcmp(zip.members[i].name, name) != 0) continue;
        assert_true(vv_zip_open_member(&arena, &zip, &zip.members[i], &source));
        *size = source.size;
        bytes = calloc(1, (size_t)*size + 1);
        assert_non_null(bytes);
        if (!vv_source_read(&source, bytes, *size) || !vv_source_end(&source))
            fail_msg("%s", t->ctx.error);
        vv_source_close(&source);
    }
    vv_zip_close(&zip);
    vv_arena_finish(&arena);
    return bytes;
}

static void assert_member(struct temporary *t, const char *name, const char *header, const void *values,
                          size_t size) {
    uint64_t length = 0;
    unsigned char *bytes = unpack(t, name, &length);
    assert_non_null(bytes);
    assert_int_equal(length, NPY + size);
    assert_memory_equal(bytes, "\x93NUMPY\x01\x00\x76\x00", 10);
    assert_memory_equal(bytes + 10, header, strlen(header));
    assert_int_equal(bytes[NPY - 1], '\n');
    if (size) assert_memory_equal(bytes + NPY, values, size);
    free(bytes);
}

static void arrays_read_back(void **state) {
    struct temporary *t = *state;
    assert_true(vv_npz_write(&t->ctx, path_of(t, "a.npz"), sample, ARRAYS));
    assert_member(t, "encoder.mu.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), } ",
                  mu, sizeof mu);
    assert_member(t, "codes.npy", "{'descr': '<u4', 'fortran_order': False, 'shape': (1, 3, 1, 1), } ",
                  codes, sizeof codes);
    assert_member(t, "none.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), } ", NULL, 0);
    assert_member(t, "scalar.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (), } ", &scalar,
                  sizeof scalar);
    assert_null(unpack(t, "codes", &(uint64_t){0}));
    assert_int_equal(entries_in(t->folder), 1);
}

static void no_array_makes_an_empty_file(void **state) {
    struct temporary *t = *state;
    struct vv_arena arena;
    struct vv_zip zip;
    assert_true(vv_npz_write(&t->ctx, path_of(t, "a.npz"), NULL, 0));
    vv_arena_init(&arena, &t->ctx);
    assert_true(vv_zip_open(&arena, t->path, &zip));
    assert_int_equal(zip.count, 0);
    vv_zip_close(&zip);
    vv_arena_finish(&arena);
}

static void same_arrays_give_same_bytes(void **state) {
    struct temporary *t = *state;
    unsigned char *bytes[2];
    uint64_t size[2];
    for (int i = 0; i < 2; i++) {
        assert_true(vv_npz_write(&t->ctx, path_of(t, i ? "a.npz" : "b.npz"), sample, ARRAYS));
        assert_true(vv_file_read(&t->ctx, t->path, LIMIT, &bytes[i], &size[i]));
    }
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], (size_t)size[0]);
    for (int i = 0; i < 2; i++) free(bytes[i]);
}

// The bytes of the first member's header and of the end, as the specification numbers them.
static void writes_the_documented_bytes(void **state) {
    struct temporary *t = *state;
    unsigned char *bytes;
    uint64_t size;
    static const unsigned char local[] = {'P', 'K', 3, 4, 45, 0, 0, 8, 0, 0, 0, 0, 0x21, 0},
                               sizes[] = {1, 0, 16, 0, 152, 0, 0, 0, 0, 0, 0, 0, 152, 0},
                               end[] = {'P', 'K', 5, 6, 0, 0, 0, 0, 4, 0, 4, 0};
    assert_true(vv_npz_write(&t->ctx, path_of(t, "a.npz"), sample, ARRAYS));
    assert_true(vv_file_read(&t->ctx, t->path, LIMIT, &bytes, &size));
    assert_memory_equal(bytes, local, sizeof local);
    assert_memory_equal(bytes + LOCAL, "encoder.mu.npy", 14);
    assert_memory_equal(bytes + LOCAL + 14, sizes, sizeof sizes);
    assert_memory_equal(bytes + size - 22, end, sizeof end);
    free(bytes);
}

static void failure_names_the_file_and_leaves_nothing(void **state) {
    struct temporary *t = *state;
    assert_false(vv_npz_write(&t->ctx, path_of(t, "none/a.npz"), sample, ARRAYS));
    assert_failure(&t->ctx, VV_FAILED, t->path, (char *)NULL);
    assert_int_equal(entries_in(t->folder), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(arrays_read_back),
        TEST(no_array_makes_an_empty_file),
        TEST(same_arrays_give_same_bytes),
        TEST(writes_the_documented_bytes),
        TEST(failure_names_the_file_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
