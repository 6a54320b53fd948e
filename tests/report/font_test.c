#include "../temporary.h"
#include "font.h"

#include <math.h>

static const double slack = 1e-9;

struct extent {
    unsigned segments;
    double left, right, top, bottom;
};

static void widen(void *user, double x0, double y0, double x1, double y1) {
    struct extent *e = user;
    e->segments++;
    e->left = fmin(e->left, fmin(x0, x1));
    e->right = fmax(e->right, fmax(x0, x1));
    e->top = fmin(e->top, fmin(y0, y1));
    e->bottom = fmax(e->bottom, fmax(y0, y1));
}

static struct extent extent_of(const char *text, double scale) {
    struct extent extent = {0, 1e9, -1e9, 1e9, -1e9};
    vv_font_draw(text, scale, widen, &extent);
    return extent;
}

static void every_printable_character_stands_in_its_box(void **state) {
    (void)state;
    for (char c = ' ' + 1; c <= '~'; c++) {
        const char text[2] = {c, '\0'};
        struct extent extent = extent_of(text, 1);
        if (extent.segments == 0) fail_msg("'%c' has no strokes", c);
        bool inside = extent.left >= -slack && extent.right <= vv_font_width(text, 1) + slack &&
                      extent.top >= -vv_font_cap - slack && extent.bottom <= vv_font_descent + slack;
        if (!inside)
            fail_msg("'%c' reaches from (%g, %g) to (%g, %g)", c, extent.left, extent.top, extent.right,
                     extent.bottom);
    }
    assert_int_equal(extent_of(" ", 1).segments, 0);
}

// A polynomial in all coordinates: two glyphs that share it share their strokes.
static void digest(void *user, double x0, double y0, double x1, double y1) {
    double *sum = user;
    *sum = *sum * 1.37 + x0 + 3.1 * y0 + 7.3 * x1 + 17.9 * y1;
}

static void no_two_characters_look_alike(void **state) {
    (void)state;
    double digests[127] = {0};
    for (char a = ' '; a <= '~'; a++) {
        const char text[2] = {a, '\0'};
        vv_font_draw(text, 1, digest, &digests[(int)a]);
        for (char b = ' '; b < a; b++) {
            // As in most grotesques, and told apart by what stands around them.
            bool allowed = b == 'I' && a == 'l';
            if (digests[(int)a] == digests[(int)b] && !allowed) fail_msg("'%c' looks like '%c'", a, b);
        }
    }
}

static void letters_keep_to_their_lines(void **state) {
    (void)state;
    for (const char *c = "ABCDEFGHIKLMNOPRSTUVWXYZ0123456789"; *c; c++) {
        const char text[2] = {*c, '\0'};
        struct extent extent = extent_of(text, 1);
        assert_true(fabs(extent.top + vv_font_cap) < slack);
        assert_true(fabs(extent.bottom) < slack);
    }
    for (const char *c = "acemnorsuvwxz"; *c; c++) {
        const char text[2] = {*c, '\0'};
        struct extent extent = extent_of(text, 1);
        assert_true(fabs(extent.top + vv_font_x_height) < slack);
        assert_true(fabs(extent.bottom) < slack);
    }
    for (const char *c = "gjpqy"; *c; c++) {
        const char text[2] = {*c, '\0'};
        assert_true(fabs(extent_of(text, 1).bottom - vv_font_descent) < slack);
    }
}

static void width_grows_with_text_and_scale(void **state) {
    (void)state;
    assert_true(vv_font_width("", 2) == 0);
    assert_true(vv_font_width("loss", 1) > vv_font_width("los", 1));
    assert_true(vv_font_width("loss", 3) == 3 * vv_font_width("loss", 1));
    assert_true(vv_font_width("1111", 1) == vv_font_width("8080", 1));
    struct extent extent = extent_of("nmn", 2);
    assert_true(fabs(extent.right - vv_font_width("nmn", 2)) < slack);
}

static void other_characters_are_question_marks(void **state) {
    (void)state;
    assert_true(vv_font_width("\xce\xb2=4", 1) == vv_font_width("?=4", 1));
    assert_int_equal(extent_of("\xce\xb2", 1).segments, extent_of("?", 1).segments);
    assert_int_equal(extent_of("\n", 1).segments, extent_of("?", 1).segments);
    assert_true(vv_font_width("a\xf0", 1) ==
                vv_font_width("a?", 1));  // a sequence cut by the text's end
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_printable_character_stands_in_its_box),
        cmocka_unit_test(no_two_characters_look_alike),
        cmocka_unit_test(letters_keep_to_their_lines),
        cmocka_unit_test(width_grows_with_text_and_scale),
        cmocka_unit_test(other_characters_are_question_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
