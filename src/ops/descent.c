#include <math.h>

#include "launches.h"
#include "training.h"

// Optimisers with one moment or none; the rate comes from the clock's row.   shaders/descent.glsl
//   sgd       p -= rate g                                   params, grads [n], clock
//   momentum  m = momentum m + g, p -= rate m               params, grads [n], clock, m [n]
//   adagrad   v += g^2, p -= rate g / (sqrt(v) + epsilon)   params, grads [n], clock, v [n]

enum { PARAMS, GRADS, CLOCK, STATE };

static bool descent_shape(struct vv_tape *t, vv_ref y) {
    char a[VV_NODE_TEXT], b[VV_NODE_TEXT];
    for (uint32_t i = PARAMS; i < y->op->arity; i++)
        if (i != CLOCK && (y->in[i]->type != VV_F32 || vv_count(y->in[i]) != vv_count(y->in[PARAMS])))
            return vv_tape_fail(t, y, "%s and %s are not f32 of one size",
                                vv_node_print(y->in[PARAMS], a), vv_node_print(y->in[i], b));
    return vv_check_clock(t, y, y->in[CLOCK]);
}

static void sgd_reference(const struct vv_node *y, const struct vv_operands *io) {
    vv_real *p = io->in[PARAMS];
    const vv_real *g = io->in[GRADS];
    const struct vv_clock *clock = io->in[CLOCK];
    if (VV_STANDS(*clock)) return;
    for (uint64_t i = 0; i < vv_count(y->in[PARAMS]); i++) p[i] -= (vv_real)clock->rate * g[i];
}

static void momentum_reference(const struct vv_node *y, const struct vv_operands *io) {
    vv_real *p = io->in[PARAMS], *m = io->in[STATE];
    const vv_real *g = io->in[GRADS];
    const struct vv_clock *clock = io->in[CLOCK];
    if (VV_STANDS(*clock)) return;
    for (uint64_t i = 0; i < vv_count(y->in[PARAMS]); i++) {
        m[i] = (vv_real)y->attr.f[0] * m[i] + g[i];
        p[i] -= (vv_real)clock->rate * m[i];
    }
}

static void adagrad_reference(const struct vv_node *y, const struct vv_operands *io) {
    vv_real *p = io->in[PARAMS], *v = io->in[STATE];
    const vv_real *g = io->in[GRADS];
    const struct vv_clock *clock = io->in[CLOCK];
    if (VV_STANDS(*clock)) return;
    for (uint64_t i = 0; i < vv_count(y->in[PARAMS]); i++) {
        v[i] += g[i] * g[i];
        const vv_real size = (vv_real)sqrt((double)v[i]) + (vv_real)y->attr.f[1];
        p[i] -= (vv_real)clock->rate * (g[i] / size);
    }
}

static bool descent_launch(const struct vv_node *y, const struct vv_limits *limits,
                           struct vv_launch *launch) {
    const bool state = y->op->arity > STATE;
    const uint64_t n = vv_count(y->in[PARAMS]);
    bool wide = n % 4 == 0;
    for (uint32_t i = PARAMS; i < y->op->arity; i++)
        wide = wide && (i == CLOCK || vv_aligned(y->in[i], 4));
    const struct vv_args_descent args = {.n = (uint32_t)(wide ? n / 4 : n),
                                         .momentum = (float)y->attr.f[0],
                                         .epsilon = (float)y->attr.f[1]};
    struct vv_dispatch *d =
        vv_launch_add(launch, state ? "descent_state" : "descent", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, wide);
    vv_dispatch_spec(d, y->op == &vv_op_adagrad);
    for (uint32_t i = PARAMS; i < y->op->arity; i++)
        vv_dispatch_bind(d, i, i == CLOCK ? VV_UNIFORM : VV_STORAGE);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

#define DESCENT_OP(NAME, inputs, written)                                                               \
    const struct vv_op vv_op_##NAME = {.name = #NAME,                                                   \
                                       .arity = (inputs),                                               \
                                       .writes = (written),                                             \
                                       .zero_gradient = true,                                           \
                                       .shape = descent_shape,                                          \
                                       .reference = NAME##_reference,                                   \
                                       .launch = descent_launch}
DESCENT_OP(sgd, 3, 1u << PARAMS);
DESCENT_OP(momentum, 4, 1u << PARAMS | 1u << STATE);
DESCENT_OP(adagrad, 4, 1u << PARAMS | 1u << STATE);

vv_ref vv_sgd(struct vv_tape *t, vv_ref params, vv_ref grads, vv_ref clock) {
    return vv_append(t, &vv_op_sgd, (const vv_ref[]){params, grads, clock}, NULL);
}

vv_ref vv_momentum(struct vv_tape *t, vv_ref params, vv_ref grads, vv_ref m, vv_ref clock,
                   double momentum) {
    return vv_append(t, &vv_op_momentum, (const vv_ref[]){params, grads, clock, m},
                     &(struct vv_attributes){.f = {momentum}});
}

vv_ref vv_adagrad(struct vv_tape *t, vv_ref params, vv_ref grads, vv_ref v, vv_ref clock,
                  double epsilon) {
    return vv_append(t, &vv_op_adagrad, (const vv_ref[]){params, grads, clock, v},
                     &(struct vv_attributes){.f = {[1] = epsilon}});
}
