// The reference in double: each op's gradient against central differences, in the direction of every
// element of its inputs (or of 40 of them); stop in closed form; refusals.
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
#include "gaussian.h"
#include "gradient.h"
#include "nonlinear.h"
#include "reduce.h"
#include "training.h"
#include "view.h"

_Static_assert(sizeof(vv_real) == sizeof(double), "this test is built in double");

struct world {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_tape t;
    struct graph g;
};

static void world_init(struct world *w, const char *name) {
    memset(w, 0, sizeof *w);
    vv_context_init(&w->ctx);
    vv_store_init(&w->store, &w->ctx);
    w->exec =
        vv_reference_create(&w->store, &(struct vv_reference_options){.check = true, .poison = true});
    assert_non_null(w->exec);
    vv_tape_init(&w->t, &w->store, name);
}

static void world_finish(struct world *w) {
    graph_finish(&w->g);
    vv_tape_finish(&w->t);
    vv_exec_destroy(w->exec);
    vv_store_finish(&w->store);
}

// loss = sum of y * r with random r, so that no element's gradient hides behind another's.
static vv_ref append_loss(struct world *w, vv_ref y, struct vv_state **r) {
    *r = vv_store_add(&w->store, "r", VV_F32, y->shape);
    return vv_sum_to(&w->t, vv_mul(&w->t, y, vv_use(&w->t, *r)), vv_shape1(1));
}

static double run(struct world *w, struct vv_program *p, const struct vv_node *loss) {
    double value;
    for (uint32_t i = 0; i < w->g.count; i++)
        assert_true(vv_exec_write(w->exec, w->g.state[i], 0, w->g.bytes[i], w->g.state[i]->bytes));
    if (!vv_exec_submit(w->exec, p, 1)) fail_msg("%s", w->ctx.error);
    assert_true(vv_exec_read_node(w->exec, p, loss, &value));
    return value;
}

static double difference(struct world *w, struct vv_program *p, const struct vv_node *loss, double *x) {
    const double h = 1e-5, kept = *x;
    *x = kept + h;
    const double above = run(w, p, loss);
    *x = kept - h;
    const double below = run(w, p, loss);
    *x = kept;
    return (above - below) / (2 * h);
}

static void check_input(struct world *w, struct vv_program *p, const struct op_case *c,
                        const struct vv_node *loss, const struct vv_node *gradient, uint32_t input) {
    const uint64_t n = vv_count(gradient), step = n > 40 ? n / 40 : 1;
    double *found = calloc(n, sizeof *found);
    (void)run(w, p, loss);
    assert_true(vv_exec_read_node(w->exec, p, gradient, found));
    for (uint64_t i = 0; i < n; i += step) {
        const double expected = difference(w, p, loss, w->g.value[input] + w->g.misalign + i);
        if (!(fabs(found[i] - expected) <= 1e-7 + 1e-6 * fabs(expected)))
            fail_msg("%s %u,%u,%u,%u: gradient of input %u, element %llu: %.12g, by differences %.12g",
                     c->op->name, c->n[0], c->n[1], c->n[2], c->n[3], input, (unsigned long long)i,
                     found[i], expected);
    }
    free(found);
}

static uint32_t check_case(const struct op_case *c) {
    struct world w;
    world_init(&w, c->op->name);
    vv_ref y = graph_build(&w.g, c, &w.t, 0, 7), wrt[MAX_INPUTS], grad[MAX_INPUTS];
    uint32_t number[MAX_INPUTS], count = 0;
    for (uint32_t i = 0; i < w.g.count; i++)
        if (w.g.differentiable[i]) {
            number[count] = i;
            wrt[count++] = w.g.input[i];
        }
    if (count && y->shape.rank) {
        struct vv_state *r;
        vv_ref loss = append_loss(&w, y, &r);
        if (!vv_grad(&w.t, loss, wrt, count, grad)) fail_msg("%s", w.ctx.error);
        loss->keep = true;
        for (uint32_t i = 0; i < count; i++) grad[i]->keep = true;
        struct vv_program *p = vv_exec_compile(w.exec, &w.t);
        assert_non_null(p);
        double *values = calloc(vv_count(y), sizeof *values);
        uint32_t seed = 99;
        for (uint64_t i = 0; i < vv_count(y); i++) values[i] = random_normal(&seed);
        assert_true(vv_exec_write(w.exec, r, 0, values, r->bytes));
        for (uint32_t i = 0; i < count; i++) check_input(&w, p, c, loss, grad[i], number[i]);
        free(values);
        vv_program_destroy(w.exec, p);
    }
    world_finish(&w);
    return count;
}

// Large cases only cost time here: their gradients are made of the same nodes.
static bool is_small(const struct op_case *c) {
    uint64_t size = 1;
    for (uint32_t i = 0; i < 3; i++) size *= c->n[i] ? c->n[i] : 1;
    return size < 200000;
}

static void gradients_agree_with_differences(void **state) {
    (void)state;
    uint32_t checked = 0;
    for (uint32_t i = 0; i < op_case_count(); i++)
        if (is_small(op_case_at(i))) checked += check_case(op_case_at(i));
    assert_true(checked > 40);
}

// d/dx of sum(x * stop(x)) is x, not 2 x.
static void stop_passes_no_gradient(void **state) {
    (void)state;
    struct world w;
    world_init(&w, "stop");
    struct vv_state *s = vv_store_add(&w.store, "x", VV_F32, vv_shape1(3));
    vv_ref x = vv_use(&w.t, s), grad;
    vv_ref loss = vv_sum_to(&w.t, vv_mul(&w.t, x, vv_stop(&w.t, x)), vv_shape1(1));
    assert_true(vv_grad(&w.t, loss, &x, 1, &grad));
    grad->keep = true;
    struct vv_program *p = vv_exec_compile(w.exec, &w.t);
    const double values[3] = {1.5, -2, 3};
    double found[3];
    assert_true(vv_exec_write(w.exec, s, 0, values, sizeof values));
    assert_true(vv_exec_submit(w.exec, p, 1));
    assert_true(vv_exec_read_node(w.exec, p, grad, found));
    for (int i = 0; i < 3; i++) assert_true(fabs(found[i] - values[i]) < 1e-14);
    vv_program_destroy(w.exec, p);
    world_finish(&w);
}

static double head_loss(struct world *w, struct vv_program *p, struct vv_state *s, const vv_ref loss,
                        const double head[2]) {
    double value;
    assert_true(vv_exec_write(w->exec, s, 0, head, 2 * sizeof *head));
    assert_true(vv_exec_submit(w->exec, p, 1));
    assert_true(vv_exec_read_node(w->exec, p, loss, &value));
    return value;
}

// Of z and of the KL divergence, where log-variances are bounded: beyond any overflow too.
static void bounded_log_variances_have_a_gradient(void **state) {
    (void)state;
    static const double logvars[] = {-1e30, -1e4, -90, -25, -20.5, -19, 0,
                                     19.5,  20.5, 25,  40,  800,   1e30};
    struct world w;
    world_init(&w, "bounded");
    struct vv_state *s = vv_store_add(&w.store, "head", VV_F32, vv_shape2(1, 2));
    struct vv_state *e = vv_store_add(&w.store, "eps", VV_F32, vv_shape2(1, 1));
    vv_ref head = vv_use(&w.t, s), grad, kl = vv_view(&w.t, vv_gaussian_kl(&w.t, head), 0, vv_shape1(1));
    vv_ref z = vv_reparameterise(&w.t, head, vv_use(&w.t, e));
    vv_ref loss = vv_add(&w.t, kl, vv_view(&w.t, z, 0, vv_shape1(1)));
    assert_true(vv_grad(&w.t, loss, &head, 1, &grad));
    loss->keep = grad->keep = true;
    struct vv_program *p = vv_exec_compile(w.exec, &w.t);
    const double eps = 0.7;
    assert_true(vv_exec_write(w.exec, e, 0, &eps, sizeof eps));
    for (size_t i = 0; i < sizeof logvars / sizeof *logvars; i++) {
        const double x = logvars[i], h = 1e-5 * fmax(1, fabs(x)), at[2] = {0.3, x};
        double found[2];
        (void)head_loss(&w, p, s, loss, at);
        assert_true(vv_exec_read_node(w.exec, p, grad, found));
        const double above = head_loss(&w, p, s, loss, (const double[]){0.3, x + h});
        const double below = head_loss(&w, p, s, loss, (const double[]){0.3, x - h});
        const double expected = (above - below) / (2 * h);
        assert_true(isfinite(above) && isfinite(found[1]) && fabs(found[0] - 1.3) < 1e-12);
        if (!(fabs(found[1] - expected) <= 1e-6 * fabs(expected) + 1e-14 * fabs(above) / h))
            fail_msg("logvar %g: %.12g, by differences %.12g", x, found[1], expected);
    }
    vv_program_destroy(w.exec, p);
    world_finish(&w);
}

static void gradient_of_an_unrelated_tensor_is_zero(void **state) {
    (void)state;
    struct world w;
    world_init(&w, "unrelated");
    vv_ref x = vv_use(&w.t, vv_store_add(&w.store, "x", VV_F32, vv_shape1(3))), grad;
    vv_ref other = vv_use(&w.t, vv_store_add(&w.store, "other", VV_F32, vv_shape1(2)));
    vv_ref loss = vv_sum_to(&w.t, vv_square(&w.t, x), vv_shape1(1));
    assert_true(vv_grad(&w.t, loss, &other, 1, &grad));
    assert_ptr_equal(grad->op, &vv_op_fill);
    assert_true(vv_shape_equal(grad->shape, other->shape));
    world_finish(&w);
}

static void nothing_is_computed_that_was_not_asked_for(void **state) {
    (void)state;
    struct world w;
    world_init(&w, "frozen");
    vv_ref a = vv_use(&w.t, vv_store_add(&w.store, "a", VV_F32, vv_shape1(3))), grad;
    vv_ref b = vv_use(&w.t, vv_store_add(&w.store, "b", VV_F32, vv_shape1(3)));
    vv_ref loss = vv_sum_to(&w.t, vv_mul(&w.t, a, vv_exp_of(&w.t, b)), vv_shape1(1));
    const uint32_t before = w.t.count;
    assert_true(vv_grad(&w.t, loss, &a, 1, &grad));
    assert_int_equal(w.t.count - before, 3);  // fill, expand, mul: nothing for b
    world_finish(&w);
}

static void an_op_without_gradient_is_refused(void **state) {
    (void)state;
    struct world w;
    world_init(&w, "refused");
    vv_ref a = vv_use(&w.t, vv_store_add(&w.store, "a", VV_F32, vv_shape1(3))), grad;
    vv_ref loss = vv_sum_to(&w.t, vv_relu_grad(&w.t, a, a), vv_shape1(1));
    assert_false(vv_grad(&w.t, loss, &a, 1, &grad));
    assert_non_null(strstr(w.ctx.error, "relu_grad"));
    assert_false(vv_tape_ok(&w.t));
    world_finish(&w);
}

static void a_value_overwritten_after_its_use_is_refused(void **state) {
    (void)state;
    struct world w;
    world_init(&w, "overwritten");
    vv_ref a = vv_use(&w.t, vv_store_add(&w.store, "alpha", VV_F32, vv_shape1(3))), grad;
    vv_ref loss = vv_sum_to(&w.t, vv_square(&w.t, a), vv_shape1(1));
    vv_ref writer =
        vv_append(&w.t, &vv_op_copy, (const vv_ref[]){a, vv_fill(&w.t, vv_shape1(3), 1)}, NULL);
    (void)vv_name(&w.t, writer, "the writer");
    assert_false(vv_grad(&w.t, loss, &a, 1, &grad));
    assert_non_null(strstr(w.ctx.error, "alpha"));
    assert_non_null(strstr(w.ctx.error, "the writer"));
    world_finish(&w);
}

static void a_value_that_another_is_placed_over_is_refused(void **state) {
    (void)state;
    struct world w;
    world_init(&w, "placed");
    struct vv_state *s = vv_store_add(&w.store, "alpha", VV_F32, vv_shape1(3));
    vv_ref a = vv_use(&w.t, s), grad;
    vv_ref loss = vv_sum_to(&w.t, vv_square(&w.t, a), vv_shape1(1));
    (void)vv_place(&w.t, vv_fill(&w.t, vv_shape1(3), 1), s, 0);
    assert_false(vv_grad(&w.t, loss, &a, 1, &grad));
    assert_non_null(strstr(w.ctx.error, "alpha"));
    world_finish(&w);
}

// What is placed is written where vv_place stands, not before: nobody in between sees it early, and no
// op reads what it writes.
static void a_placed_value_comes_neither_early_nor_over_its_inputs(void **state) {
    (void)state;
    struct world w;
    world_init(&w, "early");
    struct vv_state *s = vv_store_add(&w.store, "s", VV_F32, vv_shape1(3));
    vv_ref a = vv_use(&w.t, s);
    vv_ref y = vv_affine(&w.t, a, 1, 100);  // reads s
    (void)vv_place(&w.t, y, s, 0);
    assert_null(y->state);
    vv_ref z = vv_fill(&w.t, vv_shape1(3), 7), between = vv_affine(&w.t, a, 1, 0);
    between->keep = true;
    (void)vv_place(&w.t, z, s, 0);
    assert_null(z->state);
    vv_ref fresh = vv_fill(&w.t, vv_shape1(3), 9);
    assert_ptr_equal(vv_place(&w.t, fresh, s, 0), fresh);
    assert_ptr_equal(fresh->state, s);
    struct vv_program *p = vv_exec_compile(w.exec, &w.t);
    const double one[3] = {1, 1, 1};
    double seen[3], last[3];
    assert_true(vv_exec_write(w.exec, s, 0, one, sizeof one) && vv_exec_submit(w.exec, p, 1));
    assert_true(vv_exec_read_node(w.exec, p, between, seen) &&
                vv_exec_read(w.exec, s, 0, last, sizeof last));
    for (int i = 0; i < 3; i++) assert_true(seen[i] == 101 && last[i] == 9);
    vv_program_destroy(w.exec, p);
    world_finish(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_agree_with_differences),
        cmocka_unit_test(stop_passes_no_gradient),
        cmocka_unit_test(bounded_log_variances_have_a_gradient),
        cmocka_unit_test(gradient_of_an_unrelated_tensor_is_zero),
        cmocka_unit_test(nothing_is_computed_that_was_not_asked_for),
        cmocka_unit_test(an_op_without_gradient_is_refused),
        cmocka_unit_test(a_value_overwritten_after_its_use_is_refused),
        cmocka_unit_test(a_value_that_another_is_placed_over_is_refused),
        cmocka_unit_test(a_placed_value_comes_neither_early_nor_over_its_inputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
