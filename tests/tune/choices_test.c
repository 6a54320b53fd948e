// A tuning as text is read back as it was; anything else is refused.
#include "../temporary.h"
#include "choices.h"

static const struct vv_tuned some[] = {
    {{1, 128, 400, 784}, {VV_MATMUL_SUBGROUP_TEXEL, .rows = 32}},
    {{0, 1, 4294967295, 3}, {.family = VV_MATMUL_PLAIN}},
    {{2, 784, 400, 128}, {VV_MATMUL_TILE, .rows = 64, .columns = 64, .depth = 16, .split = 4}},
};

static void tuning_is_read_as_it_was_printed(void **state) {
    struct temporary *t = *state;
    char text[512], again[512];
    size_t at;
    for (uint32_t count = 0; count <= 3; count++) {
        struct vv_tuned entries[3];
        memcpy(entries, some, sizeof some);
        const struct vv_tuning tuning = {count, entries};
        struct vv_tuning read;
        assert_true(vv_choices_print(&tuning, text, sizeof text));
        assert_true(vv_choices_parse(&t->ctx, text, &read, &at));
        assert_int_equal(read.count, count);
        for (uint32_t i = 0; i < count; i++) {
            assert_true(vv_product_equal(&read.entries[i].product, &some[i].product));
            assert_true(vv_variant_equal(&read.entries[i].variant, &some[i].variant));
        }
        assert_true(vv_choices_print(&read, again, sizeof again));
        assert_string_equal(text, again);
        vv_choices_finish(&read);
    }
    assert_string_equal(text, "nt 128x400x784=subgroup-texel 32; nn 1x4294967295x3=plain; "
                              "tn 784x400x128=tile 64x64x16 /4");
}

static void text_that_does_not_fit_is_not_cut(void **state) {
    (void)state;
    struct vv_tuned entries[3];
    memcpy(entries, some, sizeof some);
    const struct vv_tuning tuning = {3, entries};
    char text[512];
    assert_true(vv_choices_print(&tuning, text, sizeof text));
    for (size_t size = 1; size <= strlen(text); size++)
        assert_false(vv_choices_print(&tuning, text, size));
}

static void other_texts_are_refused_with_their_place(void **state) {
    struct temporary *t = *state;
    static const struct {
        const char *text;
        size_t at;
    } wrong[] = {{"x", 0},
                 {"nt 1x2x3", 0},
                 {"nt 1x2x3=", 0},
                 {"nt 1x2x3=plain;", 0},
                 {"nt 1x2x3=plain; ", 16},
                 {"nt 1x2x3=plain;nn 1x2x3=plain", 0},
                 {"nt 1x2x3=plain; nn 1x2x3=fast", 16},
                 {"nt 0x2x3=plain", 0},
                 {"nt 01x2x3=plain", 0},
                 {"nt -1x2x3=plain", 0},
                 {"nt 4294967296x2x3=plain", 0},
                 {"tt 1x2x3=plain", 0},
                 {"nt  1x2x3=plain", 0},
                 {"nt 1x2x3x4=plain", 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct vv_tuning read;
        size_t at = 99;
        if (vv_choices_parse(&t->ctx, wrong[i].text, &read, &at)) fail_msg("%s", wrong[i].text);
        if (at != wrong[i].at) fail_msg("%s: %zu", wrong[i].text, at);
        vv_choices_finish(&read);
        assert_int_equal(t->ctx.status, VV_OK);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(tuning_is_read_as_it_was_printed),
        TEST(text_that_does_not_fit_is_not_cut),
        TEST(other_texts_are_refused_with_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
