#include "launches.h"
#include "training.h"

// accumulate: sum = share x where the clock's row begins a step, else sum += share x, unless the latch
// is set.   sum, x: f32 of one size, clock   shaders/accumulate.comp

enum { SUM, X, CLOCK };

static bool accumulate_shape(struct vv_tape *t, vv_ref y) {
    char a[VV_NODE_TEXT], b[VV_NODE_TEXT];
    if (y->in[SUM]->type != VV_F32 || y->in[X]->type != VV_F32 ||
        vv_count(y->in[SUM]) != vv_count(y->in[X]))
        return vv_tape_fail(t, y, "%s and %s are not f32 of one size", vv_node_print(y->in[SUM], a),
                            vv_node_print(y->in[X], b));
    return vv_check_clock(t, y, y->in[CLOCK]);
}

static void accumulate_reference(const struct vv_node *y, const struct vv_operands *io) {
    vv_real *sum = io->in[SUM];
    const vv_real *x = io->in[X];
    const struct vv_clock *clock = io->in[CLOCK];
    if (clock->bad_step != VV_NO_BAD_STEP) return;
    for (uint64_t i = 0; i < vv_count(y->in[SUM]); i++) {
        const vv_real part = (vv_real)clock->share * x[i];
        sum[i] = clock->flags & VV_STEP_BEGINS ? part : sum[i] + part;
    }
}

static bool accumulate_launch(const struct vv_node *y, const struct vv_limits *limits,
                              struct vv_launch *launch) {
    const uint64_t n = vv_count(y->in[SUM]);
    const bool wide = n % 4 == 0 && vv_aligned(y->in[SUM], 4) && vv_aligned(y->in[X], 4);
    const struct vv_args_lerp args = {.n = (uint32_t)(wide ? n / 4 : n)};
    struct vv_dispatch *d = vv_launch_add(launch, "accumulate", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, wide);
    vv_dispatch_bind(d, SUM, VV_STORAGE);
    vv_dispatch_bind(d, X, VV_STORAGE);
    vv_dispatch_bind(d, CLOCK, VV_UNIFORM);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

const struct vv_op vv_op_accumulate = {.name = "accumulate",
                                       .arity = 3,
                                       .writes = 1u << SUM,
                                       .zero_gradient = true,
                                       .shape = accumulate_shape,
                                       .reference = accumulate_reference,
                                       .launch = accumulate_launch};

vv_ref vv_accumulate(struct vv_tape *t, vv_ref sum, vv_ref x, vv_ref clock) {
    return vv_append(t, &vv_op_accumulate, (const vv_ref[]){sum, x, clock}, NULL);
}
