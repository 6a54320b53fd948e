// Text out of probabilities.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "size.h"
#include "wording.h"

enum { TOKENS = 5 };

static struct vv_vocabulary vocabulary_of(struct vv_context *ctx, enum vv_tokens kind, const char *text,
                                          uint64_t size) {
    struct vv_vocabulary v;
    vv_context_init(ctx);
    char *copy = vv_alloc(ctx, size, 1);
    memcpy(copy, text, size);
    assert_true(vv_vocabulary_take(ctx, kind, TOKENS, copy, size, &v));
    return v;
}

static const char rows[] = "\0\xEF\xBF\xBD\0a\0b\0\xC3\xA4", bags[] = "the\0cat\0dog\0\xC3\xA4t\0on";
static const float p[3 * TOKENS] = {0.1F, 0, 0.2F, 0.1F, 0.6F,   // the last
                                    0,    0, 0.5F, 0.5F, 0,      // the first of two
                                    0.9F, 0, 0,    0.1F, 0.0F};  // the end

static void assert_lines(struct vv_lines *lines, const char *expected) {
    assert_string_equal(lines->text, expected);
    assert_int_equal(lines->used, strlen(expected));
    vv_lines_finish(lines);
}

static void rows_end_where_the_end_is_most_probable(void **state) {
    (void)state;
    struct vv_context ctx;
    struct vv_vocabulary v = vocabulary_of(&ctx, VV_TOKENS_CHARS, rows, sizeof rows);
    struct vv_wording w = {.vocabulary = &v, .length = 3};
    struct vv_lines lines = {.ctx = &ctx};
    const float x[3] = {4 / 255.0F, 1 / 255.0F, 2 / 255.0F};
    assert_true(vv_wording_sample(&w, p, 0, &lines));
    assert_true(vv_wording_original(&w, x, &lines));
    assert_lines(&lines, "\xC3\xA4"
                         "a\n\xC3\xA4\xEF\xBF\xBD"
                         "a\n");
    v.kind = VV_TOKENS_WORDS;
    assert_true(vv_wording_sample(&w, p, 0, &lines));
    assert_lines(&lines, "\xC3\xA4 a\n");
    vv_vocabulary_finish(&v);
}

static void bags_tell_the_heaviest_words(void **state) {
    (void)state;
    struct vv_context ctx;
    struct vv_vocabulary v = vocabulary_of(&ctx, VV_TOKENS_BAG, bags, sizeof bags);
    struct vv_wording w = {.vocabulary = &v, .length = 1};
    struct vv_lines lines = {.ctx = &ctx};
    const float x[TOKENS] = {1 / 255.0F, 0, 3 / 255.0F, 0, 1 / 255.0F};
    assert_true(vv_wording_sample(&w, p, 0, &lines));
    assert_true(vv_wording_original(&w, x, &lines));
    assert_lines(&lines, "on dog the \xC3\xA4t\ndog(3) the on\n");
    vv_vocabulary_finish(&v);
}

// Each token as often as it is probable, and the same ones of one seed.
static void tokens_are_drawn_by_their_probability(void **state) {
    (void)state;
    enum { DRAWS = 20000 };
    struct vv_context ctx;
    struct vv_vocabulary v = vocabulary_of(&ctx, VV_TOKENS_CHARS, rows, sizeof rows);
    struct vv_wording w = {.vocabulary = &v, .length = 1, .draw = true, .seed = 3};
    struct vv_lines lines = {.ctx = &ctx}, again = {.ctx = &ctx};
    for (uint32_t i = 0; i < DRAWS; i++) assert_true(vv_wording_sample(&w, p, i, &lines));
    for (uint32_t i = 0; i < DRAWS; i++) assert_true(vv_wording_sample(&w, p, i, &again));
    assert_string_equal(lines.text, again.text);
    uint32_t ends = 0, as = 0, unknown = 0;
    for (const char *at = lines.text; *at; at = strchr(at, '\n') + 1) {
        ends += *at == '\n';
        as += *at == 'a';
        unknown += *at == '\xEF';
    }
    assert_in_range(ends, DRAWS / 10 - 200, DRAWS / 10 + 200);
    assert_in_range(as, DRAWS / 5 - 300, DRAWS / 5 + 300);
    assert_int_equal(unknown, 0);
    w.seed = 4;
    vv_lines_finish(&again);
    again.ctx = &ctx;
    for (uint32_t i = 0; i < DRAWS; i++) assert_true(vv_wording_sample(&w, p, i, &again));
    assert_string_not_equal(lines.text, again.text);
    vv_lines_finish(&lines);
    vv_lines_finish(&again);
    vv_vocabulary_finish(&v);
}

// What a damaged file may hold.
static void unsound_vocabularies_are_refused(void **state) {
    (void)state;
    static const struct {
        enum vv_tokens kind;
        uint32_t count;
        const char *text;
        uint64_t size;
    } wrong[] = {{VV_TOKENS_BAG, 2, "a\0b", 3},      // the last one has no end
                 {VV_TOKENS_BAG, 3, "a\0b\0", 4},    // too few
                 {VV_TOKENS_BAG, 1, "a\0b\0", 4},    // too many
                 {VV_TOKENS_BAG, 2, "a\0\0", 3},     // an empty one
                 {VV_TOKENS_BAG, 1, "\xFF\0", 2},    // no UTF-8
                 {VV_TOKENS_CHARS, 2, "a\0b\0", 4},  // no end of rows
                 {VV_TOKENS_CHARS, 1, "\0", 1},      // nothing for the unknown
                 {VV_TOKENS_BAG, 0, "", 1},         {VV_TOKENS_BAG, 1, "", 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct vv_context ctx;
        struct vv_vocabulary v;
        vv_context_init(&ctx);
        char *copy = vv_alloc(&ctx, wrong[i].size, 1);
        memcpy(copy, wrong[i].text, wrong[i].size);
        if (vv_vocabulary_take(&ctx, wrong[i].kind, wrong[i].count, copy, wrong[i].size, &v))
            fail_msg("vocabulary %zu is taken", i);
        assert_null(v.text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_end_where_the_end_is_most_probable),
        cmocka_unit_test(bags_tell_the_heaviest_words),
        cmocka_unit_test(tokens_are_drawn_by_their_probability),
        cmocka_unit_test(unsound_vocabularies_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
