// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "walk.h"

#include <math.h>

// From Abramowitz and Stegun's table 26.5 and, in the tail, from mpmath at 30 digits.
static void quantiles_are_those_of_the_tables(void **state) {
    (void)state;
    static const double known[][2] = {
        {0.975, 1.959963984540054},  {0.95, 1.6448536269514722},    {0.75, 0.6744897501960817},
        {0.84134474606854293, 1},    {0.99, 2.3263478740408408},    {0.999, 3.090232306167813},
        {0.05, -1.6448536269514722}, {0.1, -1.2815515655446004},    {1e-6, -4.753424308822899},
        {1e-12, -7.034483825301131}, {1e-100, -21.273453560965324}, {0.4999, -2.506628300880075e-4}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_true(fabs(vv_normal_quantile(known[i][0]) - known[i][1]) <
                    1e-11 * fabs(known[i][1]) + 1e-13);
}

static void quantiles_invert_the_distribution(void **state) {
    (void)state;
    for (int i = 1; i < 1000; i++) {
        const double p = i / 1000.0, x = vv_normal_quantile(p);
        assert_true(fabs(0.5 * erfc(-x / sqrt(2)) - p) < 4e-16);
        assert_true(fabs(x + vv_normal_quantile(1 - p)) < 1e-13 * (1 + fabs(x)));
        assert_true(x > vv_normal_quantile((i - 1) / 1000.0));
    }
}

static void quantiles_at_the_ends(void **state) {
    (void)state;
    assert_true(vv_normal_quantile(0.5) == 0);
    assert_true(vv_normal_quantile(0) == -INFINITY);
    assert_true(vv_normal_quantile(1) == INFINITY);
    assert_true(isnan(vv_normal_quantile(-1e-9)) && isnan(vv_normal_quantile(1.0000001)));
    assert_true(isnan(vv_normal_quantile(NAN)));
    assert_true(isfinite(vv_normal_quantile(5e-324)) && isfinite(vv_normal_quantile(1 - 0x1p-53)));
}

static void straight_line_goes_from_end_to_end(void **state) {
    (void)state;
    const float a[2] = {1, -3}, b[2] = {5, 0.1F};
    float z[2];
    vv_walk_linear(a, b, 2, 0, z);
    assert_memory_equal(z, a, sizeof z);
    vv_walk_linear(a, b, 2, 1, z);
    assert_memory_equal(z, b, sizeof z);
    vv_walk_linear(a, b, 2, 0.25, z);
    assert_true(z[0] == 2 && z[1] == (float)(0.75 * -3 + 0.25 * (double)0.1F));
}

// From (1, 0) to (0, 1) by a third of a right angle: (cos 30, sin 30). Of lengths 2 and 4 both terms are
// longer by as much.
static void arc_is_that_of_the_angle(void **state) {
    (void)state;
    const float a[2] = {1, 0}, b[2] = {0, 1}, long_a[2] = {2, 0}, long_b[2] = {0, 4};
    float z[2];
    vv_walk_spherical(a, b, 2, 1 / 3.0, z);
    assert_true(fabs((double)z[0] - sqrt(3) / 2) < 1e-7 && fabs((double)z[1] - 0.5) < 1e-7);
    vv_walk_spherical(long_a, long_b, 2, 1 / 3.0, z);
    assert_true(fabs((double)z[0] - sqrt(3)) < 2e-7 && fabs((double)z[1] - 2) < 2e-7);
}

// At 60 degrees the middle has the weights sin 30 / sin 60 = 1 / sqrt 3.
static void middle_of_an_arc_is_no_shorter(void **state) {
    (void)state;
    const float a[3] = {0, 2, 0}, b[3] = {(float)sqrt(3), 1, 0};
    float z[3];
    vv_walk_spherical(a, b, 3, 0.5, z);
    assert_true(fabs((double)z[0] - 1) < 1e-6 && fabs((double)z[1] - sqrt(3)) < 1e-6 && z[2] == 0);
    assert_true(fabs(hypot((double)z[0], (double)z[1]) - 2) < 1e-6);
}

static void arc_goes_from_end_to_end(void **state) {
    (void)state;
    const float a[3] = {0.3F, -1.7F, 2.9F}, b[3] = {-0.9F, 0.01F, 5};
    float z[3];
    vv_walk_spherical(a, b, 3, 0, z);
    assert_memory_equal(z, a, sizeof z);
    vv_walk_spherical(a, b, 3, 1, z);
    assert_memory_equal(z, b, sizeof z);
}

// No arc is meant then: the same direction, the opposite one, and none.
static void without_an_angle_it_is_the_line(void **state) {
    (void)state;
    static const float pairs[][2][2] = {
        {{1, 2}, {3, 6}}, {{1, 2}, {-1, -2}}, {{0, 0}, {1, 2}}, {{1, 2}, {0, 0}}, {{0, 0}, {0, 0}}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        float arc[2], line[2];
        vv_walk_spherical(pairs[i][0], pairs[i][1], 2, 0.3, arc);
        vv_walk_linear(pairs[i][0], pairs[i][1], 2, 0.3, line);
        assert_memory_equal(arc, line, sizeof arc);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_the_tables),
        cmocka_unit_test(quantiles_invert_the_distribution),
        cmocka_unit_test(quantiles_at_the_ends),
        cmocka_unit_test(straight_line_goes_from_end_to_end),
        cmocka_unit_test(arc_is_that_of_the_angle),
        cmocka_unit_test(middle_of_an_arc_is_no_shorter),
        cmocka_unit_test(arc_goes_from_end_to_end),
        cmocka_unit_test(without_an_angle_it_is_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
