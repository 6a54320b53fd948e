// Sums, slices, pictures of other sizes, windows: what changes the shape.
#include "cases.h"

#include "blur.h"
#include "reduce.h"
#include "resample.h"
#include "slice.h"

// ---- sums: x [n0,n1,n2]; n3: what remains ----

static struct vv_shape part(const uint32_t *n) {
    const struct vv_shape shapes[] = {vv_shape1(1), vv_shape1(n[2]), vv_shape3(n[0], n[1], 1),
                                      vv_shape3(n[0], 1, n[2]), vv_shape3(1, n[1], 1)};
    return shapes[n[3]];
}
static vv_ref sum_case(struct graph *g, const uint32_t *n) {
    return vv_sum_to(g->t, input(g, NORMAL, vv_shape3(n[0], n[1], n[2])), part(n));
}
// Of more terms than a loop of llvmpipe goes round.
static vv_ref tall_sum_case(struct graph *g, const uint32_t *n) {
    return vv_sum_to(g->t, input(g, PICTURE, vv_shape3(n[0], n[1], n[2])), part(n));
}
static vv_ref expand_case(struct graph *g, const uint32_t *n) {
    return vv_expand(g->t, input(g, NORMAL, part(n)), vv_shape3(n[0], n[1], n[2]));
}

// ---- slices: axis n0 of [5,n1,n2], width n3 from 1 on ----

static vv_ref slice_case(struct graph *g, const uint32_t *n) {
    return vv_slice(g->t, input(g, NORMAL, vv_shape3(5, n[1], n[2])), n[0], 1, n[3]);
}
static vv_ref pad_case(struct graph *g, const uint32_t *n) {
    vv_ref x = input(g, NORMAL, vv_shape3(5, n[1], n[2]));
    return vv_pad(g->t, x, n[0], 1, x->shape.dim[n[0]] + n[3]);
}

// ---- pictures of other sizes: [2,n0,n1,n2] is the fine one ----

static vv_ref fine(struct graph *g, const uint32_t *n) {
    return input(g, NORMAL, vv_shape4(2, n[0], n[1], n[2]));
}
static vv_ref coarse(struct graph *g, const uint32_t *n) {
    return input(g, NORMAL, vv_shape4(2, (n[0] + 1) / 2, (n[1] + 1) / 2, n[2]));
}
static vv_ref upsample_case(struct graph *g, const uint32_t *n) {
    return vv_upsample_nearest(g->t, coarse(g, n), n[0], n[1]);
}
static vv_ref upsample_grad_case(struct graph *g, const uint32_t *n) {
    return vv_upsample_nearest_grad(g->t, fine(g, n));
}
static vv_ref pool_case(struct graph *g, const uint32_t *n) {
    return vv_average_pool(g->t, fine(g, n));
}
static vv_ref pool_grad_case(struct graph *g, const uint32_t *n) {
    return vv_average_pool_grad(g->t, coarse(g, n), n[0], n[1]);
}

// ---- blurs: of [2,n0,n1,n2]; n3: axis and ten times the window ----

static vv_ref blur_case(struct graph *g, const uint32_t *n) {
    return vv_blur(g->t, fine(g, n), n[3] % 10, n[3] / 10, 1.5);
}
static vv_ref blur_grad_case(struct graph *g, const uint32_t *n) {
    return vv_blur_grad(g->t, fine(g, n), n[3] % 10, n[3] / 10, 1.5);
}

// One case a line.
// clang-format off
static const struct op_case cases[] = {
    {&vv_op_sum, sum_case, {3, 37, 28, 3}},
    {&vv_op_sum, sum_case, {1, 129, 40, 1}},
    {&vv_op_sum, sum_case, {7, 9, 97, 0}},
    {&vv_op_sum, sum_case, {7, 9, 97, 1}},
    {&vv_op_sum, sum_case, {7, 9, 129, 2}},
    {&vv_op_sum, sum_case, {7, 9, 5, 3}},
    {&vv_op_sum, sum_case, {7, 9, 5, 4}},
    {&vv_op_sum, sum_case, {1, 128, 784, 1}},
    {&vv_op_sum, sum_case, {3, 1009, 8, 1}},
    {&vv_op_sum, sum_case, {2, 3000, 3, 3}},
    {&vv_op_sum, tall_sum_case, {1, 2049, 5, 1}},
    {&vv_op_sum, tall_sum_case, {3, 2060, 12, 3}},
    {&vv_op_sum, tall_sum_case, {1, 67001, 4, 1}},
    {&vv_op_sum, tall_sum_case, {1, 1 << 18, 3, 1}},
    {&vv_op_sum, tall_sum_case, {1, 300, 2001, 0}},
    {&vv_op_expand, expand_case, {7, 9, 97, 0}},
    {&vv_op_expand, expand_case, {7, 9, 97, 1}},
    {&vv_op_expand, expand_case, {7, 9, 16, 1}},
    {&vv_op_expand, expand_case, {7, 9, 129, 2}},
    {&vv_op_expand, expand_case, {7, 9, 5, 3}},
    {&vv_op_slice, slice_case, {0, 7, 3, 2}},
    {&vv_op_slice, slice_case, {1, 7, 3, 4}},
    {&vv_op_slice, slice_case, {2, 7, 97, 13}},
    {&vv_op_slice, slice_case, {2, 8, 4, 3}},
    {&vv_op_slice, slice_case, {1, 7, 8, 4}},
    {&vv_op_pad, pad_case, {0, 7, 3, 2}},
    {&vv_op_pad, pad_case, {1, 7, 3, 4}},
    {&vv_op_pad, pad_case, {2, 7, 97, 13}},
    {&vv_op_pad, pad_case, {2, 8, 3, 1}},
    {&vv_op_pad, pad_case, {1, 7, 8, 2}},
    {&vv_op_upsample_nearest, upsample_case, {1, 1, 1, 0}},
    {&vv_op_upsample_nearest, upsample_case, {1, 97, 1, 0}},
    {&vv_op_upsample_nearest, upsample_case, {17, 23, 3, 0}},
    {&vv_op_upsample_nearest, upsample_case, {6, 5, 8, 0}},
    {&vv_op_upsample_nearest_grad, upsample_grad_case, {17, 23, 3, 0}},
    {&vv_op_upsample_nearest_grad, upsample_grad_case, {6, 5, 8, 0}},
    {&vv_op_average_pool, pool_case, {1, 97, 1, 0}},
    {&vv_op_average_pool, pool_case, {17, 23, 3, 0}},
    {&vv_op_average_pool, pool_case, {6, 5, 8, 0}},
    {&vv_op_average_pool_grad, pool_grad_case, {17, 23, 3, 0}},
    {&vv_op_average_pool_grad, pool_grad_case, {6, 5, 8, 0}},
    {&vv_op_blur, blur_case, {1, 11, 1, 112}},
    {&vv_op_blur, blur_case, {17, 23, 3, 111}},
    {&vv_op_blur, blur_case, {17, 23, 3, 112}},
    {&vv_op_blur, blur_case, {14, 6, 8, 51}},
    {&vv_op_blur, blur_case, {3, 12, 4, 42}},
    {&vv_op_blur_grad, blur_grad_case, {7, 13, 3, 111}},
    {&vv_op_blur_grad, blur_grad_case, {7, 13, 3, 112}},
    {&vv_op_blur_grad, blur_grad_case, {4, 6, 8, 51}},
    {&vv_op_blur_grad, blur_grad_case, {3, 1, 4, 112}},
};
// clang-format on
OP_FAMILY(shape)
