// What changes weights, and what is done to gradients before.
#include "cases.h"

#include <math.h>

#include "norm.h"
#include "training.h"

// n1: with decay
static vv_ref adam_case(struct graph *g, const uint32_t *n) {
    struct vv_shape flat = vv_shape1(n[0]);
    vv_ref p = input(g, WEIGHT, flat), d = input(g, WEIGHT, flat), m = input(g, WEIGHT, flat);
    vv_ref v = input(g, VARIANCE, flat), clock = input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS));
    return (n[1] ? vv_adamw : vv_adam)(g->t, p, d, m, v, clock, 0.9, 0.999, 1e-8);
}
// n1: with a moment
static vv_ref sgd_case(struct graph *g, const uint32_t *n) {
    vv_ref p = input(g, WEIGHT, vv_shape1(n[0])), d = input(g, WEIGHT, vv_shape1(n[0]));
    vv_ref clock = input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS));
    if (!n[1]) return vv_sgd(g->t, p, d, clock);
    return vv_momentum(g->t, p, d, input(g, WEIGHT, vv_shape1(n[0])), clock, 0.9);
}
static vv_ref adagrad_case(struct graph *g, const uint32_t *n) {
    vv_ref p = input(g, WEIGHT, vv_shape1(n[0])), d = input(g, WEIGHT, vv_shape1(n[0]));
    vv_ref v = input(g, VARIANCE, vv_shape1(n[0]));
    return vv_adagrad(g->t, p, d, v, input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)), 1e-10);
}
// n1: a step begins
static vv_ref accumulate_case(struct graph *g, const uint32_t *n) {
    vv_ref sum = input(g, WEIGHT, vv_shape1(n[0])), x = input(g, WEIGHT, vv_shape1(n[0]));
    vv_ref clock = input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS));
    if (n[1]) ((struct vv_clock *)g->bytes[2])->flags = VV_STEP_BEGINS;
    return vv_accumulate(g->t, sum, x, clock);
}
// n1: 0 clipped, 1 small enough, 2 a NaN, 3 a norm that overflows
static vv_ref clip_case(struct graph *g, const uint32_t *n) {
    const float odd[] = {NAN, 0x1p64f};
    vv_ref x = input(g, WEIGHT, vv_shape1(n[0])), clock = input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS));
    if (n[1] >= 2) g->value[0][g->misalign + n[0] - 1] = (vv_real)odd[n[1] - 2];
    return vv_clip(g->t, x, clock, n[1] == 1 ? 1e6 : 0.75);
}
static vv_ref average_case(struct graph *g, const uint32_t *n) {
    vv_ref a = input(g, WEIGHT, vv_shape1(n[0])), b = input(g, WEIGHT, vv_shape1(n[0]));
    return vv_average(g->t, a, b, input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)));
}
static vv_ref what_writes(struct graph *g, uint32_t which, uint32_t n) {
    switch (which) {
    case 0:
        return adam_case(g, (const uint32_t[]){n, 0});
    case 1:
        return sgd_case(g, (const uint32_t[]){n, 0});
    case 2:
        return sgd_case(g, (const uint32_t[]){n, 1});
    case 3:
        return adagrad_case(g, (const uint32_t[]){n});
    case 4:
        return clip_case(g, (const uint32_t[]){n, 0});
    case 5:
        return average_case(g, (const uint32_t[]){n});
    default:
        return accumulate_case(g, (const uint32_t[]){n, 1});
    }
}
// The same with the latch set, or, n2, in the midst of a step: nothing may change.
static vv_ref latched_case(struct graph *g, const uint32_t *n) {
    vv_ref y = what_writes(g, n[1], n[0]);
    for (uint32_t i = 0; i < g->count; i++) {
        struct vv_clock *clock = g->bytes[i];
        if (g->state[i]->type != VV_U32 || vv_shape_count(g->state[i]->shape) != VV_CLOCK_WORDS)
            continue;
        if (n[2])
            clock->flags = VV_STEP_HOLDS;
        else
            clock->bad_step = 3;
    }
    return y;
}

// One case a line.
// clang-format off
static const struct op_case cases[] = {
    {&vv_op_adam, adam_case, {97, 1, 0, 0}},
    {&vv_op_adam, adam_case, {784 * 7, 1, 0, 0}},
    {&vv_op_adam, latched_case, {784, 0, 1, 0}},
    {&vv_op_lerp, average_case, {97, 0, 0, 0}},
    {&vv_op_lerp, average_case, {784, 0, 0, 0}},
    {&vv_op_lerp, latched_case, {784, 5, 1, 0}},
    {&vv_op_sgd, sgd_case, {1, 0, 0, 0}},
    {&vv_op_sgd, sgd_case, {97, 0, 0, 0}},
    {&vv_op_sgd, sgd_case, {784, 0, 0, 0}},
    {&vv_op_sgd, latched_case, {97, 1, 0, 0}},
    {&vv_op_sgd, latched_case, {97, 1, 1, 0}},
    {&vv_op_momentum, sgd_case, {1, 1, 0, 0}},
    {&vv_op_momentum, sgd_case, {97, 1, 0, 0}},
    {&vv_op_momentum, sgd_case, {784, 1, 0, 0}},
    {&vv_op_momentum, latched_case, {97, 2, 0, 0}},
    {&vv_op_momentum, latched_case, {97, 2, 1, 0}},
    {&vv_op_adagrad, adagrad_case, {1, 0, 0, 0}},
    {&vv_op_adagrad, adagrad_case, {97, 0, 0, 0}},
    {&vv_op_adagrad, adagrad_case, {784, 0, 0, 0}},
    {&vv_op_adagrad, latched_case, {97, 3, 0, 0}},
    {&vv_op_adagrad, latched_case, {97, 3, 1, 0}},
    {&vv_op_clip, clip_case, {1, 0, 0, 0}},
    {&vv_op_clip, clip_case, {97, 0, 0, 0}},
    {&vv_op_clip, clip_case, {97, 1, 0, 0}},
    {&vv_op_clip, clip_case, {97, 2, 0, 0}},
    {&vv_op_clip, clip_case, {97, 3, 0, 0}},
    {&vv_op_clip, clip_case, {784 * 7, 0, 0, 0}},
    {&vv_op_clip, clip_case, {300001, 0, 0, 0}},  // more than the most partial sums
    {&vv_op_clip, clip_case, {300000, 2, 0, 0}},
    {&vv_op_clip, latched_case, {784, 4, 0, 0}},
    {&vv_op_clip, latched_case, {784, 4, 1, 0}},
    {&vv_op_accumulate, accumulate_case, {1, 0, 0, 0}},
    {&vv_op_accumulate, accumulate_case, {97, 0, 0, 0}},
    {&vv_op_accumulate, accumulate_case, {97, 1, 0, 0}},
    {&vv_op_accumulate, accumulate_case, {784, 0, 0, 0}},
    {&vv_op_accumulate, accumulate_case, {784, 1, 0, 0}},
    {&vv_op_accumulate, latched_case, {97, 6, 0, 0}},
};
// clang-format on
OP_FAMILY(optimiser)
