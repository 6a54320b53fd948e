// Cases of the densities. n: rows, pixels, kind, scale.
#include "cases.h"
#include "density.h"
#include "elementwise.h"

static struct vv_density density_of(const uint32_t *n) {
    return (struct vv_density){n[2], n[3]};
}

// The decoder's numbers: logits of some size, or locations around the pixels.
static vv_ref decoded(struct graph *g, enum kind kind, const uint32_t *n) {
    const struct vv_density density = density_of(n);
    const bool logits = density.kind == VV_DENSITY_CONTINUOUS_BERNOULLI;
    vv_ref numbers = input(g, kind, vv_shape2(n[0], n[1] * vv_density_outputs(&density)));
    return vv_affine(g->t, numbers, logits ? 3.0 : 0.5, logits ? 0.0 : 0.5);
}

static vv_ref log_sigma_of(struct graph *g, enum kind kind, const uint32_t *n) {
    const bool one = n[3] == VV_SCALE_GIVEN || n[3] == VV_SCALE_SHARED;
    return one ? input(g, n[3] == VV_SCALE_SHARED ? kind : WEIGHT, vv_shape1(1)) : NULL;
}

static vv_ref density_case(struct graph *g, const uint32_t *n) {
    vv_ref out = decoded(g, NORMAL, n), x = input(g, PICTURE, vv_shape2(n[0], n[1]));
    return vv_density_of(g->t, density_of(n), out, x, log_sigma_of(g, NORMAL, n));
}

static vv_ref density_both_case(struct graph *g, const uint32_t *n) {
    vv_ref out = decoded(g, WEIGHT, n), x = input(g, PICTURE, vv_shape2(n[0], n[1]));
    return vv_density_both(g->t, density_of(n), out, x, log_sigma_of(g, WEIGHT, n), 1.0 / n[0]);
}

static vv_ref density_mean_case(struct graph *g, const uint32_t *n) {
    return vv_density_mean(g->t, density_of(n), decoded(g, WEIGHT, n), log_sigma_of(g, WEIGHT, n));
}

#define EACH(kind, scale)                                                                               \
    {&vv_op_density, density_case, {7, 97, kind, scale}},                                               \
        {&vv_op_density, density_case, {13, 28, kind, scale}},                                          \
        {&vv_op_density_both, density_both_case, {7, 97, kind, scale}},                                 \
        {&vv_op_density_both, density_both_case, {13, 28, kind, scale}}, {                              \
        &vv_op_density_mean, density_mean_case, {                                                       \
            5, 37, kind, scale                                                                          \
        }                                                                                               \
    }
static const struct op_case cases[] = {
    EACH(VV_DENSITY_CONTINUOUS_BERNOULLI, VV_SCALE_NONE),
    EACH(VV_DENSITY_GAUSSIAN, VV_SCALE_GIVEN),
    EACH(VV_DENSITY_GAUSSIAN, VV_SCALE_SHARED),
    EACH(VV_DENSITY_GAUSSIAN, VV_SCALE_PIXEL),
    EACH(VV_DENSITY_LAPLACE, VV_SCALE_SHARED),
    EACH(VV_DENSITY_LAPLACE, VV_SCALE_PIXEL),
    EACH(VV_DENSITY_LOGCOSH, VV_SCALE_SHARED),
    EACH(VV_DENSITY_LOGCOSH, VV_SCALE_PIXEL),
    EACH(VV_DENSITY_DISCRETIZED_LOGISTIC, VV_SCALE_SHARED),
    EACH(VV_DENSITY_DISCRETIZED_LOGISTIC, VV_SCALE_PIXEL),
    {&vv_op_density, density_case, {1, 1, VV_DENSITY_GAUSSIAN, VV_SCALE_SHARED}},
    {&vv_op_density, density_case, {96, 784, VV_DENSITY_DISCRETIZED_LOGISTIC, VV_SCALE_PIXEL}},
    {&vv_op_density, density_case, {1, 524309, VV_DENSITY_GAUSSIAN, VV_SCALE_GIVEN}},
    {&vv_op_density, density_case, {7, 97, VV_DENSITY_SQUARE, VV_SCALE_NONE}},
    {&vv_op_density, density_case, {13, 28, VV_DENSITY_DISTANCE, VV_SCALE_NONE}},
    {&vv_op_density_both, density_both_case, {1, 1, VV_DENSITY_LAPLACE, VV_SCALE_PIXEL}},
    {&vv_op_density_both, density_both_case, {96, 784, VV_DENSITY_GAUSSIAN, VV_SCALE_SHARED}},
};
OP_FAMILY(density)
