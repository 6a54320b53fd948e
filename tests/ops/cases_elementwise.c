// Views and what goes element by element.
#include "cases.h"

#include "elementwise.h"
#include "nonlinear.h"
#include "view.h"

// ---- views ----

static vv_ref view_case(struct graph *g, const uint32_t *n) {  // n[0] elements from n[1] on of n[2]
    vv_ref x = vv_view(g->t, input(g, NORMAL, vv_shape1(n[2])), n[1], vv_shape2(1, n[0]));
    (void)vv_square(g->t, x);  // a view alone asks nothing of the device
    return x;
}

static vv_ref stop_case(struct graph *g, const uint32_t *n) {
    vv_ref x = vv_stop(g->t, input(g, WEIGHT, vv_shape2(n[0], n[1])));
    (void)vv_square(g->t, x);
    return x;
}

static vv_ref copy_case(struct graph *g, const uint32_t *n) {
    vv_ref target = input(g, WEIGHT, vv_shape1(n[0])), x = input(g, WEIGHT, vv_shape1(n[0]));
    return vv_append(g->t, &vv_op_copy, (const vv_ref[]){target, x}, NULL);
}

// ---- elementwise: [n0, n1] ----

static vv_ref fill_case(struct graph *g, const uint32_t *n) {
    return vv_fill(g->t, vv_shape2(n[0], n[1]), 1.5);
}
static vv_ref affine_case(struct graph *g, const uint32_t *n) {
    return vv_affine(g->t, input(g, NORMAL, vv_shape2(n[0], n[1])), -1.75, 0.5);
}
static vv_ref exp_case(struct graph *g, const uint32_t *n) {
    return vv_exp_of(g->t, input(g, NORMAL, vv_shape2(n[0], n[1])));
}
// Of what is not near 0.
static vv_ref log_case(struct graph *g, const uint32_t *n) {
    vv_ref x = vv_square(g->t, input(g, NORMAL, vv_shape2(n[0], n[1])));
    return vv_log_of(g->t, vv_affine(g->t, x, 1.0, 0.01));
}
static vv_ref recip_case(struct graph *g, const uint32_t *n) {
    vv_ref x = vv_square(g->t, input(g, NORMAL, vv_shape2(n[0], n[1])));
    return vv_recip_of(g->t, vv_affine(g->t, x, -1.0, -0.1));
}
static vv_ref square_case(struct graph *g, const uint32_t *n) {
    return vv_square(g->t, input(g, NORMAL, vv_shape2(n[0], n[1])));
}

// ---- nonlinear functions and their gradients: [n0, n1] ----

#define NONLINEAR_CASES(name, function)                                                                 \
    static vv_ref name##_case(struct graph *g, const uint32_t *n) {                                     \
        return function(g->t, input(g, NORMAL, vv_shape2(n[0], n[1])));                                 \
    }                                                                                                   \
    static vv_ref name##_grad_case(struct graph *g, const uint32_t *n) {                                \
        vv_ref v = input(g, WEIGHT, vv_shape2(n[0], n[1]));                                             \
        return vv_##name##_grad(g->t, v, input(g, WEIGHT, vv_shape2(n[0], n[1])));                      \
    }
NONLINEAR_CASES(relu, vv_relu)
NONLINEAR_CASES(leaky_relu, vv_leaky_relu_of)
NONLINEAR_CASES(elu, vv_elu_of)
NONLINEAR_CASES(tanh, vv_tanh_of)
NONLINEAR_CASES(sigmoid, vv_sigmoid_of)
NONLINEAR_CASES(softplus, vv_softplus_of)
NONLINEAR_CASES(silu, vv_silu_of)
NONLINEAR_CASES(gelu, vv_gelu_of)

// a [n0,n1], b by n3: 0 the same shape, 1 a row, 2 a column, 3 one element, 4 three dimensions over a
// row
static vv_ref broadcast(struct graph *g, const uint32_t *n,
                        vv_ref (*op)(struct vv_tape *, vv_ref, vv_ref)) {
    const struct vv_shape shapes[] = {vv_shape2(n[0], n[1]), vv_shape1(n[1]), vv_shape2(n[0], 1),
                                      vv_shape1(1), vv_shape3(n[2], 1, n[1])};
    vv_ref a = input(g, NORMAL, vv_shape2(n[0], n[1])), b = input(g, NORMAL, shapes[n[3]]);
    return n[3] % 2 ? op(g->t, b, a) : op(g->t, a, b);
}
static vv_ref add_case(struct graph *g, const uint32_t *n) {
    return broadcast(g, n, vv_add);
}
static vv_ref mul_case(struct graph *g, const uint32_t *n) {
    return broadcast(g, n, vv_mul);
}

// One case a line.
// clang-format off
static const struct op_case cases[] = {
    {&vv_op_view, view_case, {7, 5, 13, 0}},
    {&vv_op_stop, stop_case, {3, 7, 0, 0}},
    {&vv_op_copy, copy_case, {1, 0, 0, 0}},
    {&vv_op_copy, copy_case, {132, 0, 0, 0}},
    {&vv_op_copy, copy_case, {97, 0, 0, 0}},
    {&vv_op_fill, fill_case, {1, 1, 0, 0}},
    {&vv_op_fill, fill_case, {7, 129, 0, 0}},
    {&vv_op_fill, fill_case, {8, 16, 0, 0}},
    {&vv_op_affine, affine_case, {1, 1, 0, 0}},
    {&vv_op_affine, affine_case, {97, 129, 0, 0}},
    {&vv_op_affine, affine_case, {128, 784, 0, 0}},
    {&vv_op_exp, exp_case, {7, 97, 0, 0}},
    {&vv_op_exp, exp_case, {8, 16, 0, 0}},
    {&vv_op_log, log_case, {7, 97, 0, 0}},
    {&vv_op_log, log_case, {8, 16, 0, 0}},
    {&vv_op_recip, recip_case, {7, 97, 0, 0}},
    {&vv_op_recip, recip_case, {8, 16, 0, 0}},
    {&vv_op_square, square_case, {1, 129, 0, 0}},
    {&vv_op_square, square_case, {8, 16, 0, 0}},
    {&vv_op_relu, relu_case, {7, 97, 0, 0}},
    {&vv_op_relu, relu_case, {8, 16, 0, 0}},
    {&vv_op_relu_grad, relu_grad_case, {7, 97, 0, 0}},
    {&vv_op_relu_grad, relu_grad_case, {8, 16, 0, 0}},
    {&vv_op_leaky_relu, leaky_relu_case, {7, 97, 0, 0}},
    {&vv_op_leaky_relu, leaky_relu_case, {8, 16, 0, 0}},
    {&vv_op_leaky_relu_grad, leaky_relu_grad_case, {7, 97, 0, 0}},
    {&vv_op_leaky_relu_grad, leaky_relu_grad_case, {8, 16, 0, 0}},
    {&vv_op_elu, elu_case, {7, 97, 0, 0}},
    {&vv_op_elu, elu_case, {8, 16, 0, 0}},
    {&vv_op_elu_grad, elu_grad_case, {7, 97, 0, 0}},
    {&vv_op_elu_grad, elu_grad_case, {8, 16, 0, 0}},
    {&vv_op_tanh, tanh_case, {7, 97, 0, 0}},
    {&vv_op_tanh, tanh_case, {8, 16, 0, 0}},
    {&vv_op_tanh_grad, tanh_grad_case, {7, 97, 0, 0}},
    {&vv_op_tanh_grad, tanh_grad_case, {8, 16, 0, 0}},
    {&vv_op_sigmoid, sigmoid_case, {7, 97, 0, 0}},
    {&vv_op_sigmoid, sigmoid_case, {8, 16, 0, 0}},
    {&vv_op_sigmoid_grad, sigmoid_grad_case, {7, 97, 0, 0}},
    {&vv_op_sigmoid_grad, sigmoid_grad_case, {8, 16, 0, 0}},
    {&vv_op_softplus, softplus_case, {7, 97, 0, 0}},
    {&vv_op_softplus, softplus_case, {8, 16, 0, 0}},
    {&vv_op_softplus_grad, softplus_grad_case, {7, 97, 0, 0}},
    {&vv_op_softplus_grad, softplus_grad_case, {8, 16, 0, 0}},
    {&vv_op_silu, silu_case, {7, 97, 0, 0}},
    {&vv_op_silu, silu_case, {8, 16, 0, 0}},
    {&vv_op_silu_grad, silu_grad_case, {7, 97, 0, 0}},
    {&vv_op_silu_grad, silu_grad_case, {8, 16, 0, 0}},
    {&vv_op_gelu, gelu_case, {7, 97, 0, 0}},
    {&vv_op_gelu, gelu_case, {8, 16, 0, 0}},
    {&vv_op_gelu_grad, gelu_grad_case, {7, 97, 0, 0}},
    {&vv_op_gelu_grad, gelu_grad_case, {8, 16, 0, 0}},
    {&vv_op_add, add_case, {7, 129, 3, 0}},
    {&vv_op_add, add_case, {8, 16, 3, 0}},
    {&vv_op_add, add_case, {7, 97, 3, 1}},
    {&vv_op_add, add_case, {8, 16, 3, 1}},
    {&vv_op_add, add_case, {7, 97, 3, 2}},
    {&vv_op_add, add_case, {7, 97, 3, 3}},
    {&vv_op_add, add_case, {7, 9, 3, 4}},
    {&vv_op_mul, mul_case, {8, 16, 3, 0}},
    {&vv_op_mul, mul_case, {7, 97, 3, 1}},
    {&vv_op_mul, mul_case, {7, 97, 3, 2}},
    {&vv_op_mul, mul_case, {7, 97, 3, 3}},
    {&vv_op_mul, mul_case, {7, 9, 3, 4}},
};
// clang-format on
OP_FAMILY(elementwise)
