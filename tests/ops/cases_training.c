// The training step's own.
#include "cases.h"

#include <math.h>

#include "norm.h"
#include "training.h"

static vv_ref lerp_case(struct graph *g, const uint32_t *n) {
    vv_ref a = input(g, WEIGHT, vv_shape1(n[0])), b = input(g, WEIGHT, vv_shape1(n[0]));
    return vv_lerp(g->t, a, b, 0.1, input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)));
}

static vv_ref advance_case(struct graph *g, const uint32_t *n) {
    vv_ref clock = input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS));
    return vv_advance(g->t, clock, input_below(g, TABLE, vv_shape2(n[0], VV_ROW_WORDS), 100));
}
// n0 rows gathered out of n1 pictures of n2 pixels; some indices are beyond the set, some rows beyond
// the order; n3: the set is of floats
static vv_ref gather_case(struct graph *g, const uint32_t *n) {
    vv_ref data = input(g, n[3] ? WEIGHT : BYTES, vv_shape2(n[1], n[2])),
           order = input_below(g, INDEX, vv_shape1(n[0]), n[1] + 1);
    return vv_gather(g->t, data, order, input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)), n[0]);
}
// n1: the element of n0 (0: none) that is n2: 0 NaN, 1 infinite, 2 the limit, 3 just below it; n3: a
// limit is set
static vv_ref guard_case(struct graph *g, const uint32_t *n) {
    const float odd[] = {NAN, -INFINITY, -0x1p63f, 0x1.fffffep62f};
    vv_ref clock = input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)), x = input(g, WEIGHT, vv_shape1(n[0]));
    if (n[1]) g->value[1][g->misalign + n[1]] = (vv_real)odd[n[2]];
    return vv_guard(g->t, clock, x, n[3] ? VV_GRADIENT_LIMIT : INFINITY);
}
// n1: guarded; n2: the tensor (0: none) whose last element is infinite
static vv_ref record_case(struct graph *g, const uint32_t *n) {
    vv_ref log = input(g, WEIGHT, vv_shape2(3, 2)), a = input(g, WEIGHT, vv_shape1(n[0]));
    vv_ref b = input(g, WEIGHT, vv_shape1(n[0])), clock = input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS));
    if (n[2]) g->value[n[2]][g->misalign + n[0] - 1] = (vv_real)INFINITY;
    return vv_record(g->t, log, a, b, clock, n[1]);
}
static vv_ref adam_case(struct graph *g, const uint32_t *n) {
    struct vv_shape flat = vv_shape1(n[0]);
    vv_ref p = input(g, WEIGHT, flat), d = input(g, WEIGHT, flat), m = input(g, WEIGHT, flat);
    vv_ref v = input(g, VARIANCE, flat), clock = input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS));
    return vv_adam(g->t, p, d, m, v, clock, 0.9, 0.999, 1e-8);
}
// The same with the latch set: nothing may change.
static vv_ref latched_case(struct graph *g, const uint32_t *n) {
    vv_ref y = n[1] == 0   ? adam_case(g, n)
               : n[1] == 1 ? record_case(g, (const uint32_t[]){n[0], 1, 0})
               : n[1] == 3 ? lerp_case(g, n)
                           : advance_case(g, n);
    for (uint32_t i = 0; i < g->count; i++)
        if (g->state[i]->type == VV_U32 && vv_shape_count(g->state[i]->shape) == VV_CLOCK_WORDS)
            ((struct vv_clock *)g->bytes[i])->bad_step = 3;
    return y;
}

// One case a line.
// clang-format off
static const struct op_case cases[] = {
    {&vv_op_lerp, lerp_case, {1, 0, 0, 0}},
    {&vv_op_lerp, lerp_case, {97, 0, 0, 0}},
    {&vv_op_lerp, lerp_case, {784, 0, 0, 0}},
    {&vv_op_lerp, latched_case, {97, 3, 0, 0}},
    {&vv_op_advance, advance_case, {3, 0, 0, 0}},
    {&vv_op_advance, advance_case, {1, 0, 0, 0}},
    {&vv_op_advance, latched_case, {3, 2, 0, 0}},
    {&vv_op_gather, gather_case, {1, 1, 1, 0}},
    {&vv_op_gather, gather_case, {7, 11, 97, 0}},
    {&vv_op_gather, gather_case, {7, 11, 28, 0}},
    {&vv_op_gather, gather_case, {129, 31, 784, 0}},
    {&vv_op_gather, gather_case, {1, 1, 1, 1}},
    {&vv_op_gather, gather_case, {7, 11, 97, 1}},
    {&vv_op_gather, gather_case, {129, 31, 28, 1}},
    {&vv_op_guard, guard_case, {129, 0, 0, 0}},
    {&vv_op_guard, guard_case, {9129, 8888, 0, 0}},
    {&vv_op_guard, guard_case, {40000, 39999, 1, 0}},
    {&vv_op_guard, guard_case, {40000, 39999, 1, 1}},
    {&vv_op_guard, guard_case, {129, 7, 0, 1}},
    {&vv_op_guard, guard_case, {129, 7, 2, 1}},
    {&vv_op_guard, guard_case, {129, 7, 3, 1}},
    {&vv_op_guard, guard_case, {129, 7, 2, 0}},
    {&vv_op_record, record_case, {1, 0, 0, 0}},
    {&vv_op_record, record_case, {129, 1, 0, 0}},
    {&vv_op_record, record_case, {129, 1, 1, 0}},
    {&vv_op_record, record_case, {129, 1, 2, 0}},
    {&vv_op_record, latched_case, {129, 1, 0, 0}},
    {&vv_op_adam, adam_case, {1, 0, 0, 0}},
    {&vv_op_adam, adam_case, {97, 0, 0, 0}},
    {&vv_op_adam, adam_case, {784 * 7, 0, 0, 0}},
    {&vv_op_adam, latched_case, {97, 0, 0, 0}},
};
// clang-format on
OP_FAMILY(training)
