#include "decode.h"
#include "grid.h"

#include <math.h>

enum { MARGIN = 2, GREY = 96 };

// What the grid has to show at one pixel, from its definition.
static int expected_at(const unsigned char *values, uint32_t count, uint32_t height, uint32_t width,
                       uint32_t channels, uint32_t columns, uint32_t scale, uint32_t x, uint32_t y,
                       uint32_t channel) {
    uint32_t step_x = width * scale + MARGIN, step_y = height * scale + MARGIN;
    uint32_t inner_x = x % step_x / scale, inner_y = y % step_y / scale;
    uint32_t picture = y / step_y * columns + x / step_x;
    if (x % step_x >= width * scale || y % step_y >= height * scale || picture >= count) return GREY;
    return values[((picture * height + inner_y) * width + inner_x) * channels + channel];
}

static void every_pixel_is_where_it_belongs(void **state) {
    struct temporary *t = *state;
    static const struct {
        uint32_t count, height, width, channels, columns, scale, shown_columns, rows;
    } cases[] = {{5, 3, 4, 1, 2, 1, 2, 3},
                 {5, 3, 4, 3, 3, 3, 3, 2},
                 {1, 1, 1, 1, 8, 5, 1, 1},
                 {4, 2, 2, 3, 4, 2, 4, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned char values[5 * 3 * 4 * 3];
        float pictures[5 * 3 * 4 * 3];
        struct picture picture = {0};
        for (unsigned k = 0; k < sizeof values; k++) {
            values[k] = (unsigned char)(k * 37 + 11);
            pictures[k] = (float)values[k] / 255.0F;
        }
        const uint32_t n = cases[i].count, h = cases[i].height, w = cases[i].width,
                       c = cases[i].channels, scale = cases[i].scale;
        assert_true(
            vv_grid_write(&t->ctx, path_of(t, "g.png"), pictures, n, h, w, c, cases[i].columns, scale));
        decode(t, t->path, &picture);
        assert_int_equal(picture.channels, c);
        assert_int_equal(picture.width, cases[i].shown_columns * (w * scale + MARGIN) - MARGIN);
        assert_int_equal(picture.height, cases[i].rows * (h * scale + MARGIN) - MARGIN);
        for (uint32_t y = 0; y < picture.height; y++)
            for (uint32_t x = 0; x < picture.width; x++)
                for (uint32_t k = 0; k < c; k++)
                    assert_int_equal(
                        pixel_at(&picture, x, y)[k],
                        expected_at(values, n, h, w, c, cases[i].shown_columns, scale, x, y, k));
        free(picture.pixels);
    }
}

static void values_are_rounded_and_clamped_and_nan_is_black(void **state) {
    struct temporary *t = *state;
    const float values[9] = {NAN, -1, INFINITY, -INFINITY, 1e30F, 0.5F, 1, 0, 127.4F / 255.0F};
    const unsigned char expected[9] = {0, 0, 255, 0, 255, 128, 255, 0, 127};
    struct picture picture = {0};
    assert_true(vv_grid_write(&t->ctx, path_of(t, "g.png"), values, 1, 1, 9, 1, 1, 1));
    decode(t, t->path, &picture);
    assert_int_equal(picture.width, 9);
    assert_memory_equal(picture.pixels, expected, 9);
    free(picture.pixels);
}

static void senseless_requests_are_refused(void **state) {
    struct temporary *t = *state;
    static const uint32_t requests[][6] = {{0, 1, 1, 1, 1, 1},
                                           {1, 0, 1, 1, 1, 1},
                                           {1, 1, 0, 1, 1, 1},
                                           {1, 1, 1, 2, 1, 1},
                                           {1, 1, 1, 1, 0, 1},
                                           {1, 1, 1, 1, 1, 0},
                                           {1, 1, 1, 4, 1, 1},
                                           {1, 1, 1, 1, 1, 1 << 20},
                                           {1, UINT32_MAX, UINT32_MAX, 1, 1, UINT32_MAX},
                                           {UINT32_MAX, 28, 28, 1, UINT32_MAX, 1}};
    const float value = 0;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        const uint32_t *r = requests[i];
        assert_false(
            vv_grid_write(&t->ctx, path_of(t, "g.png"), &value, r[0], r[1], r[2], r[3], r[4], r[5]));
        assert_failure(&t->ctx, VV_USAGE, t->path, (char *)NULL);
    }
    assert_int_equal(entries_in(t->folder), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_pixel_is_where_it_belongs),
        TEST(values_are_rounded_and_clamped_and_nan_is_black),
        TEST(senseless_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
