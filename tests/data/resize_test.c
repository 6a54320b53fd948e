#include "../temporary.h"
#include "resize.h"

#include <math.h>

static void resize_to(struct temporary *t, const struct vv_resize *how, uint32_t height, uint32_t width,
                      uint32_t channels, unsigned char *from, unsigned char *to) {
    const struct vv_picture picture = {
        .height = height, .width = width, .channels = channels, .pixels = from};
    assert_true(vv_resize(&t->ctx, how, &picture, to));
}

static void assert_row(struct temporary *t, enum vv_picture_fit fit, const char *from, uint32_t height,
                       uint32_t width, const char *expected) {
    const struct vv_resize how = {.height = height, .width = width, .fit = fit, .background = {'-'}};
    unsigned char in[64], out[64];
    memcpy(in, from, strlen(from));
    resize_to(t, &how, 1, (uint32_t)strlen(from), 1, in, out);
    assert_memory_equal(out, expected, strlen(expected));
}

static void rows_by_hand(void **state) {
    const unsigned char four[] = {10, 20, 40, 80};
    unsigned char in[4], out[16];
    struct vv_resize how = {.height = 1, .width = 2, .fit = VV_FIT_STRETCH};
    memcpy(in, four, 4);
    resize_to(*state, &how, 1, 4, 1, in, out);
    assert_int_equal(out[0], 15);
    assert_int_equal(out[1], 60);
    how.width = 3;  // each covers 4/3 of a pixel
    resize_to(*state, &how, 1, 4, 1, in, out);
    assert_int_equal(out[0], 13);  // (10 + 20 / 3) / (4 / 3) = 12.5
    assert_int_equal(out[1], 30);
    assert_int_equal(out[2], 70);
    how.width = 8;  // at 1/4 and 3/4 of each, ends as they are
    resize_to(*state, &how, 1, 4, 1, in, out);
    const unsigned char grown[] = {10, 13, 18, 25, 35, 50, 70, 80};
    assert_memory_equal(out, grown, 8);
    // What covers is cut, as much on each side; what is contained has background beside it.
    assert_row(*state, VV_FIT_COVER, "abcdefg", 1, 3, "cde");
    assert_row(*state, VV_FIT_COVER, "abcd", 1, 3, "abc");
    assert_row(*state, VV_FIT_CONTAIN, "abc", 1, 5, "-abc-");
    assert_row(*state, VV_FIT_CONTAIN, "a", 3, 3, "aaaaaaaaa");
    assert_row(*state, VV_FIT_CONTAIN, "aaaa", 4, 4, "--------aaaa----");
}

// The mean over what a pixel covers, straight from its definition.
static double covered(const unsigned char *in, uint32_t height, uint32_t width, double y0, double y1,
                      double x0, double x1, double background) {
    double sum = 0, area = 0;
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            const double h = fmin(y1, y + 1) - fmax(y0, y), w = fmin(x1, x + 1) - fmax(x0, x);
            if (h <= 0 || w <= 0) continue;
            sum += h * w * in[y * width + x];
            area += h * w;
        }
    const double all = (y1 - y0) * (x1 - x0);
    return (sum + (all - area) * background) / all;
}

static void shrinks_by_area(void **state) {
    enum { H = 37, W = 53 };
    unsigned char in[H * W], out[20 * 20];
    for (int i = 0; i < H * W; i++) in[i] = (unsigned char)(i * 37 + i / 7);
    for (int fit = VV_FIT_COVER; fit <= VV_FIT_STRETCH; fit++) {
        for (uint32_t h = 1; h <= 20; h += 3) {
            for (uint32_t w = 1; w <= 20; w += 5) {
                const struct vv_resize how = {
                    .height = h, .width = w, .fit = (enum vv_picture_fit)fit, .background = {200}};
                double sy = (double)H / h, sx = (double)W / w;
                if (fit == VV_FIT_COVER) sy = sx = fmin(sy, sx);
                if (fit == VV_FIT_CONTAIN) sy = sx = fmax(sy, sx);
                const double y0 = (H - h * sy) / 2, x0 = (W - w * sx) / 2;
                resize_to(*state, &how, H, W, 1, in, out);
                for (uint32_t y = 0; y < h; y++)
                    for (uint32_t x = 0; x < w; x++) {
                        const double mean = covered(in, H, W, y0 + y * sy, y0 + (y + 1) * sy,
                                                    x0 + x * sx, x0 + (x + 1) * sx, 200);
                        assert_true(fabs(mean - out[y * w + x]) < 0.5001);
                    }
            }
        }
    }
}

static void crops_and_copies(void **state) {
    unsigned char in[4 * 7 * 3], out[4 * 4 * 3];
    struct vv_resize how = {.crop = true};
    struct vv_picture picture = {.height = 4, .width = 7, .channels = 3, .pixels = in};
    uint32_t height, width;
    for (size_t i = 0; i < sizeof in; i++) in[i] = (unsigned char)i;
    vv_resize_size(&how, &picture, &height, &width);
    assert_int_equal(height, 4);
    assert_int_equal(width, 4);
    resize_to(*state, &how, 4, 7, 3, in, out);
    for (int y = 0; y < 4; y++) assert_memory_equal(out + y * 12, in + y * 21 + 3, 12);
    how.height = how.width = 1;
    resize_to(*state, &how, 4, 7, 3, in, out);
    assert_int_equal(out[0],
                     (3 + 3 * 21 + 12) / 2);  // halfway between the first and the last of the square
}

// Any sizes, in each way: one colour stays what it is.
static void one_colour_stays(void **state) {
    unsigned char in[19 * 23 * 3], out[40 * 31 * 3];
    memset(in, 131, sizeof in);
    for (uint32_t i = 0; i < 300; i++) {
        const struct vv_resize how = {.height = 1 + i * 7 % 40,
                                      .width = 1 + i * 11 % 31,
                                      .fit = (enum vv_picture_fit)(i % 3),
                                      .crop = i % 2,
                                      .background = {131, 131, 131}};
        const uint32_t height = 1 + i * 5 % 19, width = 1 + i * 13 % 23;
        resize_to(*state, &how, height, width, 3, in, out);
        for (uint32_t k = 0; k < how.height * how.width * 3; k++) assert_int_equal(out[k], 131);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(rows_by_hand),
        TEST(shrinks_by_area),
        TEST(crops_and_copies),
        TEST(one_colour_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
