#include <math.h>

#include "launches.h"
#include "training.h"

// clip: g *= min(1, most / (norm + 1e-6)), norm = sqrt(sum g^2): torch.nn.utils.clip_grad_norm_, after
// Pascanu et al. (2013), algorithm 1. A norm that is no finite number latches the step. Nothing is done
// once the latch is set, nor while gradients are added up.   grads: f32 [n], clock
//
// Three dispatches: partial sums of squares (shaders/clip_sums.comp), from these the factor
// (clip_factor.comp), the product (clip.comp). Each sum has an order that n and the limits fix.

enum { GRADS, CLOCK };

static const double clip_floor = 1e-6;

static bool clip_shape(struct vv_tape *t, vv_ref y) {
    char text[VV_NODE_TEXT];
    if (y->in[GRADS]->type != VV_F32)
        return vv_tape_fail(t, y, "%s is no f32 tensor", vv_node_print(y->in[GRADS], text));
    return vv_check_clock(t, y, y->in[CLOCK]);
}

static void clip_reference(const struct vv_node *y, const struct vv_operands *io) {
    vv_real *g = io->in[GRADS];
    struct vv_clock *clock = io->in[CLOCK];
    const uint64_t n = vv_count(y->in[GRADS]);
    double sum = 0;
    if (VV_STANDS(*clock)) return;
    for (uint64_t i = 0; i < n; i++) sum += (double)g[i] * (double)g[i];
    if (!isfinite((float)sum)) {
        clock->bad_step = clock->step;
        return;
    }
    const double factor = y->attr.f[0] / (sqrt(sum) + clip_floor);
    for (uint64_t i = 0; factor < 1 && i < n; i++) g[i] *= (vv_real)factor;
}

static struct vv_dispatch *add(struct vv_launch *launch, const char *kernel,
                               const struct vv_args_clip *args, uint32_t group) {
    struct vv_dispatch *d = vv_launch_add(launch, kernel, args, sizeof *args);
    vv_dispatch_spec(d, group);
    return d;
}

static bool clip_launch(const struct vv_node *y, const struct vv_limits *limits,
                        struct vv_launch *launch) {
    const uint64_t n = vv_count(y->in[GRADS]), least = 1024, most = 256;
    const bool wide = n % 4 == 0 && vv_aligned(y->in[GRADS], 4);
    const uint64_t wanted = (n + least - 1) / least;
    const struct vv_args_clip args = {.n = (uint32_t)(wide ? n / 4 : n),
                                      .parts = (uint32_t)(wanted < most ? wanted : most),
                                      .most = (float)y->attr.f[0]};
    const uint32_t group = vv_row_group(args.n / args.parts, limits);
    if (args.n / args.parts / group >= VV_MOST_ROUNDS) return false;
    launch->scratch_bytes = (args.parts + 1) * sizeof(float);
    struct vv_dispatch *d = add(launch, "clip_sums", &args, group);
    vv_dispatch_spec(d, wide);
    vv_dispatch_bind(d, GRADS, VV_STORAGE);
    vv_dispatch_bind(d, CLOCK, VV_UNIFORM);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    if (!vv_dispatch_fold(d, args.parts, limits)) return false;
    d = add(launch, "clip_factor", &args, vv_row_group(args.parts, limits));
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    vv_dispatch_bind(d, CLOCK, VV_STORAGE);
    if (!vv_dispatch_fold(d, 1, limits)) return false;
    d = add(launch, "clip", &args, VV_GROUP);
    vv_dispatch_spec(d, wide);
    vv_dispatch_bind(d, GRADS, VV_STORAGE);
    vv_dispatch_bind(d, CLOCK, VV_UNIFORM);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

// The gradient is read for its norm, and read and written where that is too large.
static struct vv_cost clip_cost(const struct vv_node *y) {
    return (struct vv_cost){.bytes = 3 * vv_bytes(y->in[GRADS])};
}

const struct vv_op vv_op_clip = {.name = "clip",
                                 .arity = 2,
                                 .writes = 1u << GRADS | 1u << CLOCK,
                                 .zero_gradient = true,
                                 .shape = clip_shape,
                                 .reference = clip_reference,
                                 .launch = clip_launch,
                                 .cost = clip_cost};

vv_ref vv_clip(struct vv_tape *t, vv_ref grads, vv_ref clock, double most) {
    return vv_append(t, &vv_op_clip, (const vv_ref[]){grads, clock},
                     &(struct vv_attributes){.f = {most}});
}
