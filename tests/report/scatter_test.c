// Points in a plane: where they are, in which colours, and what cannot be shown.
#include "decode.h"
#include "scatter.h"

#include <math.h>

static const unsigned char indigo[3] = {51, 34, 136}, rose[3] = {204, 102, 119},
                           grey[3] = {200, 200, 200};

static void draw(struct temporary *t, const struct vv_scatter *scatter, struct picture *picture) {
    if (!vv_scatter_write(&t->ctx, path_of(t, "s.png"), scatter)) fail_msg("%s", t->ctx.error);
    decode(t, t->path, picture);
}

struct middle {
    double x, y;
    uint32_t count;
};

// Of the pixels of a colour from a row on.
static struct middle middle_of(const struct picture *p, const unsigned char colour[3], uint32_t from) {
    struct middle m = {0, 0, 0};
    for (uint32_t y = from; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++) {
            if (memcmp(pixel_at(p, x, y), colour, 3) != 0) continue;
            m.x += x;
            m.y += y;
            m.count++;
        }
    if (m.count) m.x /= m.count;
    if (m.count) m.y /= m.count;
    return m;
}

static void kinds_have_colours_and_places(void **state) {
    struct temporary *t = *state;
    static const double x[] = {0, 0.1, 1, NAN, 0.9}, y[] = {0, 0, 1, 0, INFINITY};
    static const uint32_t kind[] = {0, 0, 1, 1, 0};
    static const char *const labels[] = {"left", "right"};
    const struct vv_scatter scatter = {.title = "Two kinds",
                                       .x = x,
                                       .y = y,
                                       .count = 5,
                                       .kind = kind,
                                       .labels = labels,
                                       .label_count = 2};
    struct picture p = {0};
    draw(t, &scatter, &p);
    const struct middle one = middle_of(&p, indigo, 75), two = middle_of(&p, rose, 75);
    assert_true(one.count >= 4 && two.count >= 2 && one.count < 40);  // two points, and one
    assert_true(one.x < p.width / 4.0 && two.x > p.width * 0.75);
    assert_true(one.y > p.height * 0.75 && two.y < p.height / 3.0);  // y grows upwards
    free(p.pixels);
}

static void kinds_beyond_are_others(void **state) {
    struct temporary *t = *state;
    static double x[VV_SCATTER_KINDS + 2], y[VV_SCATTER_KINDS + 2];
    static uint32_t kind[VV_SCATTER_KINDS + 2];
    const char *labels[VV_SCATTER_KINDS + 1];
    for (uint32_t i = 0; i < VV_SCATTER_KINDS + 2; i++) {
        x[i] = kind[i] = i;
        y[i] = i % 3;
    }
    for (uint32_t i = 0; i <= VV_SCATTER_KINDS; i++) labels[i] = "a class with a long name";
    const struct vv_scatter scatter = {.x = x,
                                       .y = y,
                                       .count = VV_SCATTER_KINDS + 2,
                                       .kind = kind,
                                       .labels = labels,
                                       .label_count = VV_SCATTER_KINDS + 1};
    struct picture p = {0};
    draw(t, &scatter, &p);
    const struct middle m = middle_of(&p, grey, 200);
    assert_true(m.count >= 4 && m.x > p.width * 0.8);  // the last two
    free(p.pixels);
}

static void same_points_are_the_same_bytes(void **state) {
    struct temporary *t = *state;
    static double x[50], y[50];
    unsigned char *first, *second;
    uint64_t sizes[2];
    for (int i = 0; i < 50; i++) {
        x[i] = sin(i);
        y[i] = cos(3 * i);
    }
    const struct vv_scatter scatter = {.x = x, .y = y, .count = 50, .x_label = "x", .y_label = "y"};
    assert_true(vv_scatter_write(&t->ctx, path_of(t, "s.png"), &scatter));
    assert_true(vv_file_read(&t->ctx, t->path, 1 << 22, &first, &sizes[0]));
    assert_true(vv_scatter_write(&t->ctx, t->path, &scatter));
    assert_true(vv_file_read(&t->ctx, t->path, 1 << 22, &second, &sizes[1]));
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(first, second, sizes[0]);
    free(first);
    free(second);
}

static void nothing_to_show_is_drawn_too(void **state) {
    struct temporary *t = *state;
    static const double x[] = {NAN}, y[] = {1};
    struct picture p = {0};
    draw(t, &(struct vv_scatter){.x = x, .y = y, .count = 1}, &p);
    assert_int_equal(middle_of(&p, indigo, 0).count, 0);
    free(p.pixels);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(kinds_have_colours_and_places),
        TEST(kinds_beyond_are_others),
        TEST(same_points_are_the_same_bytes),
        TEST(nothing_to_show_is_drawn_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
