#include "bernoulli.h"

#include "elementwise.h"
#include "exact.h"
#include "launches.h"
#include "view.h"

static bool check_pair(struct vv_tape *t, vv_ref y) {
    const struct vv_node *logits = y->in[0], *x = y->in[1];
    char a[VV_NODE_TEXT], b[VV_NODE_TEXT];
    if (logits->type != VV_F32 || x->type != VV_F32 || logits->shape.rank != 2 ||
        !vv_shape_equal(logits->shape, x->shape))
        return vv_tape_fail(t, y, "%s and %s are not f32 [batch, pixels] of one shape",
                            vv_node_print(logits, a), vv_node_print(x, b));
    y->type = VV_F32;
    return true;
}

// bernoulli: sum over pixels of max(l, 0) - x l + log(1 + e^-|l|).   l, x [B,D] -> [B]

static bool bernoulli_shape(struct vv_tape *t, vv_ref y) {
    y->shape = vv_shape1(y->in[0]->shape.dim[0]);
    return check_pair(t, y);
}

// Of each row, into rows.
static void sum_losses(const struct vv_node *y, const struct vv_operands *io, vv_real *rows) {
    const vv_real *logits = io->in[0], *x = io->in[1];
    const uint64_t count = y->in[0]->shape.dim[0], pixels = y->in[0]->shape.dim[1];
    for (uint64_t r = 0; r < count; r++) {
        double sum = 0;
        for (uint64_t i = r * pixels; i < (r + 1) * pixels; i++) {
            vv_real l = logits[i], magnitude = l < 0 ? -l : l;
            sum += (double)((l < 0 ? 0 : l) - x[i] * l + vv_softplus(-magnitude));
        }
        rows[r] = (vv_real)sum;
    }
}

static void bernoulli_reference(const struct vv_node *y, const struct vv_operands *io) {
    sum_losses(y, io, io->out);
}

// The values, behind their gradient where it is wanted, too.
static bool launch_values(const struct vv_node *y, bool gradient, const struct vv_limits *limits,
                          struct vv_launch *launch) {
    const struct vv_node *logits = y->in[0], *x = y->in[1];
    struct vv_args_rows args = {
        .rows = logits->shape.dim[0], .columns = logits->shape.dim[1], .scale = (float)y->attr.f[0]};
    const bool texels = args.columns % 4 == 0 && vv_loads_texels(logits, limits) &&
                        vv_loads_texels(x, limits) && (!gradient || vv_aligned(y, 4));
    const char *texel =
        gradient && vv_stores_int64(limits) ? "bernoulli_texel_int64" : "bernoulli_texel";
    struct vv_dispatch *d = vv_launch_add(launch, texels ? texel : "bernoulli", &args, sizeof args);
    vv_dispatch_spec(d, vv_row_group(texels ? args.columns / 4 : args.columns, limits));
    vv_dispatch_spec(d, gradient);
    for (uint32_t i = 0; i < 2; i++) vv_dispatch_bind(d, i, texels ? VV_IMAGE_VEC4 : VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, args.rows, limits);
}

static bool bernoulli_launch(const struct vv_node *y, const struct vv_limits *limits,
                             struct vv_launch *launch) {
    return launch_values(y, false, limits, launch);
}

static void bernoulli_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    if (wanted & 1) dx[0] = vv_bernoulli_grad(t, y->in[0], y->in[1], dy);
    if (wanted & 2) {
        vv_ref column = vv_view(t, dy, 0, vv_shape2(y->shape.dim[0], 1));  // [B] -> [B,1]
        dx[1] = vv_mul(t, vv_affine(t, y->in[0], -1.0, 0.0), column);
    }
}

const struct vv_op vv_op_bernoulli = {.name = "bernoulli",
                                      .arity = 2,
                                      .shape = bernoulli_shape,
                                      .vjp = bernoulli_vjp,
                                      .reference = bernoulli_reference,
                                      .launch = bernoulli_launch};

// bernoulli_both: (sigmoid(l) - x) scale, then the values.   l, x [B,D] -> [B,D] and [B] as one [B,D+1]

static bool both_shape(struct vv_tape *t, vv_ref y) {
    if (!check_pair(t, y)) return false;
    y->shape = vv_shape2(y->in[0]->shape.dim[0], y->in[0]->shape.dim[1] + 1);
    return true;
}

static void both_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *logits = io->in[0], *x = io->in[1];
    vv_real *out = io->out;
    const uint64_t n = vv_count(y->in[0]);
    for (uint64_t i = 0; i < n; i++) out[i] = (vv_sigmoid(logits[i]) - x[i]) * (vv_real)y->attr.f[0];
    sum_losses(y, io, out + n);
}

static bool both_launch(const struct vv_node *y, const struct vv_limits *limits,
                        struct vv_launch *launch) {
    return launch_values(y, true, limits, launch);
}

const struct vv_op vv_op_bernoulli_both = {.name = "bernoulli_both",
                                           .arity = 2,
                                           .shape = both_shape,
                                           .reference = both_reference,
                                           .launch = both_launch};

// bernoulli_grad: (sigmoid(l) - x) dy.   l, x [B,D], dy [B] -> [B,D]

static bool bernoulli_grad_shape(struct vv_tape *t, vv_ref y) {
    y->shape = y->in[0]->shape;
    if (!check_pair(t, y)) return false;
    return vv_check_f32(t, y, 2, vv_shape1(y->shape.dim[0]));
}

static void bernoulli_grad_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *logits = io->in[0], *x = io->in[1], *dy = io->in[2];
    vv_real *out = io->out;
    uint64_t rows = y->shape.dim[0], pixels = y->shape.dim[1];
    for (uint64_t r = 0; r < rows; r++)
        for (uint64_t i = r * pixels; i < (r + 1) * pixels; i++)
            out[i] = (vv_sigmoid(logits[i]) - x[i]) * dy[r];
}

static bool bernoulli_grad_launch(const struct vv_node *y, const struct vv_limits *limits,
                                  struct vv_launch *launch) {
    struct vv_args_rows args = {.rows = y->shape.dim[0], .columns = y->shape.dim[1]};
    struct vv_dispatch *d = vv_launch_add(launch, "bernoulli_grad", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    for (uint32_t i = 0; i < y->inputs; i++) vv_dispatch_bind(d, i, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (vv_count(y) + VV_GROUP - 1) / VV_GROUP, limits);
}

const struct vv_op vv_op_bernoulli_grad = {.name = "bernoulli_grad",
                                           .arity = 3,
                                           .shape = bernoulli_grad_shape,
                                           .reference = bernoulli_grad_reference,
                                           .launch = bernoulli_grad_launch};

vv_ref vv_bernoulli(struct vv_tape *t, vv_ref logits, vv_ref x) {
    return vv_append(t, &vv_op_bernoulli, (const vv_ref[]){logits, x}, NULL);
}
vv_ref vv_bernoulli_both(struct vv_tape *t, vv_ref logits, vv_ref x, double scale) {
    return vv_append(t, &vv_op_bernoulli_both, (const vv_ref[]){logits, x},
                     &(struct vv_attributes){.f = {scale}});
}
vv_ref vv_bernoulli_grad(struct vv_tape *t, vv_ref logits, vv_ref x, vv_ref dy) {
    return vv_append(t, &vv_op_bernoulli_grad, (const vv_ref[]){logits, x, dy}, NULL);
}
