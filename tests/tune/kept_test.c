// What was measured is kept in a file; one that is damaged or of another is as if it were not there.
#include "../temporary.h"
#include "file.h"
#include "kept.h"

#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct vv_tuning_key some_key = {
    .device = "6d657361-3232-2e33-2e36-000000000000",
    .driver = "llvmpipe Mesa 22.3.6 (LLVM 15.0.6), 00000001",
    .shaders = 0x123456789abcdef0,
    .limits = {.is_cpu = true, .subgroup_size = 8, .subgroup_shuffle = true, .max_invocations = 1024},
};

static struct vv_measurements some_measurements(struct vv_context *ctx) {
    struct vv_measurements m = {.ctx = ctx};
    const struct vv_measured one = {
        .product = {1, 128, 400, 784},
        .count = 3,
        .chosen = 2,
        .candidates = {{{VV_MATMUL_SUBGROUP_TEXEL, .rows = 32}, false, 1.5e-3, 2e-7},
                       {{VV_MATMUL_TILE, .rows = 64, .columns = 32, .depth = 8}, true, 0, INFINITY},
                       {{.family = VV_MATMUL_PLAIN}, false, 1e-3, 0}}};
    struct vv_measured two = one;
    two.product = (struct vv_product){2, 1, 2, 3};
    two.chosen = 0;
    two.candidates[1].error = 0.25;
    assert_true(vv_measurements_put(&m, &two));
    assert_true(vv_measurements_put(&m, &one));
    two.count = 1;
    assert_true(vv_measurements_put(&m, &two));  // in the place of the first
    assert_int_equal(m.count, 2);
    return m;
}

static char *write_some(struct temporary *t) {
    char folder[PATH_ROOM];
    (void)snprintf(folder, sizeof folder, "%s/deep/cache", t->folder);
    char *path = vv_kept_path(folder, &some_key);
    struct vv_measurements m = some_measurements(&t->ctx);
    if (!vv_kept_write(&t->ctx, path, &some_key, &m)) fail_msg("%s", t->ctx.error);
    assert_int_equal(entries_in(folder), 1);
    vv_measurements_finish(&m);
    return path;
}

static bool reads(struct temporary *t, const char *path, const struct vv_tuning_key *key) {
    struct vv_measurements m = {.ctx = &t->ctx};
    const bool ok = vv_kept_read(path, key, &m);
    assert_int_equal(m.count, ok ? 2 : 0);
    assert_int_equal(t->ctx.status, VV_OK);
    vv_measurements_finish(&m);
    return ok;
}

static void file_is_read_as_it_was_written(void **state) {
    struct temporary *t = *state;
    struct vv_measurements before = some_measurements(&t->ctx), m = {.ctx = &t->ctx};
    char *path = write_some(t);
    assert_non_null(strstr(path, "/tuning-6d657361-3232-2e33-2e36-000000000000-8.txt"));
    assert_true(vv_kept_read(path, &some_key, &m));
    assert_int_equal(m.count, before.count);
    for (uint32_t i = 0; i < m.count; i++) {
        const struct vv_measured *a = &m.list[i], *b = &before.list[i];
        assert_memory_equal(&a->product, &b->product, sizeof a->product);
        assert_int_equal(a->count, b->count);
        assert_int_equal(a->chosen, b->chosen);
        for (uint32_t j = 0; j < a->count; j++) {
            const struct vv_candidate *c = &a->candidates[j], *d = &b->candidates[j];
            assert_memory_equal(&c->variant, &d->variant, sizeof c->variant);
            assert_true(c->wrong == d->wrong && c->seconds == d->seconds && c->error == d->error);
        }
    }
    vv_measurements_finish(&before);
    vv_measurements_finish(&m);
    free(path);
}

static void file_of_another_is_not_read(void **state) {
    struct temporary *t = *state;
    char *path = write_some(t);
    struct vv_tuning_key key = some_key;
    assert_true(reads(t, path, &key));
    key.shaders++;
    assert_false(reads(t, path, &key));
    key = some_key;
    key.limits.subgroup_size = 16;
    assert_false(reads(t, path, &key));
    key = some_key;
    key.limits.matmul = VV_MATMUL_SUBGROUP_BUFFER;
    assert_false(reads(t, path, &key));
    key = some_key;
    key.driver[0]++;
    assert_false(reads(t, path, &key));
    key = some_key;
    key.device[0]++;
    assert_false(reads(t, path, &key));
    assert_false(reads(t, path_of(t, "none"), &some_key));
    assert_false(reads(t, t->folder, &some_key));
    free(path);
}

// Each of several processes puts a product of its own there, and finds all of them in the end.
static void several_write_at_once(void **state) {
    enum { WRITERS = 8 };
    struct temporary *t = *state;
    char *path = vv_kept_path(path_of(t, "cache"), &some_key);
    pid_t writers[WRITERS];
    for (uint32_t i = 0; i < WRITERS; i++) {
        writers[i] = fork();
        assert_true(writers[i] >= 0);
        if (writers[i]) continue;
        struct vv_measurements one = some_measurements(&t->ctx);
        one.count = 1;
        one.list[0].product.k = 100 + i;
        _exit(!vv_kept_write(&t->ctx, path, &some_key, &one));
    }
    for (uint32_t i = 0; i < WRITERS; i++) {
        int status = 1;
        assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
        assert_int_equal(status, 0);
    }
    struct vv_measurements m = {.ctx = &t->ctx};
    assert_true(vv_kept_read(path, &some_key, &m));
    assert_int_equal(m.count, WRITERS);
    vv_measurements_finish(&m);
    free(path);
}

// Without syncing: it is done often.
static void write_raw(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

// Each length, and each byte changed in several ways.
static void damaged_file_is_not_read(void **state) {
    struct temporary *t = *state;
    char *path = write_some(t);
    unsigned char *bytes;
    uint64_t size;
    assert_true(vv_file_read(&t->ctx, path, 1 << 20, &bytes, &size));
    for (uint64_t length = 0; length < size; length++) {
        write_raw(path, bytes, length);
        if (reads(t, path, &some_key)) fail_msg("%u bytes are read", (unsigned)length);
    }
    static const unsigned char flips[] = {1, 0x80, 0xff, 0x20};
    for (uint64_t i = 0; i < size; i++) {
        const unsigned char flip = flips[i % sizeof flips];
        bytes[i] ^= flip;
        write_raw(path, bytes, size);
        if (reads(t, path, &some_key)) fail_msg("byte %u is not looked at", (unsigned)i);
        bytes[i] ^= flip;
    }
    write_raw(path, bytes, size);
    assert_true(reads(t, path, &some_key));
    free(bytes);
    free(path);
}

// Whole by its checksum, but not what the program writes.
static void strange_lines_are_not_read(void **state) {
    struct temporary *t = *state;
    static const char *const wrong[] = {
        "product nt 1x2x3\n",
        "product nt 1x2x3\nchosen 0\n",
        "product nt 1x2x3\nright 1 0 plain\nchosen 1\n",
        "product nt 1x2x3\nwrong 1 plain\nchosen 0\n",
        "product nt 1x2x3\nright nan 0 plain\nchosen 0\n",
        "product nt 1x2x3\nright -1 0 plain\nchosen 0\n",
        "product nt 1x2x3\nright 1 0 quick\nchosen 0\n",
        "product nt 1x2x3\nright 1 0 plain\nchosen 0",
        "product nt 0x2x3\nright 1 0 plain\nchosen 0\n",
        "right 1 0 plain\n",
        "\n",
    };
    char *path = write_some(t), text[4096];
    struct vv_measurements none = {.ctx = &t->ctx};
    unsigned char *bytes;
    uint64_t size;
    assert_true(vv_kept_write(&t->ctx, path, &some_key, &none));
    assert_true(vv_file_read(&t->ctx, path, 4096, &bytes, &size));
    assert_true(vv_kept_unseal((char *)bytes, size));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        (void)snprintf(text, sizeof text, "%s%s", (char *)bytes, wrong[i]);
        char *sealed = vv_kept_seal(&t->ctx, text);
        write_raw(path, sealed, strlen(sealed));
        free(sealed);
        if (reads(t, path, &some_key)) fail_msg("%s", wrong[i]);
    }
    // Forty candidates are more than there is room for.
    size_t used = (size_t)snprintf(text, sizeof text, "%sproduct nt 1x2x3\n", (char *)bytes);
    for (int i = 0; i < 40; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "right 1 0 plain\n");
    (void)snprintf(text + used, sizeof text - used, "chosen 0\n");
    char *sealed = vv_kept_seal(&t->ctx, text);
    write_raw(path, sealed, strlen(sealed));
    assert_false(reads(t, path, &some_key));
    free(sealed);
    free(bytes);
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(file_is_read_as_it_was_written), TEST(file_of_another_is_not_read),
        TEST(several_write_at_once),          TEST(damaged_file_is_not_read),
        TEST(strange_lines_are_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
