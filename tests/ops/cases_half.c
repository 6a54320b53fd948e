// Floats of 16 bits: [n0,n1]. All of them: half_test.c.
#include "cases.h"

#include "half.h"

static vv_ref halve_case(struct graph *g, const uint32_t *n) {
    return vv_halve(g->t, input(g, WEIGHT, vv_shape2(n[0], n[1])));
}
static vv_ref unhalve_case(struct graph *g, const uint32_t *n) {
    vv_ref words = input_below(g, INDEX, vv_shape1((n[0] * n[1] + 1) / 2), UINT32_MAX);
    return vv_unhalve(g->t, words, vv_shape2(n[0], n[1]));
}

static const struct op_case cases[] = {
    {&vv_op_halve, halve_case, {1, 1, 0, 0}},      {&vv_op_halve, halve_case, {7, 97, 0, 0}},
    {&vv_op_halve, halve_case, {9, 24, 0, 0}},     {&vv_op_unhalve, unhalve_case, {1, 1, 0, 0}},
    {&vv_op_unhalve, unhalve_case, {7, 97, 0, 0}}, {&vv_op_unhalve, unhalve_case, {9, 24, 0, 0}},
};
OP_FAMILY(half)
