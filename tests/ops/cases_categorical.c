#include "cases.h"
#include "categorical.h"
#include "elementwise.h"

// [n0, n1 n2] logits of n1 distributions over n2 kinds; n2 = 0: counts of n1 kinds.
static vv_ref counted(struct graph *g, const uint32_t *n) {
    // Few counts are large: bytes whose value is small mostly.
    return vv_mul(g->t, input(g, PICTURE, vv_shape2(n[0], n[1])),
                  vv_affine(g->t, input(g, PICTURE, vv_shape2(n[0], 1)), n[3] ? 1 : 0.02, 0));
}
static vv_ref categorical_case(struct graph *g, const uint32_t *n) {
    vv_ref logits = vv_affine(g->t, input(g, NORMAL, vv_shape2(n[0], n[1] * (n[2] ? n[2] : 1))), 3, 0);
    if (!n[2]) return vv_multinomial(g->t, logits, counted(g, n));
    return vv_categorical(g->t, logits, input(g, PICTURE, vv_shape2(n[0], n[1])), n[2]);
}
static vv_ref categorical_both_case(struct graph *g, const uint32_t *n) {
    vv_ref logits = input(g, WEIGHT, vv_shape2(n[0], n[1] * (n[2] ? n[2] : 1)));
    if (!n[2]) return vv_multinomial_both(g->t, logits, counted(g, n), 1.0 / n[0]);
    vv_ref x = input(g, PICTURE, vv_shape2(n[0], n[1]));
    return vv_categorical_both(g->t, logits, x, n[2], 1.0 / n[0]);
}
static vv_ref softmax_case(struct graph *g, const uint32_t *n) {
    return vv_softmax(g->t, input(g, NORMAL, vv_shape2(n[0], n[1] * n[2])), n[2]);
}
static vv_ref softmax_mean_case(struct graph *g, const uint32_t *n) {
    return vv_softmax_mean(g->t, input(g, WEIGHT, vv_shape2(n[0], n[1] * n[2])), n[2]);
}
static vv_ref one_hot_case(struct graph *g, const uint32_t *n) {
    return vv_one_hot(g->t, input(g, PICTURE, vv_shape2(n[0], n[1])), n[2]);
}
static const struct op_case cases[] = {
    {&vv_op_categorical, categorical_case, {1, 1, 1, 0}},
    {&vv_op_categorical, categorical_case, {7, 5, 13, 0}},
    {&vv_op_categorical, categorical_case, {3, 97, 28, 0}},
    {&vv_op_categorical, categorical_case, {13, 9, 256, 0}},
    {&vv_op_categorical, categorical_case, {7, 97, 0, 0}},
    {&vv_op_categorical, categorical_case, {3, 2000, 0, 0}},
    {&vv_op_categorical, categorical_case, {1, 262148, 0, 0}},
    {&vv_op_categorical, categorical_case, {1, 262147, 2, 0}},
    {&vv_op_categorical_both, categorical_both_case, {1, 1, 1, 0}},
    {&vv_op_categorical_both, categorical_both_case, {7, 5, 13, 0}},
    {&vv_op_categorical_both, categorical_both_case, {3, 97, 28, 0}},
    {&vv_op_categorical_both, categorical_both_case, {13, 9, 256, 0}},
    {&vv_op_categorical_both, categorical_both_case, {7, 97, 0, 0}},
    {&vv_op_categorical_both, categorical_both_case, {3, 2000, 0, 1}},
    {&vv_op_categorical_both, categorical_both_case, {1, 65537, 0, 0}},
    {&vv_op_categorical_both, categorical_both_case, {1, 98308, 0, 0}},
    {&vv_op_softmax, softmax_case, {7, 5, 13, 0}},
    {&vv_op_softmax, softmax_case, {13, 1, 256, 0}},
    {&vv_op_softmax, softmax_case, {1, 1, 262148, 0}},
    {&vv_op_softmax_mean, softmax_mean_case, {7, 5, 13, 0}},
    {&vv_op_softmax_mean, softmax_mean_case, {13, 9, 256, 0}},
    {&vv_op_softmax_mean, softmax_mean_case, {7, 3, 1, 0}},
    {&vv_op_one_hot, one_hot_case, {7, 5, 13, 0}},
    {&vv_op_one_hot, one_hot_case, {13, 9, 256, 0}},
};
OP_FAMILY(categorical)
