#include <math.h>

#include "launches.h"
#include "training.h"

// adam: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, p -= scale m / (sqrt(v) root +
// epsilon), where scale = lr / (1 - beta1^t) and root = 1 / sqrt(1 - beta2^t) come from the clock's row:
// Kingma & Ba (2015), algorithm 1, with epsilon where PyTorch has it. With decay (attr.u[0]) p -= decay
// p before: Loshchilov & Hutter (2019), algorithm 2.   params, grads, m, v [n], clock

enum { PARAMS, GRADS, FIRST, SECOND, CLOCK };

static bool adam_shape(struct vv_tape *t, vv_ref y) {
    char a[VV_NODE_TEXT], b[VV_NODE_TEXT];
    for (uint32_t i = PARAMS; i <= SECOND; i++)
        if (y->in[i]->type != VV_F32 || vv_count(y->in[i]) != vv_count(y->in[PARAMS]))
            return vv_tape_fail(t, y, "%s and %s are not f32 of one size",
                                vv_node_print(y->in[PARAMS], a), vv_node_print(y->in[i], b));
    return vv_check_clock(t, y, y->in[CLOCK]);
}

static void adam_reference(const struct vv_node *y, const struct vv_operands *io) {
    vv_real *p = io->in[PARAMS], *m = io->in[FIRST], *v = io->in[SECOND];
    const vv_real *g = io->in[GRADS];
    const struct vv_clock *clock = io->in[CLOCK];
    if (VV_STANDS(*clock)) return;
    const vv_real beta1 = (vv_real)y->attr.f[0], beta2 = (vv_real)y->attr.f[1];
    const vv_real rest1 = (vv_real)(1.0 - y->attr.f[0]), rest2 = (vv_real)(1.0 - y->attr.f[1]);
    const vv_real epsilon = (vv_real)y->attr.f[2];
    const vv_real scale = (vv_real)clock->adam_scale, root = (vv_real)clock->adam_root;
    for (uint64_t i = 0; i < vv_count(y->in[PARAMS]); i++) {
        m[i] = beta1 * m[i] + rest1 * g[i];
        v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
        if (y->attr.u[0]) p[i] -= (vv_real)clock->decay * p[i];
        p[i] -= scale * m[i] / ((vv_real)sqrt((double)v[i]) * root + epsilon);
    }
}

static bool adam_launch(const struct vv_node *y, const struct vv_limits *limits,
                        struct vv_launch *launch) {
    uint64_t n = vv_count(y->in[PARAMS]);
    bool wide = n % 4 == 0;
    for (uint32_t i = PARAMS; i <= SECOND; i++) wide = wide && vv_aligned(y->in[i], 4);
    struct vv_args_adam args = {.n = (uint32_t)(wide ? n / 4 : n),
                                .beta1 = (float)y->attr.f[0],
                                .beta2 = (float)y->attr.f[1],
                                .epsilon = (float)y->attr.f[2],
                                .rest1 = (float)(1.0 - y->attr.f[0]),
                                .rest2 = (float)(1.0 - y->attr.f[1])};
    bool texels = wide;
    for (uint32_t i = PARAMS; i <= SECOND; i++) texels = texels && vv_loads_texels(y->in[i], limits);
    const char *texel = vv_stores_int64(limits) ? "adam_texel_int64" : "adam_texel";
    struct vv_dispatch *d = vv_launch_add(launch, texels ? texel : "adam", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    if (!texels) vv_dispatch_spec(d, wide);
    vv_dispatch_spec(d, y->attr.u[0]);
    for (uint32_t i = PARAMS; i <= SECOND; i++)
        vv_dispatch_bind(d, i, texels ? VV_IMAGE_VEC4 : VV_STORAGE);
    vv_dispatch_bind(d, CLOCK, VV_UNIFORM);
    for (uint32_t i = PARAMS; texels && i <= SECOND; i++)
        if (i != GRADS) vv_dispatch_bind(d, i, VV_STORAGE);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

const struct vv_op vv_op_adam = {.name = "adam",
                                 .arity = 5,
                                 .writes = 1u << PARAMS | 1u << FIRST | 1u << SECOND,
                                 .zero_gradient = true,
                                 .shape = adam_shape,
                                 .reference = adam_reference,
                                 .launch = adam_launch};

static vv_ref append(struct vv_tape *t, const vv_ref *in, const double *f, bool decays) {
    return vv_append(t, &vv_op_adam, in,
                     &(struct vv_attributes){.u = {decays}, .f = {f[0], f[1], f[2]}});
}

vv_ref vv_adam(struct vv_tape *t, vv_ref params, vv_ref grads, vv_ref m, vv_ref v, vv_ref clock,
               double beta1, double beta2, double epsilon) {
    return append(t, (const vv_ref[]){params, grads, m, v, clock},
                  (const double[]){beta1, beta2, epsilon}, false);
}

vv_ref vv_adamw(struct vv_tape *t, vv_ref params, vv_ref grads, vv_ref m, vv_ref v, vv_ref clock,
                double beta1, double beta2, double epsilon) {
    return append(t, (const vv_ref[]){params, grads, m, v, clock},
                  (const double[]){beta1, beta2, epsilon}, true);
}
