#include "launches.h"
#include "norm.h"

// lerp: a += weight (b - a), unless the latch is set or gradients are added up. attr.u[0]: the weight is
// the clock's, and not attr.f[0].   a, b: one shape, clock

enum { A, B, CLOCK };

static bool lerp_shape(struct vv_tape *t, vv_ref y) {
    char a[VV_NODE_TEXT], b[VV_NODE_TEXT];
    if (y->in[A]->type != VV_F32 || y->in[B]->type != VV_F32 ||
        !vv_shape_equal(y->in[A]->shape, y->in[B]->shape))
        return vv_tape_fail(t, y, "%s and %s are not f32 of one size", vv_node_print(y->in[A], a),
                            vv_node_print(y->in[B], b));
    return vv_check_clock(t, y, y->in[CLOCK]);
}

static void lerp_reference(const struct vv_node *y, const struct vv_operands *io) {
    vv_real *a = io->in[A];
    const vv_real *b = io->in[B];
    const struct vv_clock *clock = io->in[CLOCK];
    if (VV_STANDS(*clock)) return;
    const vv_real weight = y->attr.u[0] ? (vv_real)clock->ema_rest : (vv_real)y->attr.f[0];
    for (uint64_t i = 0; i < vv_count(y->in[A]); i++) a[i] += weight * (b[i] - a[i]);
}

static bool lerp_launch(const struct vv_node *y, const struct vv_limits *limits,
                        struct vv_launch *launch) {
    const uint64_t n = vv_count(y->in[A]);
    const bool wide = n % 4 == 0 && vv_aligned(y->in[A], 4) && vv_aligned(y->in[B], 4);
    const struct vv_args_lerp args = {.n = (uint32_t)(wide ? n / 4 : n), .weight = (float)y->attr.f[0]};
    struct vv_dispatch *d = vv_launch_add(launch, "lerp", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, wide);
    vv_dispatch_spec(d, y->attr.u[0]);
    vv_dispatch_bind(d, A, VV_STORAGE);
    vv_dispatch_bind(d, B, VV_STORAGE);
    vv_dispatch_bind(d, CLOCK, VV_UNIFORM);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

const struct vv_op vv_op_lerp = {.name = "lerp",
                                 .arity = 3,
                                 .writes = 1u << A,
                                 .zero_gradient = true,
                                 .shape = lerp_shape,
                                 .reference = lerp_reference,
                                 .launch = lerp_launch};

vv_ref vv_lerp(struct vv_tape *t, vv_ref a, vv_ref b, double weight, vv_ref clock) {
    return vv_append(t, &vv_op_lerp, (const vv_ref[]){a, b, clock},
                     &(struct vv_attributes){.f = {weight}});
}

vv_ref vv_average(struct vv_tape *t, vv_ref a, vv_ref b, vv_ref clock) {
    return vv_append(t, &vv_op_lerp, (const vv_ref[]){a, b, clock},
                     &(struct vv_attributes){.u = {true}});
}
