// The terms of an objective: batch n0, latent or pixels n1.
#include "cases.h"

#include "bernoulli.h"
#include "elementwise.h"
#include "gaussian.h"

static vv_ref reparameterise_case(struct graph *g, const uint32_t *n) {
    vv_ref head = input(g, NORMAL, vv_shape2(n[0], 2 * n[1])),
           eps = input(g, NORMAL, vv_shape2(n[0], n[1]));
    return vv_reparameterise(g->t, head, eps);
}
static vv_ref reparameterise_grad_case(struct graph *g, const uint32_t *n) {
    vv_ref head = input(g, WEIGHT, vv_shape2(n[0], 2 * n[1])),
           eps = input(g, WEIGHT, vv_shape2(n[0], n[1]));
    return vv_reparameterise_grad(g->t, head, eps, input(g, WEIGHT, vv_shape2(n[0], n[1])), 0.25 * n[2]);
}
static vv_ref gaussian_kl_case(struct graph *g, const uint32_t *n) {
    return vv_gaussian_kl(g->t, input(g, NORMAL, vv_shape2(n[0], 2 * n[1])));
}
static vv_ref gaussian_kl_grad_case(struct graph *g, const uint32_t *n) {
    vv_ref head = input(g, WEIGHT, vv_shape2(n[0], 2 * n[1]));
    return vv_gaussian_kl_grad(g->t, head, input(g, WEIGHT, vv_shape1(n[0])));
}
static vv_ref bernoulli_case(struct graph *g, const uint32_t *n) {
    vv_ref logits = input(g, NORMAL, vv_shape2(n[0], n[1]));
    return vv_bernoulli(g->t, vv_affine(g->t, logits, 5.0, 0.0),
                        input(g, NORMAL, vv_shape2(n[0], n[1])));
}
static vv_ref bernoulli_both_case(struct graph *g, const uint32_t *n) {
    vv_ref logits = vv_affine(g->t, input(g, WEIGHT, vv_shape2(n[0], n[1])), 5.0, 0.0);
    return vv_bernoulli_both(g->t, logits, input(g, PICTURE, vv_shape2(n[0], n[1])), 1.0 / n[0]);
}
static vv_ref bernoulli_grad_case(struct graph *g, const uint32_t *n) {
    vv_ref logits = input(g, WEIGHT, vv_shape2(n[0], n[1])),
           x = input(g, PICTURE, vv_shape2(n[0], n[1]));
    return vv_bernoulli_grad(g->t, logits, x, input(g, WEIGHT, vv_shape1(n[0])));
}

// One case a line.
// clang-format off
static const struct op_case cases[] = {
    {&vv_op_reparameterise, reparameterise_case, {1, 1, 0, 0}},
    {&vv_op_reparameterise, reparameterise_case, {97, 7, 0, 0}},
    {&vv_op_reparameterise_grad, reparameterise_grad_case, {97, 7, 0, 0}},
    {&vv_op_reparameterise_grad, reparameterise_grad_case, {97, 7, 1, 0}},
    {&vv_op_gaussian_kl, gaussian_kl_case, {1, 1, 0, 0}},
    {&vv_op_gaussian_kl, gaussian_kl_case, {7, 129, 0, 0}},
    {&vv_op_gaussian_kl_grad, gaussian_kl_grad_case, {7, 129, 0, 0}},
    {&vv_op_bernoulli, bernoulli_case, {1, 1, 0, 0}},
    {&vv_op_bernoulli, bernoulli_case, {7, 97, 0, 0}},
    {&vv_op_bernoulli, bernoulli_case, {13, 28, 0, 0}},
    {&vv_op_bernoulli, bernoulli_case, {96, 784, 0, 0}},
    {&vv_op_bernoulli, bernoulli_case, {1, 524309, 0, 0}},
    {&vv_op_bernoulli_both, bernoulli_both_case, {1, 1, 0, 0}},
    {&vv_op_bernoulli_both, bernoulli_both_case, {7, 97, 0, 0}},
    {&vv_op_bernoulli_both, bernoulli_both_case, {13, 28, 0, 0}},
    {&vv_op_bernoulli_both, bernoulli_both_case, {96, 784, 0, 0}},
    {&vv_op_bernoulli_grad, bernoulli_grad_case, {7, 97, 0, 0}},
};
// clang-format on
OP_FAMILY(objective)
