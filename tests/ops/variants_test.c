// The fixed table: which variant computes which product on which kind of device. What they compute:
// ops_test.c.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "matmul.h"
#include "matmul_launch.h"

// As llvmpipe's, and as those of a card of our time.
static struct vv_limits software(void) {
    struct vv_limits l = {.is_cpu = true,
                          .subgroup_size = 8,
                          .subgroup_shuffle = true,
                          .max_invocations = 1024,
                          .max_groups = 65535,
                          .max_shared_bytes = 32768,
                          .max_texel_elements = 1u << 27,
                          .max_storage_range = 1u << 27,
                          .max_uniform_range = 65536,
                          .offset_alignment = 16,
                          .max_storage_buffers = 16};
    l.matmul = vv_matmul_choose(&l);
    return l;
}
static struct vv_limits card(void) {
    struct vv_limits l = software();
    l.is_cpu = false;
    l.subgroup_size = 32;
    l.max_shared_bytes = 49152;
    l.matmul = vv_matmul_choose(&l);
    return l;
}
static struct vv_limits least_card(void) {
    struct vv_limits l = card(), least = vv_limits_minimum;
    least.is_cpu = false;
    return vv_limits_meet(&l, &least);
}

static void expect(const struct vv_limits *limits, struct vv_product p, const char *expected) {
    const struct vv_variant v = vv_matmul_choice(&p, limits);
    char text[VV_VARIANT_TEXT];
    if (strcmp(vv_variant_print(&v, text), expected) != 0)
        fail_msg("%u: %u,%u,%u: %s instead of %s", p.form, p.m, p.n, p.k, text, expected);
}

static void software_takes_subgroups(void **state) {
    (void)state;
    struct vv_limits l = software();
    expect(&l, (struct vv_product){VV_FORM_NT, 128, 400, 784}, "subgroup-texel 32");
    expect(&l, (struct vv_product){VV_FORM_TN, 40, 400, 128}, "subgroup-texel 16");
    expect(&l, (struct vv_product){VV_FORM_NN, 128, 401, 784}, "subgroup-buffer 32");
    l.max_texel_elements = 65536;
    expect(&l, (struct vv_product){VV_FORM_NT, 128, 400, 784}, "subgroup-buffer 32");
    l.matmul = vv_matmul_choose(&l);
    expect(&l, (struct vv_product){VV_FORM_NT, 128, 400, 784}, "plain");
    expect(&vv_limits_minimum, (struct vv_product){VV_FORM_NT, 128, 400, 784}, "plain");
}

static void cards_take_the_largest_tile_that_leaves_enough_of_them(void **state) {
    (void)state;
    const struct vv_limits l = card(), least = least_card();
    expect(&l, (struct vv_product){VV_FORM_NN, 4096, 4096, 4096}, "tile 128x128x16");
    expect(&least, (struct vv_product){VV_FORM_NN, 4096, 4096, 4096}, "tile 64x64x16");
    expect(&l, (struct vv_product){VV_FORM_TN, 784, 400, 128}, "tile 64x64x16");
    expect(&l, (struct vv_product){VV_FORM_NT, 512, 400, 784}, "tile 32x32x16");
}

static void cards_split_what_has_few_results_and_many_terms(void **state) {
    (void)state;
    const struct vv_limits l = card();
    expect(&l, (struct vv_product){VV_FORM_NT, 128, 400, 784}, "tile 32x32x16 /2");
    expect(&l, (struct vv_product){VV_FORM_NN, 128, 20, 400}, "tile 32x32x16 /4");
    expect(&l, (struct vv_product){VV_FORM_TN, 40, 400, 128}, "tile 32x32x16 /2");
    expect(&l, (struct vv_product){VV_FORM_NT, 1, 1, 100000}, "tile 32x32x16 /8");
    expect(&l, (struct vv_product){VV_FORM_NT, 128, 400, 20}, "tile 32x32x16");
    expect(&l, (struct vv_product){VV_FORM_NT, 1, 1, 1}, "tile 32x32x16");
}

// The choice first, then others: each once, as a tuning can hold it.
static void variants_are_told_apart(void **state) {
    (void)state;
    const struct vv_limits all[] = {software(), card(), least_card(), vv_limits_minimum};
    const struct vv_product p = {VV_FORM_NT, 128, 40, 400};
    for (uint32_t i = 0; i < 4; i++) {
        struct vv_variant list[VV_MAX_VARIANTS], back;
        const uint32_t count = vv_matmul_variants(&p, &all[i], list);
        const struct vv_variant choice = vv_matmul_choice(&p, &all[i]);
        assert_true(count >= 1 && count <= VV_MAX_VARIANTS);
        assert_memory_equal(&list[0], &choice, sizeof choice);
        for (uint32_t a = 0; a < count; a++) {
            char text[VV_VARIANT_TEXT], other[VV_VARIANT_TEXT];
            assert_true(vv_variant_parse(vv_variant_print(&list[a], text), &back));
            assert_memory_equal(&back, &list[a], sizeof back);
            for (uint32_t b = 0; b < a; b++)
                assert_string_not_equal(text, vv_variant_print(&list[b], other));
        }
    }
}

static bool lists(const struct vv_limits *limits, enum vv_matmul_family family) {
    const struct vv_product p = {VV_FORM_NT, 128, 40, 400};
    struct vv_variant list[VV_MAX_VARIANTS];
    const uint32_t count = vv_matmul_variants(&p, limits, list);
    for (uint32_t i = 0; i < count; i++)
        if (list[i].family == family) return true;
    return false;
}

static void software_is_spared_tiles_unless_asked_for(void **state) {
    (void)state;
    struct vv_limits l = software();
    const struct vv_limits gpu = card();
    assert_true(lists(&gpu, VV_MATMUL_TILE));
    assert_false(lists(&l, VV_MATMUL_TILE));
    assert_true(lists(&l, VV_MATMUL_SUBGROUP_BUFFER));
    l.matmul = VV_MATMUL_TILE;
    assert_true(lists(&l, VV_MATMUL_TILE));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(software_takes_subgroups),
        cmocka_unit_test(cards_take_the_largest_tile_that_leaves_enough_of_them),
        cmocka_unit_test(cards_split_what_has_few_results_and_many_terms),
        cmocka_unit_test(variants_are_told_apart),
        cmocka_unit_test(software_is_spared_tiles_unless_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
