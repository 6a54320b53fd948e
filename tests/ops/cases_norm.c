// Normalisations.
#include "cases.h"

#include "norm.h"
#include "slice.h"

// ---- normalisation: x [n0,n1,n2]; n3: groups and ten times the activation ----

enum { BATCH = 0, RUNNING = 9 };  // in place of groups

static vv_ref norm_of(struct graph *g, const uint32_t *n, enum kind kind, double mean) {
    vv_ref x = input(g, kind, vv_shape3(n[0], n[1], n[2]));
    vv_ref gamma = input(g, kind, vv_shape1(n[2])), beta = input(g, kind, vv_shape1(n[2]));
    for (uint64_t i = 0; mean != 0 && i < g->state[0]->bytes / sizeof(vv_real); i++)
        g->value[0][i] = (vv_real)(float)((double)g->value[0][i] + mean);
    const uint32_t groups = n[3] % 10;
    const enum vv_norm_activation f = n[3] / 10;
    if (groups != BATCH && groups != RUNNING) return vv_group_norm(g->t, x, gamma, beta, groups, f);
    vv_ref moments = groups == BATCH ? vv_moments(g->t, x) : input(g, VARIANCE, vv_shape2(2, n[2]));
    return vv_batch_norm(g->t, x, moments, gamma, beta, f);
}
static vv_ref norm_case(struct graph *g, const uint32_t *n) {
    return norm_of(g, n, NORMAL, 0);
}
static vv_ref layer_norm_case(struct graph *g, const uint32_t *n) {
    vv_ref x = input(g, NORMAL, vv_shape3(n[0], n[1], n[2])), gamma = input(g, NORMAL, vv_shape1(n[2]));
    vv_ref y = vv_layer_norm(g->t, x, gamma, input(g, NORMAL, vv_shape1(n[2])));
    return y->view_of;
}
static vv_ref moments_case(struct graph *g, const uint32_t *n) {
    return norm_of(g, n, NORMAL, 0)->in[1];
}
// A deviation of 1 about a mean of 1000: no variance is left where squares are subtracted.
static vv_ref far_moments_case(struct graph *g, const uint32_t *n) {
    vv_ref moments = norm_of(g, n, WEIGHT, 1000)->in[1];
    return vv_slice(g->t, moments, moments->shape.rank - 2, 1, 1);
}
static vv_ref norm_sums_case(struct graph *g, const uint32_t *n) {
    vv_ref y = norm_of(g, n, WEIGHT, 0), dy = input(g, WEIGHT, y->shape);
    return vv_append(g->t, &vv_op_norm_sums,
                     (const vv_ref[]){y->in[0], y->in[1], y->in[2], y->in[3], dy}, &y->attr);
}
static vv_ref norm_grad_case(struct graph *g, const uint32_t *n) {
    vv_ref sums = norm_sums_case(g, n);
    return vv_append(g->t, &vv_op_norm_grad, (const vv_ref[]){sums->in[0], sums->in[4], sums},
                     &sums->attr);
}

// One case a line.
// clang-format off
static const struct op_case cases[] = {
    {&vv_op_moments, moments_case, {1, 1, 1, BATCH}},
    {&vv_op_moments, moments_case, {7, 37, 5, BATCH}},
    {&vv_op_moments, moments_case, {3, 61, 20, BATCH}},
    {&vv_op_moments, moments_case, {7, 31, 12, 3}},
    {&vv_op_moments, moments_case, {3, 7, 15, 5}},
    {&vv_op_moments, far_moments_case, {8, 97, 12, BATCH}},
    {&vv_op_moments, far_moments_case, {8, 97, 5, 1}},
    {&vv_op_moments, far_moments_case, {64, 1024, 8, BATCH}},
    {&vv_op_norm, norm_case, {7, 13, 5, BATCH}},
    {&vv_op_norm, norm_case, {3, 37, 20, BATCH + 10}},
    {&vv_op_norm, norm_case, {1, 5, 260, BATCH + 20}},
    {&vv_op_norm, norm_case, {7, 13, 5, RUNNING}},
    {&vv_op_norm, norm_case, {7, 13, 12, RUNNING + 10}},
    {&vv_op_norm, norm_case, {3, 29, 12, 3 + 20}},
    {&vv_op_norm, norm_case, {3, 7, 15, 5 + 10}},
    {&vv_op_norm, norm_case, {2, 9, 8, 8}},
    {&vv_op_norm, layer_norm_case, {7, 3, 5, 0}},
    {&vv_op_norm, layer_norm_case, {3, 5, 129, 0}},
    {&vv_op_norm, layer_norm_case, {7, 1, 64, 0}},
    {&vv_op_norm_sums, norm_sums_case, {7, 97, 5, BATCH + 10}},
    {&vv_op_norm_sums, norm_sums_case, {3, 129, 20, BATCH + 20}},
    {&vv_op_norm_sums, norm_sums_case, {7, 31, 12, 3 + 20}},
    {&vv_op_norm_sums, norm_sums_case, {64, 1024, 8, BATCH + 20}},
    {&vv_op_norm_grad, norm_grad_case, {7, 97, 5, BATCH + 10}},
    {&vv_op_norm_grad, norm_grad_case, {3, 129, 20, RUNNING + 20}},
    {&vv_op_norm_grad, norm_grad_case, {7, 31, 12, 3 + 20}},
};
// clang-format on
OP_FAMILY(norm)
