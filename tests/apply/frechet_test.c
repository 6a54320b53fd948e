#include "frechet.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

static struct vv_context ctx;

static void assert_near(double a, double b, double most) {
    if (!(fabs(a - b) <= most)) fail_msg("%.17g is not %.17g to %g", a, b, most);
}

static double distance_of(struct vv_normal a, struct vv_normal b) {
    double distance = -1;
    assert_true(vv_frechet(&ctx, &a, &b, &distance));
    return distance;
}

// Independent components: |difference of means|^2 + sum of (deviation a - deviation b)^2 = 9 + 16 + 1
// + 9.
static void diagonal_has_a_closed_form(void **state) {
    (void)state;
    double mean[] = {1, 2, 3}, other[] = {4, -2, 3};
    double a[] = {4, 0, 0, 0, 9, 0, 0, 0, 1}, b[] = {9, 0, 0, 0, 0, 0, 0, 0, 1};
    const struct vv_normal x = {3, mean, a}, y = {3, other, b};
    assert_near(distance_of(x, y), 35, 1e-12);
    assert_near(distance_of(y, x), 35, 1e-12);
    assert_near(distance_of(x, x), 0, 1e-12);
}

// A = [[2, 1], [1, 2]], B = [[2, -1], [-1, 2]] have the same vectors, with 3 and 1 changed places:
// 2 (sqrt 3 - 1)^2.
static void turned_axes_count_as_variances_do(void **state) {
    (void)state;
    double zero[] = {0, 0}, a[] = {2, 1, 1, 2}, b[] = {2, -1, -1, 2};
    assert_near(distance_of((struct vv_normal){2, zero, a}, (struct vv_normal){2, zero, b}),
                2 * pow(sqrt(3) - 1, 2), 1e-12);
}

// They do not commute: A = diag(4, 1), B = [[1, 1/2], [1/2, 1]]. tr (AB)^(1/2) of a 2 x 2 matrix is
// sqrt(tr AB + 2 sqrt(det AB)) = sqrt(5 + 2 sqrt 3).
static void matrices_need_not_commute(void **state) {
    (void)state;
    double zero[] = {0, 0}, a[] = {4, 0, 0, 1}, b[] = {1, 0.5, 0.5, 1};
    const double exact = 7 - 2 * sqrt(5 + 2 * sqrt(3));
    assert_near(distance_of((struct vv_normal){2, zero, a}, (struct vv_normal){2, zero, b}), exact,
                1e-12);
    assert_near(distance_of((struct vv_normal){2, zero, b}, (struct vv_normal){2, zero, a}), exact,
                1e-12);
}

// (0, 0), (2, 2), (4, -2): means 2 and 0, variances 4 and 4, covariance -2.
static void normal_is_fitted_without_bias(void **state) {
    (void)state;
    struct vv_normal n;
    const float rows[] = {0, 0, 2, 2, 4, -2};
    assert_true(vv_normal_fit(&ctx, rows, 3, 2, &n));
    assert_true(n.mean[0] == 2 && n.mean[1] == 0);
    assert_true(n.covariance[0] == 4 && n.covariance[3] == 4);
    assert_true(n.covariance[1] == -2 && n.covariance[2] == -2);
    vv_normal_finish(&n);
}

int main(void) {
    vv_context_init(&ctx);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diagonal_has_a_closed_form),
        cmocka_unit_test(turned_axes_count_as_variances_do),
        cmocka_unit_test(matrices_need_not_commute),
        cmocka_unit_test(normal_is_fitted_without_bias),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
