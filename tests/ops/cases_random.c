// What is drawn from the counter-based generator.
#include "cases.h"

#include "noise.h"
#include "random.h"

static vv_ref noise_case(struct graph *g, const uint32_t *n) {
    return vv_noise(g->t, input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)), n[0], n[1], 42, VV_STREAM_TRAIN);
}
static vv_ref dropout_case(struct graph *g, const uint32_t *n) {  // of [n0,n1,n2], n3 of 8 dropped
    vv_ref x = input(g, NORMAL, vv_shape3(n[0], n[1], n[2]));
    return vv_dropout(g->t, x, input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)), n[3] / 8.0, 42, 3);
}
// 9 pictures of n0 x n1 x n2; n3: bits for flip, vertical flip, shift, brightness, contrast, noise
static vv_ref augmented_case(struct graph *g, const uint32_t *n) {
    const struct vv_augment a = {.flip = n[3] & 1,
                                 .vertical_flip = n[3] & 2,
                                 .shift = n[3] & 4 ? 3 : 0,
                                 .brightness = n[3] & 8 ? 0.2f : 0,
                                 .contrast = n[3] & 16 ? 0.3f : 0,
                                 .noise = n[3] & 32 ? 0.1f : 0};
    vv_ref x = input(g, PICTURE, vv_shape2(9, n[0] * n[1] * n[2]));
    return vv_augmented(g->t, x, input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)), n[0], n[1], n[2], &a, 42);
}

static vv_ref binarized_case(struct graph *g, const uint32_t *n) {
    vv_ref x = input(g, PICTURE, vv_shape2(n[0], n[1]));
    return vv_binarized(g->t, x, input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)), 42);
}

// One case a line.
// clang-format off
static const struct op_case cases[] = {
    {&vv_op_noise, noise_case, {1, 1, 0, 0}},
    {&vv_op_noise, noise_case, {97, 7, 0, 0}},
    {&vv_op_noise, noise_case, {128, 20, 0, 0}},
    {&vv_op_dropout, dropout_case, {1, 1, 1, 4}},
    {&vv_op_dropout, dropout_case, {7, 97, 1, 1}},
    {&vv_op_dropout, dropout_case, {3, 23, 3, 2}},
    {&vv_op_dropout, dropout_case, {5, 6, 8, 7}},
    {&vv_op_dropout, dropout_case, {2, 2, 2, 0}},
    {&vv_op_augmented, augmented_case, {1, 1, 1, 63}},
    {&vv_op_augmented, augmented_case, {1, 97, 1, 63}},
    {&vv_op_augmented, augmented_case, {17, 23, 3, 63}},
    {&vv_op_augmented, augmented_case, {8, 8, 4, 7}},
    {&vv_op_binarized, binarized_case, {1, 1, 0, 0}},
    {&vv_op_binarized, binarized_case, {7, 97, 0, 0}},
    {&vv_op_binarized, binarized_case, {128, 784, 0, 0}},
};
// clang-format on
OP_FAMILY(random)
