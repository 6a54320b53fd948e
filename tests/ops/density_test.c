// The densities by themselves, in double and in float: each integrates, or sums over the 256 bytes, to
// 1; values in closed form; PyTorch's values; means; extremes. Their kernels: ops_test.c; their
// gradients by differences: gradient_test.c.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>

#include "exact_density.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef VV_EXACT_REAL real;
static const bool is_double = sizeof(real) == sizeof(double);

static const double pi = 3.14159265358979324;

static double density(uint32_t kind, double x, double location, double sigma) {
    const vv_scale s = vv_scale_of(kind, (real)log(sigma), false);
    return exp(-(double)vv_density_point(kind, (real)x, (real)location, s).value);
}

// Simpson's rule over x^power p(x), from low to high in an even number of steps.
static double integral(uint32_t kind, double location, double sigma, double low, double high,
                       int power) {
    const int steps = 40000;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
        const double x = low + (high - low) * i / steps;
        const double weight = i == 0 || i == steps ? 1 : i % 2 ? 4 : 2;
        sum += weight * pow(x, power) * density(kind, x, location, sigma);
    }
    return sum * (high - low) / steps / 3;
}

static void densities_of_the_line_integrate_to_one(void **state) {
    (void)state;
    static const double locations[] = {-3, 0, 0.5, 1, 100}, sigmas[] = {0.001, 0.03, 0.5, 1, 1000};
    const uint32_t kinds[] = {VV_DENSITY_GAUSSIAN, VV_DENSITY_LAPLACE, VV_DENSITY_LOGCOSH};
    for (size_t k = 0; k < COUNT(kinds); k++)
        for (size_t l = 0; l < COUNT(locations); l++)
            for (size_t s = 0; s < COUNT(sigmas); s++) {
                // A float cannot say much of a place 100 times further off than its own sigma is.
                if (!is_double && sigmas[s] < 0.1 && fabs(locations[l]) > 1) continue;
                const double reach = 40 * sigmas[s], at = locations[l];
                const double sum = integral(kinds[k], at, sigmas[s], at - reach, at + reach, 0);
                if (!(fabs(sum - 1) < (is_double ? 1e-8 : 1e-4)))
                    fail_msg("kind %u at %g, sigma %g: %.12g", kinds[k], at, sigmas[s], sum);
            }
}

static const double logits[] = {0,  1e-12, 1e-6, 0.0499, 0.0501, 0.999,  1.001, 3,   12,
                                80, -80,   -5,   -1.5,   -0.999, -0.051, -1e-3, 700, -30};

static void the_continuous_bernoulli_integrates_to_one_and_has_its_mean(void **state) {
    (void)state;
    const uint32_t kind = VV_DENSITY_CONTINUOUS_BERNOULLI;
    const vv_scale none = vv_scale_of(kind, 0, false);
    for (size_t i = 0; i < COUNT(logits); i++) {
        const double l = (double)(real)logits[i], tolerance = is_double ? 1e-7 : 1e-5;
        const double sum = integral(kind, l, 1, 0, 1, 0), mean = integral(kind, l, 1, 0, 1, 1);
        const double said = (double)vv_density_mean_of(kind, (real)l, none);
        if (!(fabs(sum - 1) < tolerance) || !(fabs(mean - said) < tolerance))
            fail_msg("logit %g: %.12g, mean %.12g, said %.12g", l, sum, mean, said);
        assert_true(fabs(said + (double)vv_density_mean_of(kind, (real)-l, none) - 1) < 2e-7);
    }
}

// Both sides of where a series takes over, in double to the last digits.
static void the_series_meet_what_they_stand_for(void **state) {
    (void)state;
    const uint32_t kind = VV_DENSITY_CONTINUOUS_BERNOULLI;
    const vv_scale none = vv_scale_of(kind, 0, false);
    for (double l = 0.01; l < 2; l += 0.00499) {
        const double exact_mean = 1 / -expm1(-l) - 1 / l, h = l / 2;
        const double exact = log(sinh(h) / h) - l * (0.25 - 0.5);
        const vv_point p = vv_density_point(kind, (real)0.25, (real)l, none);
        const double tolerance = is_double ? 2e-13 : 3e-7;
        assert_true(fabs((double)p.value - exact) < tolerance);
        assert_true(fabs((double)p.by_location + 0.25 - exact_mean) < tolerance);
    }
}

static void probabilities_of_the_bytes_sum_to_one(void **state) {
    (void)state;
    static const double locations[] = {-2, 0, 0.3, 0.501, 1, 7}, sigmas[] = {0.001, 0.02, 0.3, 1, 1000};
    const uint32_t kind = VV_DENSITY_DISCRETIZED_LOGISTIC;
    for (size_t l = 0; l < COUNT(locations); l++)
        for (size_t s = 0; s < COUNT(sigmas); s++) {
            double sum = 0, mean = 0;
            for (int k = 0; k < 256; k++) {
                const double p = density(kind, k / 255.0, locations[l], sigmas[s]);
                sum += p;
                mean += p * k / 255;
            }
            const vv_scale scale = vv_scale_of(kind, (real)log(sigmas[s]), false);
            const double said = (double)vv_density_mean_of(kind, (real)locations[l], scale);
            if (!(fabs(sum - 1) < (is_double ? 1e-11 : 3e-4)) || !(fabs(mean - said) < 3e-4))
                fail_msg("at %g, sigma %g: %.12g, mean %.9g, said %.9g", locations[l], sigmas[s], sum,
                         mean, said);
        }
}

// What lies between two bytes counts as the nearer one.
static void pixels_between_bytes_are_binned(void **state) {
    (void)state;
    const uint32_t kind = VV_DENSITY_DISCRETIZED_LOGISTIC;
    const double at = density(kind, 77 / 255.0, 0.31, 0.05);
    assert_true(density(kind, 77.45 / 255, 0.31, 0.05) == at);
    assert_true(density(kind, 76.55 / 255, 0.31, 0.05) == at);
    assert_true(density(kind, 77.55 / 255, 0.31, 0.05) != at);
    assert_true(density(kind, -3, 0.31, 0.05) == density(kind, 0, 0.31, 0.05));
    assert_true(density(kind, 9, 0.31, 0.05) == density(kind, 1, 0.31, 0.05));
}

static void values_in_closed_form(void **state) {
    (void)state;
    const struct {
        uint32_t kind;
        double x, location, sigma, value;
    } known[] = {
        {VV_DENSITY_GAUSSIAN, 0.5, 0.5, 1, 0.5 * log(2 * pi)},
        {VV_DENSITY_GAUSSIAN, 0.5, 0.25, 0.125, 2 + log(0.125) + 0.5 * log(2 * pi)},
        {VV_DENSITY_LAPLACE, 0.75, 0.25, 0.25, 2 + log(0.5)},
        {VV_DENSITY_LOGCOSH, 0.5, 0.5, 0.5, log(pi / 2)},
        {VV_DENSITY_LOGCOSH, 0.75, 0.5, 0.25, log(cosh(1.0)) + log(pi / 4)},
        {VV_DENSITY_CONTINUOUS_BERNOULLI, 0.3, 0, 1, 0},  // uniform
        {VV_DENSITY_CONTINUOUS_BERNOULLI, 1, 4, 1, log(expm1(4) / 4) - 4},
        {VV_DENSITY_DISCRETIZED_LOGISTIC, 0, 0.5 / 255, 0.1, log(2)},  // half of it lies below
        {VV_DENSITY_DISCRETIZED_LOGISTIC, 1, 254.5 / 255, 3, log(2)},
        {VV_DENSITY_DISCRETIZED_LOGISTIC, 0.2, 0.2, 0.01, -log(tanh(0.25 / 255 / 0.01))},
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        const vv_scale s = vv_scale_of(known[i].kind, (real)log(known[i].sigma), false);
        const double value =
            (double)vv_density_point(known[i].kind, (real)known[i].x, (real)known[i].location, s).value;
        if (!(fabs(value - known[i].value) < (is_double ? 1e-12 : 1e-6)))
            fail_msg("known value %zu: %.12g, expected %.12g", i, value, known[i].value);
    }
}

static void check_line(const char *line) {
    unsigned kind;
    double x, location, log_sigma, value, by_location, by_scale;
    assert_int_equal(sscanf(line, "%u,%lf,%lf,%lf,%lf,%lf,%lf", &kind, &x, &location, &log_sigma, &value,
                            &by_location, &by_scale),
                     7);
    const vv_scale s = vv_scale_of(kind, (real)log_sigma, false);
    const vv_point p = vv_density_point(kind, (real)x, (real)location, s);
    // A float says where x and mu are only to 6e-8, of which slopes make sigma^-2 times as much.
    const double tolerance = is_double ? 2e-9 : 2e-6, moved = is_double ? 0 : 6e-8 * exp(-2 * log_sigma);
    if (!(fabs((double)p.value - value) <= tolerance * (1 + fabs(value))) ||
        !(fabs((double)p.by_location - by_location) <= moved + tolerance * (1 + fabs(by_location))) ||
        !(fabs((double)p.by_scale - by_scale) <= tolerance * (1 + fabs(by_scale))))
        fail_msg("%s: %.12g, %.12g, %.12g", line, (double)p.value, (double)p.by_location,
                 (double)p.by_scale);
}

static void they_agree_with_pytorch(void **state) {
    (void)state;
    FILE *file = fopen(VKVAE_DENSITIES, "r");
    char line[256];
    unsigned lines = 0;
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    for (; fgets(line, sizeof line, file); lines++) check_line(line);
    assert_int_equal(fclose(file), 0);
    assert_true(lines > 200);
}

// The bounds of a learned log sigma: neither end can be passed, and nothing in between is moved by more
// than its distance from them tells.
static void a_learned_sigma_is_bounded_softly(void **state) {
    (void)state;
    static const double far[] = {8, 20, 1e3, 1e30};
    for (size_t i = 0; i < COUNT(far); i++) {
        const vv_scale low = vv_scale_of(VV_DENSITY_GAUSSIAN, (real)-far[i], true);
        const vv_scale high = vv_scale_of(VV_DENSITY_GAUSSIAN, (real)far[i], true);
        assert_true(low.log_sigma > -6.9079 && low.log_sigma < -6.8 && low.inverse < 1001);
        assert_true(high.log_sigma < 6.9079 && high.log_sigma > 6.8 && high.inverse > 0.00099);
        assert_true(low.slope >= 0 && low.slope < 0.12 && high.slope >= 0 && high.slope < 0.12);
        const vv_point p = vv_density_point(VV_DENSITY_GAUSSIAN, (real)0.5, (real)0.5, low);
        assert_true(p.value > -6 && p.value < -5.8);
    }
    for (double raw = -5; raw <= 5; raw += 0.25) {
        const vv_scale s = vv_scale_of(VV_DENSITY_GAUSSIAN, (real)raw, true);
        const double least = 0.5 * log1p(1e-6 * exp(-2 * raw)), most = 0.5 * log1p(1e-6 * exp(2 * raw));
        assert_true(fabs((double)s.log_sigma - (raw + least - most)) < 2e-6);
        assert_true(s.slope > 0.97 && s.slope <= 1);
    }
}

static void not_a_number_stays_one(void **state) {
    (void)state;
    for (uint32_t kind = 0; kind <= VV_DENSITY_DISTANCE; kind++) {
        const vv_scale s = vv_scale_of(kind, (real)-1, true), bad = vv_scale_of(kind, (real)NAN, true);
        assert_true(isnan(vv_density_point(kind, (real)0.5, (real)NAN, s).value));
        assert_true(isnan(vv_density_point(kind, (real)NAN, (real)0.5, s).value));
        if (kind >= VV_DENSITY_GAUSSIAN && kind <= VV_DENSITY_DISCRETIZED_LOGISTIC)
            assert_true(isnan(vv_density_point(kind, (real)0.5, (real)0.5, bad).value));
        assert_true(isnan(vv_density_mean_of(kind, (real)NAN, s)));
        // So far off that a float cannot say how much: seen by the latch, too.
        const double far = is_double ? 1e300 : 1e30;
        if (kind == VV_DENSITY_GAUSSIAN || kind == VV_DENSITY_SQUARE)
            assert_true(!isfinite(vv_density_point(kind, (real)0.5, (real)far, s).value));
        else
            assert_true(isfinite(vv_density_point(kind, (real)0.5, (real)far, s).value));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(densities_of_the_line_integrate_to_one),
        cmocka_unit_test(the_continuous_bernoulli_integrates_to_one_and_has_its_mean),
        cmocka_unit_test(the_series_meet_what_they_stand_for),
        cmocka_unit_test(probabilities_of_the_bytes_sum_to_one),
        cmocka_unit_test(pixels_between_bytes_are_binned),
        cmocka_unit_test(values_in_closed_form),
        cmocka_unit_test(they_agree_with_pytorch),
        cmocka_unit_test(a_learned_sigma_is_bounded_softly),
        cmocka_unit_test(not_a_number_stays_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
