#include "curve.h"
#include "decode.h"

#include <float.h>
#include <math.h>

static const unsigned char blue[3] = {0, 114, 178}, red[3] = {213, 94, 0}, grid[3] = {228, 230, 233},
                           axis[3] = {90, 94, 102}, white[3] = {255, 255, 255};

enum { LEGEND_END = 80 };  // above this row there is only title and legend

static bool is(const struct picture *p, uint32_t x, uint32_t y, const unsigned char colour[3]) {
    return memcmp(pixel_at(p, x, y), colour, 3) == 0;
}

struct box {
    uint32_t left, top, right, bottom, count;  // of the pixels of one colour, from `from_row` on
};

static struct box box_of(const struct picture *p, const unsigned char colour[3], uint32_t from_row) {
    struct box box = {UINT32_MAX, UINT32_MAX, 0, 0, 0};
    for (uint32_t y = from_row; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++) {
            if (!is(p, x, y, colour)) continue;
            if (x < box.left) box.left = x;
            if (y < box.top) box.top = y;
            if (x > box.right) box.right = x;
            if (y > box.bottom) box.bottom = y;
            box.count++;
        }
    return box;
}

// Mean row of a colour between two columns, below the legend; -1 where there is none.
static double mean_row(const struct picture *p, const unsigned char colour[3], uint32_t from,
                       uint32_t to) {
    double sum = 0, count = 0;
    for (uint32_t y = LEGEND_END; y < p->height; y++)
        for (uint32_t x = from; x < to; x++)
            if (is(p, x, y, colour)) {
                sum += y;
                count++;
            }
    return count > 0 ? sum / count : -1;
}

// Rows, or with `upright` columns, that are mostly grid.
static unsigned grid_lines(const struct picture *p, bool upright) {
    unsigned lines = 0;
    uint32_t outer = upright ? p->width : p->height, inner = upright ? p->height : p->width;
    for (uint32_t i = 0; i < outer; i++) {
        uint32_t count = 0;
        for (uint32_t k = 0; k < inner; k++) count += upright ? is(p, i, k, grid) : is(p, k, i, grid);
        lines += count > inner / 2;
    }
    return lines;
}

static void draw(struct temporary *t, const struct vv_chart *chart, struct picture *picture) {
    if (!vv_curve_write(&t->ctx, path_of(t, "c.png"), chart)) fail_msg("%s", t->ctx.error);
    decode(t, t->path, picture);
    assert_int_equal(picture->channels, 3);
    assert_true(is(picture, 0, 0, white));
    assert_true(is(picture, picture->width - 1, picture->height - 1, white));
    struct box axes = box_of(picture, axis, 0);
    assert_true(axes.count > picture->width / 2);
}

static void lines_go_where_their_values_go(void **state) {
    struct temporary *t = *state;
    const double x[5] = {0, 1, 2, 3, 4}, falling[5] = {10, 7, 5, 4, 3.5},
                 rising[5] = {0, 1, 1.5, 2, 2.5};
    const struct vv_series series[2] = {{"falling", x, falling, 5}, {"rising", x, rising, 5}};
    const struct vv_chart chart = {.title = "t", .series = series, .series_count = 2};
    struct picture p = {0};
    draw(t, &chart, &p);
    assert_int_equal(p.width, 900);
    assert_int_equal(p.height, 560);
    const uint32_t third = p.width / 3;
    assert_true(mean_row(&p, blue, 0, third) >= 0);
    assert_true(mean_row(&p, blue, 0, third) + 50 < mean_row(&p, blue, 2 * third, p.width));
    assert_true(mean_row(&p, red, 0, third) > mean_row(&p, red, 2 * third, p.width) + 50);
    assert_true(mean_row(&p, blue, 0, p.width) < mean_row(&p, red, 0, p.width));
    // The curves begin and end with the points, within the axes.
    struct box line = box_of(&p, blue, LEGEND_END), axes = box_of(&p, axis, 0);
    assert_true(line.left > axes.left && line.right < axes.right);
    assert_true(line.right - line.left > 700);
    assert_true(line.top >= axes.top - 4 && line.bottom < axes.bottom);
    free(p.pixels);
}

static void values_stand_at_their_heights(void **state) {
    struct temporary *t = *state;
    const double x[3] = {0, 1, 2}, y[3] = {0, 5, 10};
    const struct vv_series series = {NULL, x, y, 3};
    const struct vv_chart chart = {.series = &series, .series_count = 1};
    struct picture p = {0};
    draw(t, &chart, &p);
    // Markers at both ends: their centres are on the lines of 0 and of 10, the top and bottom of the y
    // axis.
    struct box line = box_of(&p, blue, 0), grids = box_of(&p, grid, 0);
    uint32_t bottom = p.height - 1;
    while (!is(&p, p.width / 2, bottom, axis)) bottom--;
    assert_in_range(line.bottom, bottom + 1, bottom + 4);
    assert_in_range(line.top, grids.top - 4, grids.top - 1);
    assert_in_range(mean_row(&p, blue, p.width / 3, 2 * p.width / 3), (grids.top + bottom) / 2.0 - 12,
                    (grids.top + bottom) / 2.0 + 12);
    free(p.pixels);
}

// Powers of ten stand apart evenly, and what is not above 0 has no place.
static void logarithmic_axes_show_powers_as_lines(void **state) {
    struct temporary *t = *state;
    const double x[5] = {0, 1, 10, 100, 1000}, y[5] = {7, 1e-3, 1e-2, 1e-1, 1};
    const struct vv_series series = {NULL, x, y, 5}, none = {NULL, x, y, 1};
    struct vv_chart chart = {.series = &series, .series_count = 1, .x_log = true, .y_log = true};
    struct picture p = {0};
    draw(t, &chart, &p);
    // A straight line, from corner to corner.
    const struct box line = box_of(&p, blue, 0);
    const uint32_t eighth = (line.right - line.left) / 8;
    for (uint32_t i = 1; i < 7; i++) {
        const double row = mean_row(&p, blue, line.left + i * eighth, line.left + (i + 1) * eighth);
        const double wanted = line.bottom - (i + 0.5) / 8 * (line.bottom - line.top);
        if (row >= LEGEND_END + 8) assert_in_range(row, wanted - 8, wanted + 8);
    }
    assert_int_equal(grid_lines(&p, true), 10);  // on 1, 2 and 5 of three decades, and on 1000
    free(p.pixels);
    // A range of less than a decade has ticks too; one of hundreds no more than fit.
    const double near[3] = {3, 4, 6}, far[3] = {1e-280, 1, 1e280}, place[3] = {1, 2, 3};
    const double *const values[] = {near, far};
    for (int i = 0; i < 2; i++) {
        const struct vv_series other = {NULL, place, values[i], 3};
        chart.series = &other;
        draw(t, &chart, &p);
        assert_in_range(grid_lines(&p, false), 1, 12);
        free(p.pixels);
    }
    chart.series = &none;
    draw(t, &chart, &p);
    assert_int_equal(box_of(&p, blue, 0).count, 0);
    free(p.pixels);
}

static void legend_shows_each_series(void **state) {
    struct temporary *t = *state;
    const double x[2] = {0, 1}, y[2] = {0, 1};
    struct vv_series series[2] = {{"one", x, y, 2}, {"two", x, y, 2}};
    const struct vv_chart chart = {.series = series, .series_count = 2};
    struct picture p = {0};
    for (int labelled = 0; labelled < 2; labelled++) {
        if (!labelled) series[0].label = series[1].label = NULL;
        draw(t, &chart, &p);
        struct box axes = box_of(&p, axis, 0);
        bool any = false;
        for (uint32_t row = 0; row + 8 < axes.top; row++)
            for (uint32_t column = 0; column < p.width; column++) any |= is(&p, column, row, red);
        assert_int_equal(any, labelled);
        free(p.pixels);
        series[0].label = "one";
        series[1].label = "two";
    }
}

static void ticks_are_round_and_whole_where_asked(void **state) {
    struct temporary *t = *state;
    const double x[3] = {1, 2, 3}, y[3] = {0, 7, 10};
    const struct vv_series series = {"s", x, y, 3};
    struct vv_chart chart = {.series = &series, .series_count = 1};
    struct picture p = {0};
    draw(t, &chart, &p);
    unsigned fine = grid_lines(&p, true);
    assert_int_equal(grid_lines(&p, false), 5);  // 2, 4, 6, 8, 10; the axis covers 0
    free(p.pixels);
    chart.x_whole = true;
    draw(t, &chart, &p);
    assert_int_equal(grid_lines(&p, true), 3);
    assert_true(fine > 3);
    free(p.pixels);
}

static void titles_leave_ink_where_they_belong(void **state) {
    struct temporary *t = *state;
    const double x[2] = {0, 1}, y[2] = {0, 1};
    const struct vv_series series = {NULL, x, y, 2};
    struct vv_chart chart = {.series = &series, .series_count = 1};
    for (int which = 0; which < 4; which++) {
        struct picture p = {0};
        unsigned top = 0, left = 0, bottom = 0;
        chart.title = which == 1 ? "Loss" : NULL;
        chart.x_label = which == 2 ? "epoch" : NULL;
        chart.y_label = which == 3 ? "nats" : NULL;
        draw(t, &chart, &p);
        struct box axes = box_of(&p, axis, 0);
        for (uint32_t row = 0; row < p.height; row++)
            for (uint32_t column = 0; column < p.width; column++) {
                if (is(&p, column, row, white)) continue;
                top += row + 12 < axes.top;
                bottom += row > axes.bottom + 24;
                left += column + 38 < axes.left;
            }
        assert_int_equal(top > 40, which == 1);
        assert_int_equal(bottom > 40, which == 2);
        assert_int_equal(left > 40, which == 3);
        free(p.pixels);
    }
}

static void points_that_are_not_finite_are_left_out(void **state) {
    struct temporary *t = *state;
    const double x[5] = {0, 1, 2, 3, 4}, holes[5] = {1, NAN, 3, INFINITY, 5}, odd[3] = {1, 3, 5},
                 even[3] = {0, 2, 4};
    struct vv_series series = {"s", x, holes, 5};
    const struct vv_chart chart = {.series = &series, .series_count = 1};
    struct picture with = {0}, without = {0};
    draw(t, &chart, &with);
    series = (struct vv_series){"s", even, odd, 3};
    draw(t, &chart, &without);
    assert_memory_equal(with.pixels, without.pixels, (size_t)3 * with.width * with.height);
    free(with.pixels);
    free(without.pixels);
}

static void chart_without_values_says_so(void **state) {
    struct temporary *t = *state;
    const double x[2] = {1, 2}, y[2] = {NAN, -INFINITY};
    const struct vv_series series[2] = {{NULL, x, y, 2}, {NULL, NULL, NULL, 0}};
    const struct vv_chart chart = {.series = series, .series_count = 2};
    struct picture p = {0};
    draw(t, &chart, &p);
    unsigned ink = 0;
    for (uint32_t row = p.height / 2 - 20; row < p.height / 2 + 20; row++)
        for (uint32_t column = p.width / 2 - 60; column < p.width / 2 + 60; column++)
            ink += pixel_at(&p, column, row)[0] < 128;
    assert_true(ink > 40);
    assert_int_equal(box_of(&p, blue, 0).count, 0);
    free(p.pixels);
}

static void odd_ranges_are_drawn(void **state) {
    struct temporary *t = *state;
    static const double ranges[][2] = {{5, 5},
                                       {0, 0},
                                       {-3, -3},
                                       {1e15, 1e15 + 0.25},
                                       {1e308, -1e308},
                                       {1e299, -1e299},
                                       {0, DBL_MIN},
                                       {0, 1e-310},
                                       {-1e-9, 1e-9},
                                       {1e9, 3e9},
                                       {99.9999, 100.0001},
                                       {DBL_MAX, 1}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        for (int upright = 0; upright < 2; upright++) {
            const double plain[2] = {1, 2};
            const struct vv_series series = {"s", upright ? plain : ranges[i],
                                             upright ? ranges[i] : plain, 2};
            const struct vv_chart chart = {.series = &series,
                                           .series_count = 1,
                                           .x_label = "x",
                                           .y_label = "y",
                                           .width = 320,
                                           .height = 240,
                                           .x_whole = i % 2 == 0};
            struct picture p = {0};
            draw(t, &chart, &p);
            bool shown = fabs(ranges[i][0]) < 1e300 || fabs(ranges[i][1]) < 1e300;
            assert_int_equal(box_of(&p, blue, 60).count > 0, shown);
            free(p.pixels);
        }
}

static void one_point_is_a_dot(void **state) {
    struct temporary *t = *state;
    const double x = 1, y = 164.93;
    const struct vv_series series = {NULL, &x, &y, 1};
    const struct vv_chart chart = {.series = &series, .series_count = 1, .x_whole = true};
    struct picture p = {0};
    draw(t, &chart, &p);
    struct box dot = box_of(&p, blue, 0);
    assert_in_range(dot.count, 15, 60);
    assert_in_range(dot.right - dot.left, 3, 8);
    assert_in_range(dot.bottom - dot.top, 3, 8);
    free(p.pixels);
}

static void long_texts_are_cut_and_stay_inside(void **state) {
    struct temporary *t = *state;
    char text[2000];
    memset(text, 'W', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    const double x[2] = {0, 1}, y[2] = {-1234567, 7654321};
    struct vv_series series[6];
    for (int i = 0; i < 6; i++) series[i] = (struct vv_series){text, x, y, 2};
    const struct vv_chart chart = {
        .title = text, .x_label = text, .y_label = text, .series = series, .series_count = 6};
    struct picture p = {0};
    draw(t, &chart, &p);
    for (uint32_t row = 0; row < p.height; row++)
        for (uint32_t column = 0; column < p.width; column++)
            if (row < 10 || column < 10 || row + 10 >= p.height || column + 10 >= p.width)
                assert_true(is(&p, column, row, white));
    free(p.pixels);
}

static void many_points_have_no_markers(void **state) {
    struct temporary *t = *state;
    static double x[1000], y[1000];
    for (int i = 0; i < 1000; i++) {
        x[i] = i;
        y[i] = 5;
    }
    struct vv_series series = {NULL, x, y, 1000};
    const struct vv_chart chart = {.series = &series, .series_count = 1};
    struct picture p = {0};
    draw(t, &chart, &p);
    struct box line = box_of(&p, blue, 0);
    assert_in_range(line.bottom - line.top + 1, 1, 3);
    free(p.pixels);
    series.count = 10;
    draw(t, &chart, &p);
    line = box_of(&p, blue, 0);
    assert_in_range(line.bottom - line.top + 1, 5, 8);
    free(p.pixels);
}

// In the colour of the series before, lighter, below it and not in the legend.
static void light_series_go_with_the_one_before(void **state) {
    struct temporary *t = *state;
    static const unsigned char light_blue[3] = {170, 208, 229}, light_red[3] = {241, 201, 170};
    double x[60], low[60], high[60];
    for (int i = 0; i < 60; i++) {
        x[i] = i;
        low[i] = 0;
        high[i] = 10;
    }
    struct vv_series series[4] = {
        {"one", x, low, 60}, {NULL, x, high, 60}, {"two", x, high, 60}, {NULL, x, low, 60}};
    const struct vv_chart chart = {.series = series, .series_count = 4, .light = 0xA};
    struct picture p = {0};
    draw(t, &chart, &p);
    assert_true(mean_row(&p, red, 200, 800) < mean_row(&p, blue, 200, 800));
    // Each is hidden by the other's.
    assert_int_equal(box_of(&p, light_blue, LEGEND_END).count, 0);
    assert_int_equal(box_of(&p, light_red, LEGEND_END).count, 0);
    free(p.pixels);
    for (int i = 0; i < 60; i++) low[i] = 5 + high[i] * 0;
    series[1].y = low;
    series[0].y = series[2].y = series[3].y = high;
    draw(t, &chart, &p);
    assert_true(box_of(&p, light_blue, LEGEND_END).count > 300);
    assert_int_equal(box_of(&p, light_red, 0).count, 0);
    free(p.pixels);
}

static void senseless_requests_are_refused(void **state) {
    struct temporary *t = *state;
    const double x[2] = {0, 1};
    const struct vv_series series[13] = {{"s", x, x, 2}};
    const struct vv_chart charts[] = {
        {.series = series, .series_count = 0},
        {.series = series, .series_count = 7},
        {.series = series, .series_count = 2, .light = 1},
        {.series = series, .series_count = 13, .light = 0x1FFE},
        {.series = series, .series_count = 1, .width = 100},
        {.series = series, .series_count = 1, .height = 100000},
    };
    for (size_t i = 0; i < sizeof charts / sizeof charts[0]; i++) {
        assert_false(vv_curve_write(&t->ctx, path_of(t, "c.png"), &charts[i]));
        assert_failure(&t->ctx, VV_USAGE, t->path, (char *)NULL);
    }
    assert_int_equal(entries_in(t->folder), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(lines_go_where_their_values_go),
        TEST(values_stand_at_their_heights),
        TEST(logarithmic_axes_show_powers_as_lines),
        TEST(legend_shows_each_series),
        TEST(ticks_are_round_and_whole_where_asked),
        TEST(titles_leave_ink_where_they_belong),
        TEST(points_that_are_not_finite_are_left_out),
        TEST(chart_without_values_says_so),
        TEST(odd_ranges_are_drawn),
        TEST(one_point_is_a_dot),
        TEST(long_texts_are_cut_and_stay_inside),
        TEST(many_points_have_no_markers),
        TEST(light_series_go_with_the_one_before),
        TEST(senseless_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
