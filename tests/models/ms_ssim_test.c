// MS-SSIM in double: its value against one written down without tapes, its gradient by central
// differences, and what it is of pictures that are equal, or have nothing to do with each other.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "elementwise.h"
#include "exec.h"
#include "gradient.h"
#include "likelihood.h"
#include "ms_ssim.h"
#include "reduce.h"

_Static_assert(sizeof(vv_real) == sizeof(double), "this test is built in double");

struct size {
    uint32_t batch, height, width, channels, scales;
};
static const struct size sizes[] = {
    {1, 11, 11, 1, 1}, {2, 12, 30, 3, 1}, {2, 21, 28, 1, 2}, {1, 27, 33, 2, 2}, {1, 45, 41, 1, 3}};
enum { SIZES = sizeof sizes / sizeof *sizes };

static uint64_t count_of(const struct size *s) {
    return (uint64_t)s->batch * s->height * s->width * s->channels;
}

// ---- Without tapes: one picture, one channel, a loop over every window ----

struct plane {
    uint32_t height, width;
    double *at;
};

static struct plane take_plane(const double *x, const struct size *s, uint32_t b, uint32_t c) {
    struct plane p = {s->height, s->width, calloc((size_t)s->height * s->width, sizeof(double))};
    for (uint64_t i = 0; i < (uint64_t)s->height * s->width; i++)
        p.at[i] = x[((uint64_t)b * s->height * s->width + i) * s->channels + c];
    return p;
}

static void halve_plane(struct plane *p) {
    const uint32_t height = (p->height + 1) / 2, width = (p->width + 1) / 2;
    double *half = calloc((size_t)height * width, sizeof *half);
    for (uint32_t i = 0; i < height; i++)
        for (uint32_t j = 0; j < width; j++) {
            // Behind an odd edge stands what is at it.
            const uint32_t a[2] = {2 * i, 2 * i + 1 < p->height ? 2 * i + 1 : 2 * i};
            const uint32_t b[2] = {2 * j, 2 * j + 1 < p->width ? 2 * j + 1 : 2 * j};
            for (int k = 0; k < 4; k++) half[i * width + j] += p->at[a[k / 2] * p->width + b[k % 2]] / 4;
        }
    free(p->at);
    *p = (struct plane){height, width, half};
}

// The terms of the window whose first pixel is (i, j).
static void compare_windows(const struct plane *x, const struct plane *y, uint32_t i, uint32_t j,
                            double *l, double *cs) {
    double weights = 0, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (uint32_t a = 0; a < 11; a++)
        for (uint32_t b = 0; b < 11; b++) {
            const double w = exp(-(pow(a - 5.0, 2) + pow(b - 5.0, 2)) / (2 * 1.5 * 1.5));
            const double p = x->at[(i + a) * x->width + j + b], q = y->at[(i + a) * y->width + j + b];
            weights += w;
            mx += w * p;
            my += w * q;
            xx += w * p * p;
            yy += w * q * q;
            xy += w * p * q;
        }
    mx /= weights;
    my /= weights;
    const double vx = xx / weights - mx * mx, vy = yy / weights - my * my, cov = xy / weights - mx * my;
    *l = (2 * mx * my + 1e-4) / (mx * mx + my * my + 1e-4);
    *cs = (2 * cov + 9e-4) / (vx + vy + 9e-4);
}

static double term_of(const struct plane *x, const struct plane *y, bool last) {
    double sum = 0;
    for (uint32_t i = 0; i + 11 <= x->height; i++)
        for (uint32_t j = 0; j + 11 <= x->width; j++) {
            double l, cs;
            compare_windows(x, y, i, j, &l, &cs);
            sum += last ? l * cs : cs;
        }
    const double mean = sum / ((x->height - 10) * (double)(x->width - 10));
    return mean < 1e-3 ? 1e-3 : mean;
}

static double alike(const double *a, const double *b, const struct size *s, uint32_t picture) {
    static const double paper[] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
    double total = 0, weights = 0;
    for (uint32_t i = 0; i < s->scales; i++) weights += paper[i];
    for (uint32_t c = 0; c < s->channels; c++) {
        struct plane x = take_plane(a, s, picture, c), y = take_plane(b, s, picture, c);
        double product = 1;
        for (uint32_t i = 0; i < s->scales; i++) {
            product *= pow(term_of(&x, &y, i + 1 == s->scales), paper[i] / weights);
            halve_plane(&x);
            halve_plane(&y);
        }
        free(x.at);
        free(y.at);
        total += product / s->channels;
    }
    return total;
}

// ---- On a tape ----

struct world {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_tape t;
    struct vv_exec *exec;
    struct vv_state *x, *y;
    vv_ref alike, loss, gradient;
    struct vv_program *program;
};

static void open_world(struct world *w, const struct size *s) {
    memset(w, 0, sizeof *w);
    vv_context_init(&w->ctx);
    vv_store_init(&w->store, &w->ctx);
    vv_tape_init(&w->t, &w->store, "pictures");
    w->exec = vv_reference_create(&w->store, NULL);
    const struct vv_shape shape = vv_shape4(s->batch, s->height, s->width, s->channels);
    w->x = vv_store_add(&w->store, "x", VV_F32, shape);
    w->y = vv_store_add(&w->store, "y", VV_F32, shape);
    vv_ref y = vv_use(&w->t, w->y);
    w->alike = vv_ms_ssim(&w->t, vv_use(&w->t, w->x), y);
    w->loss = vv_sum_to(&w->t, w->alike, vv_shape1(1));
    if (!vv_grad(&w->t, w->loss, &y, 1, &w->gradient)) fail_msg("%s", w->ctx.error);
    w->alike->keep = w->loss->keep = w->gradient->keep = true;
    w->program = vv_exec_compile(w->exec, &w->t);
    if (!w->program) fail_msg("%s", w->ctx.error);
}

static void close_world(struct world *w) {
    vv_program_destroy(w->exec, w->program);
    vv_tape_finish(&w->t);
    vv_exec_destroy(w->exec);
    vv_store_finish(&w->store);
}

static double run(struct world *w, const double *x, const double *y, double *each) {
    double loss;
    assert_true(vv_exec_write(w->exec, w->x, 0, x, w->x->bytes));
    assert_true(vv_exec_write(w->exec, w->y, 0, y, w->y->bytes));
    assert_true(vv_exec_submit(w->exec, w->program, 1));
    if (each) assert_true(vv_exec_read_node(w->exec, w->program, w->alike, each));
    assert_true(vv_exec_read_node(w->exec, w->program, w->loss, &loss));
    return loss;
}

// y is x blurred into noise: share 0: x itself, 1: nothing of x.
static void make_pictures(const struct size *s, double share, double *x, double *y) {
    uint32_t seed = 17;
    for (uint64_t i = 0; i < count_of(s); i++) {
        const double wave = 0.5 + 0.4 * sin((double)i * 0.37) * cos((double)i / 31);
        x[i] = wave;
        y[i] = (1 - share) * wave + share / (1 + exp(-random_normal(&seed)));
    }
}

static void it_is_what_the_paper_defines(void **state) {
    (void)state;
    for (uint32_t k = 0; k < SIZES; k++) {
        const struct size *s = &sizes[k];
        struct world w;
        double *x = calloc(count_of(s), sizeof *x), *y = calloc(count_of(s), sizeof *y), each[2];
        assert_int_equal(vv_ms_ssim_scales(s->height, s->width), s->scales);
        open_world(&w, s);
        for (int share = 1; share <= 3; share++) {
            make_pictures(s, share / 4.0, x, y);
            (void)run(&w, x, y, each);
            for (uint32_t b = 0; b < s->batch; b++) {
                const double expected = alike(x, y, s, b);
                if (!(fabs(each[b] - expected) < 1e-12))
                    fail_msg("%ux%u: %.15g, expected %.15g", s->height, s->width, each[b], expected);
                assert_true(expected > 0.01 && expected < 0.99);
            }
        }
        close_world(&w);
        free(x);
        free(y);
    }
}

static void equal_pictures_lack_nothing(void **state) {
    (void)state;
    struct world w;
    const struct size *s = &sizes[2];
    double *x = calloc(count_of(s), sizeof *x), *y = calloc(count_of(s), sizeof *y), each[2];
    open_world(&w, s);
    make_pictures(s, 0, x, y);
    (void)run(&w, x, y, each);
    assert_true(fabs(each[0] - 1) < 1e-14 && fabs(each[1] - 1) < 1e-14);
    close_world(&w);
    free(x);
    free(y);
}

// A negative: every term is below 0, and counts as 0.001; the slope there is 0 and no NaN.
static void opposites_have_the_least(void **state) {
    (void)state;
    struct world w;
    const struct size *s = &sizes[2];
    double *x = calloc(count_of(s), sizeof *x), *y = calloc(count_of(s), sizeof *y), each[2];
    double *gradient = calloc(count_of(s), sizeof *gradient);
    open_world(&w, s);
    uint32_t seed = 5;
    for (uint64_t i = 0; i < count_of(s); i++) {
        x[i] = 0.5 + 0.1 * random_normal(&seed);
        y[i] = 1 - x[i];
    }
    (void)run(&w, x, y, each);
    assert_true(fabs(each[0] - VV_MS_SSIM_LEAST) < 1e-12);
    assert_true(vv_exec_read_node(w.exec, w.program, w.gradient, gradient));
    for (uint64_t i = 0; i < count_of(s); i++) assert_true(gradient[i] == 0);
    close_world(&w);
    free(x);
    free(y);
    free(gradient);
}

static void the_gradient_is_that_of_differences(void **state) {
    (void)state;
    for (uint32_t k = 0; k < SIZES; k++) {
        const struct size *s = &sizes[k];
        struct world w;
        double *x = calloc(count_of(s), sizeof *x), *y = calloc(count_of(s), sizeof *y);
        double *gradient = calloc(count_of(s), sizeof *gradient), size = 0;
        open_world(&w, s);
        make_pictures(s, 0.4, x, y);
        (void)run(&w, x, y, NULL);
        assert_true(vv_exec_read_node(w.exec, w.program, w.gradient, gradient));
        for (uint64_t i = 0; i < count_of(s); i += count_of(s) / 29 + 1) {
            const double kept = y[i], h = 1e-5;
            y[i] = kept + h;
            const double above = run(&w, x, y, NULL);
            y[i] = kept - h;
            const double expected = (above - run(&w, x, y, NULL)) / (2 * h);
            y[i] = kept;
            size += fabs(expected);
            if (!(fabs(gradient[i] - expected) <= 1e-9 + 1e-6 * fabs(expected)))
                fail_msg("%ux%u, element %llu: %.12g, by differences %.12g", s->height, s->width,
                         (unsigned long long)i, gradient[i], expected);
        }
        assert_true(size > 1e-3);
        close_world(&w);
        free(x);
        free(y);
        free(gradient);
    }
}

static void weights_are_the_papers_made_to_sum_to_one(void **state) {
    (void)state;
    double weight[5];
    assert_int_equal(vv_ms_ssim_scales(10, 400), 0);
    assert_int_equal(vv_ms_ssim_scales(28, 28), 2);
    assert_int_equal(vv_ms_ssim_scales(64, 64), 3);
    assert_int_equal(vv_ms_ssim_scales(161, 4000), 5);
    assert_int_equal(vv_ms_ssim_scales(4000, 4000), 5);
    vv_ms_ssim_weights(5, weight);
    assert_true(fabs(weight[2] - 0.3001 / 1.0001) < 1e-12);
    vv_ms_ssim_weights(2, weight);
    assert_true(fabs(weight[0] + weight[1] - 1) < 1e-15 && fabs(weight[1] / weight[0] - 6.375) < 1e-12);
}

// As a term of the objective it is no density, and what it lacks of 1 counts for each number.
static void it_is_no_likelihood(void **state) {
    (void)state;
    const struct vv_likelihood *found = vv_likelihood_find("ms-ssim");
    assert_non_null(found);
    assert_false(found->is_density || found->is_discrete);
    assert_false(vv_model_is_density("ms-ssim"));
    assert_true(vv_model_is_density("bernoulli") && vv_model_is_density("") &&
                vv_model_is_density(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_the_paper_defines),
        cmocka_unit_test(equal_pictures_lack_nothing),
        cmocka_unit_test(opposites_have_the_least),
        cmocka_unit_test(the_gradient_is_that_of_differences),
        cmocka_unit_test(weights_are_the_papers_made_to_sum_to_one),
        cmocka_unit_test(it_is_no_likelihood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
