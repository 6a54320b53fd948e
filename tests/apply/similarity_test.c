#include "similarity.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

enum { H = 13, W = 17, C = 3, SIZE = H * W * C };
static const struct vv_ssim_size size = {H, W, C};
static float x[SIZE], y[SIZE];
static double room[H * W * 4];

static void assert_near(double a, double b, double most) {
    if (!(fabs(a - b) <= most)) fail_msg("%.17g is not %.17g to %g", a, b, most);
}

static void fill(float *picture, uint32_t seed, float scale, float shift) {
    for (int i = 0; i < SIZE; i++) {
        seed = seed * 1664525U + 1013904223U;
        picture[i] = shift + scale * (float)(seed >> 8) / (float)(1 << 24);
    }
}

static void set(float *picture, float value) {
    for (int i = 0; i < SIZE; i++) picture[i] = value;
}

static void equal_pictures_have_the_most(void **state) {
    (void)state;
    fill(x, 1, 1, 0);
    assert_true(vv_psnr(x, x, SIZE) == 100);
    assert_near(vv_ssim(&size, x, x, room), 1, 1e-14);
}

// A difference of 1/8 everywhere: -10 log10(1/64) = 18.0618 dB.
static void psnr_is_of_the_mean_square(void **state) {
    (void)state;
    const float a[] = {0, 0.5F, 0.25F, 1}, b[] = {0.125F, 0.375F, 0.375F, 0.875F};
    assert_near(vv_psnr(a, b, 4), 18.061799739838872, 1e-12);
    const float c[] = {0, 0}, d[] = {1, 0};
    assert_near(vv_psnr(c, d, 2), 3.0102999566398120, 1e-12);
}

// Of 0.2 and 0.6 everywhere there is no variance: (2 * 0.12 + C1) / (0.04 + 0.36 + C1).
static void ssim_of_constants_is_of_their_means(void **state) {
    (void)state;
    set(x, 0.2F);
    set(y, 0.6F);
    assert_near(vv_ssim(&size, x, y, room), (0.24 + 1e-4) / (0.4 + 1e-4), 1e-7);
}

// Equation 13 at one place, by the definition: weights of two dimensions, moments about the means.
static double at_place(int top, int left, int c) {
    double sum = 0, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (int pass = 0; pass < 3; pass++)
        for (int i = 0; i < 11; i++)
            for (int j = 0; j < 11; j++) {
                const double w = exp(-((i - 5) * (i - 5) + (j - 5) * (j - 5)) / (2 * 1.5 * 1.5));
                const int at = ((top + i) * W + left + j) * C + c;
                const double a = (double)x[at], b = (double)y[at];
                if (pass == 0) sum += w;
                if (pass == 1) mx += w / sum * a, my += w / sum * b;
                if (pass != 2) continue;
                xx += w / sum * (a - mx) * (a - mx);
                yy += w / sum * (b - my) * (b - my);
                xy += w / sum * (a - mx) * (b - my);
            }
    return (2 * mx * my + 1e-4) * (2 * xy + 9e-4) / ((mx * mx + my * my + 1e-4) * (xx + yy + 9e-4));
}

static void ssim_is_the_mean_of_its_places(void **state) {
    (void)state;
    double sum = 0;
    fill(x, 1, 1, 0);
    fill(y, 2, 0.5F, 0.1F);
    for (int i = 0; i < SIZE; i++) y[i] += 0.4F * x[i];
    for (int c = 0; c < C; c++)
        for (int i = 0; i <= H - 11; i++)
            for (int j = 0; j <= W - 11; j++) sum += at_place(i, j, c);
    const double mean = sum / ((H - 10) * (W - 10) * C);
    assert_true(mean > 0.1 && mean < 0.9);
    assert_near(vv_ssim(&size, x, y, room), mean, 1e-12);
    assert_true(vv_ssim_room(&size) <= sizeof room / sizeof *room);
}

static void one_place_is_enough(void **state) {
    (void)state;
    const struct vv_ssim_size least = {11, 11, 1};
    fill(x, 3, 1, 0);
    set(y, 0.5F);
    const double ssim = vv_ssim(&least, x, y, room);
    assert_true(ssim > 0 && ssim < 0.1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_pictures_have_the_most),
        cmocka_unit_test(psnr_is_of_the_mean_square),
        cmocka_unit_test(ssim_of_constants_is_of_their_means),
        cmocka_unit_test(ssim_is_the_mean_of_its_places),
        cmocka_unit_test(one_place_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
