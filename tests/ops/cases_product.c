// Products of matrices.
#include "cases.h"

#include "matmul.h"

// ---- products: m, n, k; n3: form (tall: + 3) or activation ----

static vv_ref matmul_case(struct graph *g, const uint32_t *n) {
    const uint32_t rows = n[0], columns = n[1], k = n[2];
    const uint32_t form = n[3] % 3;
    // Of many terms of any sign little is left but rounding.
    const enum kind kind = n[3] < 3 ? NORMAL : PICTURE;
    struct vv_shape a = form == 2 ? vv_shape2(k, rows) : vv_shape2(rows, k);
    struct vv_shape b = form == 1 ? vv_shape2(columns, k) : vv_shape2(k, columns);
    vv_ref left = input(g, kind, a), right = input(g, kind, b);
    return form == 0   ? vv_matmul_nn(g->t, left, right)
           : form == 1 ? vv_matmul_nt(g->t, left, right)
                       : vv_matmul_tn(g->t, left, right);
}
static vv_ref linear_case(struct graph *g, const uint32_t *n) {
    vv_ref x = input(g, NORMAL, vv_shape2(n[0], n[2])), w = input(g, NORMAL, vv_shape2(n[1], n[2]));
    vv_ref b = input(g, NORMAL, vv_shape1(n[1]));
    return vv_linear(g->t, x, w, b, n[3] ? VV_RELU : VV_IDENTITY);
}

// One case a line.
// clang-format off
static const struct op_case cases[] = {
    {&vv_op_matmul, matmul_case, {1, 1, 1, 0}},
    {&vv_op_matmul, matmul_case, {1, 1, 1, 1}},
    {&vv_op_matmul, matmul_case, {1, 1, 1, 2}},
    {&vv_op_matmul, matmul_case, {7, 97, 129, 0}},
    {&vv_op_matmul, matmul_case, {7, 97, 129, 1}},
    {&vv_op_matmul, matmul_case, {7, 97, 129, 2}},
    {&vv_op_matmul, matmul_case, {12, 8, 20, 0}},
    {&vv_op_matmul, matmul_case, {12, 8, 20, 1}},
    {&vv_op_matmul, matmul_case, {12, 8, 20, 2}},
    {&vv_op_matmul, matmul_case, {97, 784, 401, 0}},
    {&vv_op_matmul, matmul_case, {97, 401, 784, 1}},
    {&vv_op_matmul, matmul_case, {401, 129, 97, 2}},
    {&vv_op_matmul, matmul_case, {128, 784, 400, 0}},
    {&vv_op_matmul, matmul_case, {128, 20, 400, 0}},
    {&vv_op_matmul, matmul_case, {128, 40, 400, 1}},
    {&vv_op_matmul, matmul_case, {40, 400, 128, 2}},
    {&vv_op_matmul, matmul_case, {400, 20, 96, 2}},
    {&vv_op_matmul, matmul_case, {784, 400, 128, 2}},
    {&vv_op_matmul, matmul_case, {33, 5, 261, 0}},
    {&vv_op_matmul, matmul_case, {5, 33, 67, 2}},
    // More rounds of a loop than llvmpipe makes: see VV_MOST_ROUNDS.
    {&vv_op_matmul, matmul_case, {3, 2, 65601, 3 + 2}},
    {&vv_op_matmul, matmul_case, {4, 4, 262200, 3 + 1}},
    {&vv_op_linear, linear_case, {1, 1, 1, 1}},
    {&vv_op_linear, linear_case, {7, 97, 129, 0}},
    {&vv_op_linear, linear_case, {7, 97, 129, 1}},
    {&vv_op_linear, linear_case, {12, 8, 20, 1}},
    {&vv_op_linear, linear_case, {97, 401, 784, 1}},
    {&vv_op_linear, linear_case, {128, 400, 784, 1}},
    {&vv_op_linear, linear_case, {96, 784, 400, 0}},
    {&vv_op_linear, linear_case, {128, 40, 400, 0}},
};
// clang-format on
OP_FAMILY(product)
