// The terms of an objective: batch n0, latent or pixels n1.
#include "cases.h"

#include "bernoulli.h"
#include "elementwise.h"
#include "gaussian.h"
#include "kl.h"

// A head; far: with log-variances that are bounded.
static vv_ref head_input(struct graph *g, enum kind kind, const uint32_t *n, bool far) {
    const uint32_t i = g->count;
    vv_ref head = input(g, far ? WEIGHT : kind, vv_shape2(n[0], 2 * n[1]));
    for (uint64_t r = 0; far && r < vv_count(head); r++)
        if (r / n[1] % 2) g->value[i][g->misalign + r] *= 30;
    return head;
}
static vv_ref reparameterise_case(struct graph *g, const uint32_t *n) {  // n2: far
    vv_ref head = head_input(g, NORMAL, n, n[2]);
    vv_ref eps = input(g, n[2] ? WEIGHT : NORMAL, vv_shape2(n[0], n[1]));
    return vv_reparameterise(g->t, head, eps);
}
static vv_ref reparameterise_grad_case(struct graph *g, const uint32_t *n) {
    vv_ref head = head_input(g, WEIGHT, n, n[3]), eps = input(g, WEIGHT, vv_shape2(n[0], n[1]));
    return vv_reparameterise_grad(g->t, head, eps, input(g, WEIGHT, vv_shape2(n[0], n[1])), 0.25 * n[2]);
}
static vv_ref gaussian_kl_case(struct graph *g, const uint32_t *n) {  // n2: far
    return vv_gaussian_kl(g->t, head_input(g, NORMAL, n, n[2]));
}
static vv_ref gaussian_kl_grad_case(struct graph *g, const uint32_t *n) {  // n2: far; n3: of latents
    vv_ref head = head_input(g, WEIGHT, n, n[2]);
    return vv_gaussian_kl_grad(g->t, head,
                               input(g, WEIGHT, n[3] ? vv_shape2(1, n[1]) : vv_shape1(n[0])));
}
static vv_ref gaussian_terms_case(struct graph *g, const uint32_t *n) {  // n2: far
    return vv_gaussian_terms(g->t, head_input(g, WEIGHT, n, n[2]));
}
// n2: quarters of a nat free; n3: 1: a capacity above what there is, 2: the latch is set
static vv_ref kl_weigh_case(struct graph *g, const uint32_t *n) {
    struct vv_kl_weighing w = {.batch = n[0], .free = 0.25 * n[2]};
    w.sums = input(g, VARIANCE, vv_shape1(n[1]));
    for (uint32_t i = 0; i < n[1]; i++) g->value[0][g->misalign + i] *= (vv_real)n[0] / 4;
    w.weights = input(g, WEIGHT, vv_shape2(1, n[1]));
    w.log = input(g, WEIGHT, vv_shape1(3));
    w.clock = input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS));
    struct vv_clock *clock = g->bytes[3];
    clock->kl_weight = 0.75f;
    clock->capacity = n[3] == 1 ? 1000 : n[2] ? 2 : 0;
    if (n[3] == 2) clock->bad_step = 3;
    return vv_kl_weigh(g->t, &w);
}
static vv_ref kl_term_case(struct graph *g, const uint32_t *n) {
    vv_ref head = input(g, WEIGHT, vv_shape2(n[0], 2 * n[1]));
    vv_ref y = vv_kl_term(g->t, head, input(g, WEIGHT, vv_shape2(1, n[1])));
    (void)vv_square(g->t, y);  // it asks nothing of the device itself
    return y;
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
    {&vv_op_reparameterise, reparameterise_case, {97, 7, 1, 0}},
    {&vv_op_reparameterise_grad, reparameterise_grad_case, {97, 7, 0, 0}},
    {&vv_op_reparameterise_grad, reparameterise_grad_case, {97, 7, 0, 1}},
    {&vv_op_reparameterise_grad, reparameterise_grad_case, {97, 7, 1, 1}},
    {&vv_op_reparameterise_grad, reparameterise_grad_case, {97, 7, 1, 0}},
    {&vv_op_gaussian_kl, gaussian_kl_case, {1, 1, 0, 0}},
    {&vv_op_gaussian_kl, gaussian_kl_case, {7, 129, 0, 0}},
    {&vv_op_gaussian_kl, gaussian_kl_case, {7, 129, 1, 0}},
    {&vv_op_gaussian_kl_grad, gaussian_kl_grad_case, {7, 129, 0, 0}},
    {&vv_op_gaussian_kl_grad, gaussian_kl_grad_case, {7, 129, 1, 0}},
    {&vv_op_gaussian_kl_grad, gaussian_kl_grad_case, {97, 7, 0, 1}},
    {&vv_op_gaussian_kl_grad, gaussian_kl_grad_case, {7, 129, 1, 1}},
    {&vv_op_gaussian_terms, gaussian_terms_case, {1, 1, 0, 0}},
    {&vv_op_gaussian_terms, gaussian_terms_case, {97, 7, 0, 0}},
    {&vv_op_gaussian_terms, gaussian_terms_case, {7, 129, 1, 0}},
    {&vv_op_kl_weigh, kl_weigh_case, {1, 1, 0, 0}},
    {&vv_op_kl_weigh, kl_weigh_case, {97, 7, 0, 1}},
    {&vv_op_kl_weigh, kl_weigh_case, {97, 129, 1, 0}},
    {&vv_op_kl_weigh, kl_weigh_case, {7, 129, 1, 1}},
    {&vv_op_kl_weigh, kl_weigh_case, {7, 5, 1, 2}},
    {&vv_op_kl_term, kl_term_case, {7, 5, 0, 0}},
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
