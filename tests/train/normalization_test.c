// How values were brought into [0, 1], kept in a file.
#include "../temporary.h"

#include "../message.h"
#include "normalization.h"
#include "normalize.h"
#include "tensors.h"

static void write_file(struct temporary *t, const struct vv_normalization *n, const char *kind) {
    struct vv_tensor list[3] = {vv_tensor_of("other", VV_DTYPE_F32, vv_shape1(1), &(float){1})};
    const struct vv_meta meta = {vv_normalization_key, kind};
    const uint32_t count = vv_normalization_save(n, list, 1);
    assert_true(vv_safetensors_write(&t->ctx, path_of(t, "a.safetensors"), NULL, list, count, &meta,
                                     kind != NULL));
}

static bool read_file(struct temporary *t, uint32_t pixels, struct vv_normalization *n) {
    struct vv_safetensors file;
    const struct vv_model_size size = {.pixels = pixels};
    assert_true(vv_safetensors_read_checked(&t->ctx, path_of(t, "a.safetensors"), 1 << 20, &file));
    const bool ok = vv_normalization_read(&t->ctx, t->path, &file, &size, n);
    vv_safetensors_finish(&file);
    return ok;
}

static void what_is_kept_is_read(void **state) {
    struct temporary *t = *state;
    float low[] = {-1, 5, 0}, high[] = {1, 5, 1e30F};
    const struct vv_normalization kept[] = {{"minmax", 3, low, high}, {"range", 1, low, high}};
    for (int i = 0; i < 2; i++) {
        struct vv_normalization n;
        write_file(t, &kept[i], kept[i].kind);
        assert_true(read_file(t, 3, &n));
        assert_string_equal(n.kind, kept[i].kind);
        assert_int_equal(n.count, kept[i].count);
        assert_memory_equal(n.low, low, n.count * sizeof *low);
        assert_true(vv_denormalize(&n, 3, 0.75) == 0.5);
        vv_normalization_finish(&n);
    }
}

static void files_without_any_are_read(void **state) {
    struct temporary *t = *state;
    const struct vv_normalization none = {.count = 0};
    struct vv_normalization n;
    write_file(t, &none, NULL);
    assert_true(read_file(t, 3, &n));
    assert_int_equal(n.count, 0);
    assert_true(vv_denormalize(&n, 5, 0.25) == 0.25);
    vv_normalization_finish(&n);
}

static void those_of_other_pictures_are_refused(void **state) {
    struct temporary *t = *state;
    float low[] = {-1, 5, 0}, high[] = {1, 5, 1};
    const struct vv_normalization kept = {"minmax", 3, low, high}, none = {.count = 0};
    struct vv_normalization n;
    char text[2 * PATH_ROOM];
    write_file(t, &kept, "minmax");
    assert_false(read_file(t, 4, &n));
    (void)snprintf(text, sizeof text,
                   "%s: the tensors data.low and data.high are missing or not those of its pictures; "
                   "restore it from a copy, or start again",
                   t->path);
    ASSERT_MESSAGE(
        "<file>: the tensors data.low and data.high are missing or not those of its pictures; "
        "restore it from a copy, or start again",
        VV_BAD_DATA, text, &t->ctx);
    vv_clear(&t->ctx);
    write_file(t, &none, "minmax");
    assert_false(read_file(t, 3, &n));
    vv_clear(&t->ctx);
    write_file(t, &kept, "a kind of a name too long");
    assert_false(read_file(t, 3, &n));
    vv_normalization_finish(&n);
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(what_is_kept_is_read), TEST(files_without_any_are_read),
                                       TEST(those_of_other_pictures_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
