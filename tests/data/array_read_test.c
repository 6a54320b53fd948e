#include "../temporary.h"
#include "array.h"
#include "file.h"

enum { FILE_ROOM = 1024 };

struct npy {
    unsigned char bytes[FILE_ROOM];
    size_t size;
};

// A file of version 1.0, or 2.0, with this dictionary, `count` numbers and `extra` bytes behind them.
static struct npy make_npy(unsigned major, const char *dictionary, uint32_t count, size_t extra) {
    struct npy file = {.size = 8 + 2 * (size_t)major};
    const size_t length = strlen(dictionary);
    assert_true(file.size + length + 1 + 4 * (size_t)count + extra <= FILE_ROOM);
    memcpy(file.bytes, "\x93NUMPY", 6);
    file.bytes[6] = (unsigned char)major;
    file.bytes[8] = (unsigned char)((length + 1) & 255);
    file.bytes[9] = (unsigned char)((length + 1) >> 8);
    memcpy(file.bytes + file.size, dictionary, length);
    file.size += length;
    file.bytes[file.size++] = '\n';
    for (uint32_t i = 0; i < count; i++) {
        const float value = (float)i - 2.5F;
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        for (unsigned shift = 0; shift < 32; shift += 8)
            file.bytes[file.size++] = (unsigned char)(bits >> shift);
    }
    file.size += extra;
    return file;
}

static bool read_npy(struct temporary *t, const struct npy *file, struct vv_array *array) {
    (void)unlink(path_of(t, "a.npy"));  // writing over a file takes ext4 much longer
    FILE *stream = fopen(t->path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(file->bytes, 1, file->size, stream), file->size);
    assert_int_equal(fclose(stream), 0);
    *array = (struct vv_array){0};
    return vv_npy_read(&t->ctx, t->path, array);
}

#define HEAD "{'descr': '<f4', 'fortran_order': False, 'shape': "

static void what_is_written_is_read(void **state) {
    struct temporary *t = *state;
    static const uint32_t dims[][4] = {{5}, {2, 3}, {2, 1, 3}, {1, 2, 3, 4}, {1}};
    static const uint32_t rank[] = {1, 2, 3, 4, 1};
    float values[24];
    for (int i = 0; i < 24; i++) values[i] = 1 / ((float)i - 2.5F);
    for (size_t i = 0; i < sizeof rank / sizeof *rank; i++) {
        struct vv_array array = {0};
        uint64_t count = 1;
        for (uint32_t k = 0; k < rank[i]; k++) count *= dims[i][k];
        assert_true(vv_npy_write(&t->ctx, path_of(t, "a.npy"), values, dims[i], rank[i]));
        assert_true(vv_npy_read(&t->ctx, t->path, &array));
        assert_int_equal(array.rank, rank[i]);
        assert_int_equal(array.count, count);
        assert_memory_equal(array.dims, dims[i], sizeof array.dims);
        assert_memory_equal(array.values, values, count * sizeof *values);
        free(array.values);
    }
}

static void other_ways_to_say_it_are_read(void **state) {
    struct temporary *t = *state;
    static const char *const same[] = {
        HEAD "(2, 3), }",
        HEAD "(2, 3)}",
        HEAD "(2,3,)}   ",
        "{\"shape\":(2,3),\"fortran_order\":False,\"descr\":\"<f4\"}",
        "  { 'shape' : ( 2 , 3 , ) , 'descr' : '<f4' , 'fortran_order' : False , }  ",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        for (unsigned major = 1; major <= 2; major++) {
            struct vv_array array;
            const struct npy file = make_npy(major, same[i], 6, 0);
            if (!read_npy(t, &file, &array)) fail_msg("%s: %s", same[i], t->ctx.error);
            assert_int_equal(array.rank, 2);
            assert_int_equal(array.dims[0], 2);
            assert_int_equal(array.dims[1], 3);
            for (int k = 0; k < 6; k++) assert_true(array.values[k] == (float)k - 2.5F);
            free(array.values);
        }
}

static void refusals_name_file_place_and_remedy(void **state) {
    struct temporary *t = *state;
    static const struct {
        const char *dictionary;
        uint32_t count;
        size_t extra;
        const char *said;
    } cases[] = {
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", 6, 0,
         "'descr' at offset 20 is '<f8', not '<f4'"},
        {"{'descr': '>f4', 'fortran_order': False, 'shape': (6,), }", 6, 0, "is '>f4', not"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (24,), }", 6, 0, "is '|u1', not"},
        {"{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (6,), }", 6, 0, "at offset 20"},
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", 6, 0,
         "'fortran_order' at offset 44 is True, not False"},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (6,), }", 6, 0, "at offset 44"},
        {HEAD "(), }", 1, 0, "'shape' at offset 60 is (), a single number"},
        {HEAD "(6), }", 6, 0, "at offset 63"},
        {HEAD "[2, 3], }", 6, 0, "at offset 60"},
        {HEAD "(2 3), }", 6, 0, "at offset 63"},
        {HEAD "(,), }", 6, 0, "at offset 61"},
        {HEAD "(-6,), }", 6, 0, "at offset 61"},
        {HEAD "(6L,), }", 6, 0, "at offset 62"},
        {HEAD "(06,), }", 6, 0, "at offset 63"},
        {HEAD "(0, 3), }", 0, 0, "a size of 'shape' at offset 61 is 0"},
        {HEAD "(1, 1, 1, 1, 6), }", 6, 0, "more than 4 sizes at offset 73"},
        {HEAD "(4294967296,), }", 0, 0, "4294967296 or more"},
        {HEAD "(4294967295, 4294967295, 2), }", 6, 0, "promises 2^64 bytes or more"},
        {HEAD "(2147483648, 2147483648), }", 6, 0, "promises 2^64 bytes or more"},
        {HEAD "(7,), }", 6, 0, "promises 28 bytes from offset 68 on, and 24 are there"},
        {HEAD "(5,), }", 6, 0, "promises 20 bytes from offset 68 on, and 24 are there"},
        {HEAD "(6,), }", 6, 1, "promises 24 bytes from offset 68 on, and 25 are there"},
        {HEAD "(6,), 'shape': (6,), }", 6, 0, "the key 'shape' at offset 66 stands there twice"},
        {HEAD "(6,), 'more': 1, }", 6, 0, "the key 'more' at offset 66 is not one"},
        {"{'descr': '<f4', 'shape': (6,), }", 6, 0, "the header has no 'fortran_order'"},
        {"{}", 6, 0, "the header has no 'descr'"},
        {"", 6, 0, "at offset 10"},
        {HEAD "(6,), ", 6, 0, "at offset"},
        {HEAD "(6,), } x", 6, 0, "at offset"},
        {HEAD "(6,), }\n", 6, 0, "at offset"},
        {HEAD "(6,),, }", 6, 0, "at offset"},
        {HEAD "(6,) 'x' }", 6, 0, "at offset"},
        {"{'de\\x73cr': '<f4', 'fortran_order': False, 'shape': (6,), }", 6, 0, "at offset"},
        {"{'descr': '<f4\n', 'fortran_order': False, 'shape': (6,), }", 6, 0, "at offset"},
        {"{'descr': 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'}", 6, 0, "at"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vv_array array;
        const struct npy file = make_npy(1, cases[i].dictionary, cases[i].count, cases[i].extra);
        if (read_npy(t, &file, &array)) fail_msg("taken: %s", cases[i].dictionary);
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, cases[i].said,
                       "numpy.save(file, z.astype('<f4', order='C'))", (char *)NULL);
    }
}

static void prefix_is_checked(void **state) {
    struct temporary *t = *state;
    struct vv_array array;
    const struct npy sound = make_npy(2, HEAD "(6,), }", 6, 0);
    struct npy file = sound;
    file.bytes[1] = 'M';
    assert_false(read_npy(t, &file, &array));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "is no .npy file", "offset 0", (char *)NULL);
    file = sound;
    file.bytes[6] = 3;
    assert_false(read_npy(t, &file, &array));
    assert_failure(&t->ctx, VV_BAD_DATA, "is of version 3.0 at offset 6", (char *)NULL);
    file = sound;
    file.bytes[10] = 1;
    assert_false(read_npy(t, &file, &array));
    assert_failure(&t->ctx, VV_BAD_DATA, "at offset 8 is 65594, more than the 65536", (char *)NULL);
    file = sound;
    file.bytes[9] = 2;
    assert_false(read_npy(t, &file, &array));
    assert_failure(&t->ctx, VV_BAD_DATA, "at offset 8 is 570, but only 82 bytes follow", (char *)NULL);
    assert_false(vv_npy_read(&t->ctx, path_of(t, "none.npy"), &array));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "check the path", (char *)NULL);
}

// ---- Damage: refused, or read as what it was but for the numbers ----

static void check_damaged(struct temporary *t, const struct npy *file, const struct vv_array *sound) {
    struct vv_array array;
    if (read_npy(t, file, &array)) {
        assert_int_equal(array.rank, sound->rank);
        assert_memory_equal(array.dims, sound->dims, sizeof array.dims);
        free(array.values);
    } else {
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, (char *)NULL);
    }
}

static void every_truncation_is_refused(void **state) {
    struct temporary *t = *state;
    for (unsigned major = 1; major <= 2; major++) {
        struct npy file = make_npy(major, HEAD "(2, 3), }                   ", 6, 0);
        while (file.size-- > 0) {
            struct vv_array array;
            if (read_npy(t, &file, &array)) fail_msg("%zu bytes are taken", file.size);
            assert_failure(&t->ctx, VV_BAD_DATA, t->path, (char *)NULL);
        }
    }
}

static void any_wrong_byte_is_harmless(void **state) {
    struct temporary *t = *state;
    static const unsigned char others[] = {0,   '\n', ' ', '\'', '"', '(', ')', ',', ':', '{', '}',
                                           '0', '1',  '6', '9',  'F', 'T', '<', '>', 127, 255};
    const struct vv_array sound = {.rank = 2, .dims = {2, 3}};
    for (unsigned major = 1; major <= 2; major++) {
        const struct npy file = make_npy(major, HEAD "(2, 3), }     ", 6, 0);
        for (size_t at = 0; at < file.size; at++) {
            struct npy damaged = file;
            for (unsigned bit = 0; bit < 8; bit++) {
                damaged.bytes[at] = (unsigned char)(file.bytes[at] ^ 1u << bit);
                check_damaged(t, &damaged, &sound);
            }
            for (size_t i = 0; i < sizeof others; i++) {
                damaged.bytes[at] = others[i];
                check_damaged(t, &damaged, &sound);
            }
        }
    }
}

// Pieces of a header in another order, many at once: whatever is read holds as many numbers as it says.
static void any_mixture_is_harmless(void **state) {
    struct temporary *t = *state;
    uint32_t random = 1, taken = 0;
    for (uint32_t i = 0; i < 4000; i++) {
        struct npy file = make_npy(1 + i % 2, HEAD "(2, 3), }     ", 6, 0);
        for (uint32_t k = 0; k < 1 + i % 7; k++) {
            random = random * 1664525u + 1013904223u;
            const size_t from = (random >> 8) % file.size, to = (random >> 16) % file.size;
            const size_t most = file.size - (from > to ? from : to), length = 1 + (random >> 4) % 12;
            memmove(file.bytes + to, file.bytes + from, length < most ? length : most);
        }
        struct vv_array array;
        if (read_npy(t, &file, &array)) {
            taken++;
            uint64_t count = 1;
            for (uint32_t k = 0; k < array.rank; k++) count *= array.dims[k];
            assert_int_equal(array.count, count);
            assert_in_range(count, 1, FILE_ROOM / 4);
            for (uint64_t k = 0; k < count; k++) (void)*(volatile float *)&array.values[k];
            free(array.values);
        } else {
            assert_failure(&t->ctx, VV_BAD_DATA, t->path, (char *)NULL);
        }
    }
    assert_in_range(taken, 1, 3999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read),
        TEST(other_ways_to_say_it_are_read),
        TEST(refusals_name_file_place_and_remedy),
        TEST(prefix_is_checked),
        TEST(every_truncation_is_refused),
        TEST(any_wrong_byte_is_harmless),
        TEST(any_mixture_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
