#include "moments.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

static void no_numbers_are_zeros(void **state) {
    (void)state;
    struct vv_moments m = {0};
    const float number = 3;
    vv_moments_add(&m, &number, 0);
    assert_true(m.count == 0 && m.mean == 0 && vv_moments_variance(&m) == 0);
    vv_moments_add(&m, &number, 1);
    assert_true(m.count == 1 && m.mean == 3 && vv_moments_variance(&m) == 0);
}

static void variance_is_of_the_population(void **state) {
    (void)state;
    struct vv_moments m = {0};
    const float numbers[] = {1, 2, 3, 4};
    vv_moments_add(&m, numbers, 4);
    assert_true(m.mean == 2.5 && vv_moments_variance(&m) == 1.25);
}

// 0, 1, 2, ... far from 0, where the mean of the squares less the square of the mean has no digit left.
static void pieces_are_as_good_as_the_whole(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    static float numbers[COUNT];
    for (int i = 0; i < COUNT; i++) numbers[i] = 8e6F + (float)i;
    for (uint64_t piece = 1; piece <= COUNT; piece += 111) {
        struct vv_moments m = {0};
        for (uint64_t at = 0; at < COUNT; at += piece)
            vv_moments_add(&m, numbers + at, COUNT - at < piece ? COUNT - at : piece);
        assert_int_equal(m.count, COUNT);
        assert_true(fabs(m.mean - (8e6 + (COUNT - 1) / 2.0)) < 1e-6);
        assert_true(fabs(vv_moments_variance(&m) - ((double)COUNT * (double)COUNT - 1) / 12) < 1e-6);
    }
}

static void what_is_no_number_stays_seen(void **state) {
    (void)state;
    struct vv_moments m = {0};
    const float numbers[] = {1, NAN}, one = 1;
    vv_moments_add(&m, numbers, 2);
    vv_moments_add(&m, &one, 1);
    assert_true(isnan(m.mean) && isnan(vv_moments_variance(&m)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_numbers_are_zeros),
        cmocka_unit_test(variance_is_of_the_population),
        cmocka_unit_test(pieces_are_as_good_as_the_whole),
        cmocka_unit_test(what_is_no_number_stays_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
