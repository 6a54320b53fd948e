// Categorical and multinomial probabilities add up to 1 over all that can be seen, and agree with
// PyTorch's values (tests/peers/torch_likelihoods.py). In double.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>

#include "categorical.h"
#include "exec.h"

enum { ROOM = 4096 };

// What a tape makes of logits and x, both given, in double.
struct bench {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_tape t;
};

static void run(bool counts, uint32_t rows, uint32_t kinds, uint32_t classes, const double *logits,
                const double *x, double *out) {
    struct bench b;
    vv_context_init(&b.ctx);
    vv_store_init(&b.store, &b.ctx);
    b.exec = vv_reference_create(&b.store, NULL);
    vv_tape_init(&b.t, &b.store, "made");
    const struct vv_shape wide = vv_shape2(rows, kinds * classes),
                          narrow = vv_shape2(rows, counts ? classes : kinds);
    struct vv_state *l = vv_store_add(&b.store, "logits", VV_F32, wide),
                    *s = vv_store_add(&b.store, "x", VV_F32, narrow);
    vv_ref a = vv_use(&b.t, l), c = vv_use(&b.t, s);
    vv_ref y = counts ? vv_multinomial_both(&b.t, a, c, 1) : vv_categorical_both(&b.t, a, c, classes, 1);
    y->keep = true;
    struct vv_program *program = vv_exec_compile(b.exec, &b.t);
    if (!program) fail_msg("%s", b.ctx.error);
    assert_true(vv_exec_write(b.exec, l, 0, logits, l->bytes));
    assert_true(vv_exec_write(b.exec, s, 0, x, s->bytes));
    assert_true(vv_exec_submit(b.exec, program, 1));
    assert_true(vv_exec_read_node(b.exec, program, y, out));
    vv_program_destroy(b.exec, program);
    vv_exec_destroy(b.exec);
    vv_tape_finish(&b.t);
    vv_store_finish(&b.store);
}

static double number(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return 6 * ((*seed >> 8) / 16777216.0) - 3;
}

// All pairs of two kinds out of 256: 65,536 rows of the same logits would be much; one at a time, p(a,
// b) is p(a) p(b).
static void categorical_probabilities_sum_to_1(void **state) {
    (void)state;
    static double logits[3 * 3 * 3 * 9], x[27 * 3], out[ROOM];
    uint32_t seed = 3;
    for (int i = 0; i < 9; i++) logits[i] = number(&seed);
    for (int r = 0; r < 27; r++)
        for (int i = 0; i < 9; i++) logits[r * 9 + i] = logits[i];
    for (int r = 0; r < 27; r++)
        for (int i = 0, rest = r; i < 3; i++, rest /= 3) x[r * 3 + i] = rest % 3 / 255.0;
    run(false, 27, 3, 3, logits, x, out);
    double sum = 0;
    for (int r = 0; r < 27; r++) sum += exp(-out[27 * 9 + r]);
    assert_true(fabs(sum - 1) < 1e-12);
}

static void all_256_values_of_a_pixel_sum_to_1(void **state) {
    (void)state;
    double *logits = calloc(256 * 256, sizeof *logits), x[256], *out = calloc(256 * 257, sizeof *out);
    uint32_t seed = 5;
    for (int i = 0; i < 256; i++) logits[i] = number(&seed);
    for (int r = 0; r < 256; r++) {
        for (int i = 0; i < 256; i++) logits[r * 256 + i] = logits[i];
        x[r] = (double)((float)r * (1.0f / 255.0f));  // as bytes are gathered
    }
    run(false, 256, 1, 256, logits, x, out);
    double sum = 0;
    for (int r = 0; r < 256; r++) sum += exp(-out[256 * 256 + r]);
    assert_true(fabs(sum - 1) < 1e-12);
    free(logits);
    free(out);
}

// Every way to count `n` things of four kinds.
static void multinomial_probabilities_sum_to_1(void **state) {
    (void)state;
    for (int n = 0; n <= 6; n++) {
        static double logits[256 * 4], x[256 * 4], out[ROOM];
        uint32_t seed = 7 + (uint32_t)n, rows = 0;
        for (int i = 0; i < 4; i++) logits[i] = number(&seed);
        for (int a = 0; a <= n; a++)
            for (int b = 0; a + b <= n; b++)
                for (int c = 0; a + b + c <= n; c++, rows++) {
                    const int counts[4] = {a, b, c, n - a - b - c};
                    for (int i = 0; i < 4; i++) {
                        logits[rows * 4 + (uint32_t)i] = logits[i];
                        x[rows * 4 + (uint32_t)i] = counts[i] / 255.0;
                    }
                }
        run(true, rows, 1, 4, logits, x, out);
        double sum = 0;
        for (uint32_t r = 0; r < rows; r++) sum += exp(-out[rows * 4 + r]);
        if (!(fabs(sum - 1) < 1e-12)) fail_msg("n = %d: %.17g over %u counts", n, sum, rows);
    }
}

// A kind beyond the last one counts as the last, and no logits are too far apart.
static void extremes_stay_finite(void **state) {
    (void)state;
    const double logits[2 * 3] = {1e4, -1e4, 0, -1e30, 0, 1e30}, x[2] = {0, 1};
    double out[8];
    run(false, 2, 1, 3, logits, x, out);
    for (int i = 0; i < 8; i++) assert_true(isfinite(out[i]));
    assert_true(fabs(out[6]) < 1e-12);
    assert_true(fabs(out[7]) < 1e-12);
}

#include "categorical_values.h"

static void values_and_gradients_are_those_of_torch(void **state) {
    (void)state;
    static double out[ROOM];
    const struct {
        bool counts;
        uint32_t rows, kinds, classes;
        const double *logits, *x, *gradient, *values;
    } sets[] = {
        {false, 2, 3, 5, torch_categorical_logits, torch_categorical_x, torch_categorical_gradient,
         torch_categorical_values},
        {true, 3, 1, 6, torch_multinomial_logits, torch_multinomial_x, torch_multinomial_gradient,
         torch_multinomial_values},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        double x[32];
        const uint32_t logits = sets[i].rows * sets[i].kinds * sets[i].classes;
        const uint32_t numbers = sets[i].rows * (sets[i].counts ? sets[i].classes : sets[i].kinds);
        for (uint32_t k = 0; k < numbers; k++) x[k] = sets[i].x[k] / 255;
        run(sets[i].counts, sets[i].rows, sets[i].kinds, sets[i].classes, sets[i].logits, x, out);
        for (uint32_t k = 0; k < logits; k++) assert_true(fabs(out[k] - sets[i].gradient[k]) < 1e-11);
        for (uint32_t k = 0; k < sets[i].rows; k++)
            assert_true(fabs(out[logits + k] - sets[i].values[k]) < 1e-10);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(categorical_probabilities_sum_to_1),
        cmocka_unit_test(all_256_values_of_a_pixel_sum_to_1),
        cmocka_unit_test(multinomial_probabilities_sum_to_1),
        cmocka_unit_test(extremes_stay_finite),
        cmocka_unit_test(values_and_gradients_are_those_of_torch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
