// Variants of a product as text, and a tuning's entries.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "tuning.h"

static const struct {
    const char *text;
    struct vv_variant variant;
} known[] = {
    {"plain", {VV_MATMUL_PLAIN, 0, 0, 0, 0}},
    {"plain /3", {VV_MATMUL_PLAIN, 0, 0, 0, 3}},
    {"subgroup-buffer 16", {VV_MATMUL_SUBGROUP_BUFFER, 16, 0, 0, 0}},
    {"subgroup-texel 32", {VV_MATMUL_SUBGROUP_TEXEL, 32, 0, 0, 0}},
    {"subgroup-texel 16 /8", {VV_MATMUL_SUBGROUP_TEXEL, 16, 0, 0, 8}},
    {"tile 64x32x16", {VV_MATMUL_TILE, 64, 32, 16, 0}},
    {"tile 128x128x16 /4", {VV_MATMUL_TILE, 128, 128, 16, 4}},
};
enum { KNOWN = sizeof known / sizeof *known };

static void a_variant_is_printed_and_read_back(void **state) {
    (void)state;
    for (uint32_t i = 0; i < KNOWN; i++) {
        char text[VV_VARIANT_TEXT];
        struct vv_variant v;
        assert_string_equal(vv_variant_print(&known[i].variant, text), known[i].text);
        assert_true(vv_variant_parse(known[i].text, &v));
        assert_memory_equal(&v, &known[i].variant, sizeof v);
    }
}

static void one_part_is_printed_as_none(void **state) {
    (void)state;
    char text[VV_VARIANT_TEXT];
    const struct vv_variant v = {VV_MATMUL_SUBGROUP_TEXEL, .rows = 16, .split = 1};
    assert_string_equal(vv_variant_print(&v, text), "subgroup-texel 16");
}

static void the_longest_text_fits(void **state) {
    (void)state;
    char text[VV_VARIANT_TEXT];
    struct vv_variant v = {VV_MATMUL_SUBGROUP_BUFFER, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX},
                      back;
    assert_true(vv_variant_parse(vv_variant_print(&v, text), &back));
    assert_memory_equal(&v, &back, sizeof v);
}

static void what_is_no_variant_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        " ",
        "fast",
        "plainer",
        "plain ",
        "plain 0",
        "plain -1",
        "plain 16 ",
        "plain 16x",
        "plain x16",
        "plain /",
        "plain /0",
        "plain/4",
        "tile 64x32",
        "tile 64x32x",
        "tile 64x32x16x8",
        "tile 64 x32x16",
        "tile 64x32x16 / 4",
        "tile 64x32x16 /4 /4",
        "tile 4294967296x32x16",
        "a-name-that-is-longer-than-any-family-of-kernels has",
    };
    for (uint32_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct vv_variant v = {.family = VV_MATMUL_TILE, .rows = 1, .split = 5};
        const struct vv_variant before = v;
        if (vv_variant_parse(wrong[i], &v)) fail_msg("'%s' was taken for a variant", wrong[i]);
        assert_memory_equal(&v, &before, sizeof v);
    }
}

static void a_product_is_found_by_form_and_sizes(void **state) {
    (void)state;
    struct vv_tuned entries[] = {
        {{0, 128, 400, 784}, {.family = VV_MATMUL_PLAIN}},
        {{1, 128, 400, 784}, {.family = VV_MATMUL_SUBGROUP_TEXEL, .rows = 32}},
        {{1, 400, 128, 784}, {.family = VV_MATMUL_SUBGROUP_BUFFER, .rows = 16}},
    };
    const struct vv_tuning tuning = {3, entries};
    const struct vv_product *p = &entries[1].product, none[] = {
                                                          {2, 128, 400, 784},
                                                          {1, 129, 400, 784},
                                                          {1, 128, 401, 784},
                                                          {1, 128, 400, 785},
                                                      };
    assert_ptr_equal(vv_tuning_find(&tuning, p), &entries[1].variant);
    assert_ptr_equal(vv_tuning_find(&tuning, &entries[2].product), &entries[2].variant);
    for (uint32_t i = 0; i < 4; i++) assert_null(vv_tuning_find(&tuning, &none[i]));
    assert_null(vv_tuning_find(NULL, p));
    assert_null(vv_tuning_find(&(struct vv_tuning){0}, p));
}

static void families_have_names(void **state) {
    (void)state;
    for (int i = VV_MATMUL_PLAIN; i <= VV_MATMUL_TILE; i++) {
        enum vv_matmul_family family;
        assert_true(vv_matmul_parse(vv_matmul_name((enum vv_matmul_family)i), &family));
        assert_int_equal(family, i);
    }
    assert_string_equal(vv_matmul_name((enum vv_matmul_family)77), "unknown");
    assert_false(vv_matmul_parse("unknown", &(enum vv_matmul_family){VV_MATMUL_PLAIN}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_variant_is_printed_and_read_back),
        cmocka_unit_test(one_part_is_printed_as_none),
        cmocka_unit_test(the_longest_text_fits),
        cmocka_unit_test(what_is_no_variant_is_refused),
        cmocka_unit_test(a_product_is_found_by_form_and_sizes),
        cmocka_unit_test(families_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
