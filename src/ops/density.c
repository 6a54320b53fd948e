#include "density.h"

#include "elementwise.h"
#include "exact_density.h"
#include "launches.h"
#include "reduce.h"
#include "view.h"

// Inputs of density and density_both; attr.u, attr.f:
enum { OUT, X, LOG_SIGMA };
enum { KIND, SCALE };
enum { MEAN };

uint32_t vv_density_outputs(const struct vv_density *density) {
    return density->scale == VV_SCALE_PIXEL ? 2 : 1;
}

static struct vv_density density_of(const struct vv_node *y) {
    return (struct vv_density){y->attr.u[KIND], y->attr.u[SCALE]};
}

static bool check_inputs(struct vv_tape *t, vv_ref y) {
    const struct vv_density density = density_of(y);
    const struct vv_node *out = y->in[OUT], *x = y->in[X];
    const uint32_t outputs = vv_density_outputs(&density);
    char a[VV_NODE_TEXT], b[VV_NODE_TEXT];
    if (out->type != VV_F32 || x->type != VV_F32 || out->shape.rank != 2 || x->shape.rank != 2 ||
        out->shape.dim[0] != x->shape.dim[0] || out->shape.dim[1] != (uint64_t)outputs * x->shape.dim[1])
        return vv_tape_fail(t, y, "%s and %s are not f32 [batch, pixels of %u] and [batch, pixels]",
                            vv_node_print(out, a), vv_node_print(x, b), outputs);
    y->type = VV_F32;
    return vv_check_f32(t, y, LOG_SIGMA, vv_shape1(1));
}

// ---- The references ----

static vv_scale whole_scale(const struct vv_density *d, vv_real log_sigma) {
    const bool one = d->scale == VV_SCALE_GIVEN || d->scale == VV_SCALE_SHARED;
    return vv_scale_of(d->kind, one ? log_sigma : 0, d->scale == VV_SCALE_SHARED);
}

// Of row r; where `gradient` is not NULL that with respect to the decoder's numbers, times `mean`.
static void compute_row(const struct vv_node *y, const struct vv_operands *io, uint32_t r,
                        vv_real *gradient, double *value, double *by_scale) {
    const struct vv_density d = density_of(y);
    const uint32_t outputs = vv_density_outputs(&d), pixels = y->in[X]->shape.dim[1];
    const vv_real *out = (const vv_real *)io->in[OUT] + (uint64_t)r * pixels * outputs;
    const vv_real *x = (const vv_real *)io->in[X] + (uint64_t)r * pixels;
    const vv_real mean = (vv_real)y->attr.f[MEAN];
    vv_scale s = whole_scale(&d, *(const vv_real *)io->in[LOG_SIGMA]);
    for (uint32_t i = 0; i < pixels; i++) {
        const uint64_t at = (uint64_t)i * outputs;
        if (outputs == 2) s = vv_scale_of(d.kind, out[at + 1], true);
        const vv_point p = vv_density_point(d.kind, x[i], out[at], s);
        *value += (double)p.value;
        *by_scale += (double)p.by_scale;
        if (gradient) gradient[at] = p.by_location * mean;
        if (gradient && outputs == 2) gradient[at + 1] = p.by_scale * mean;
    }
}

static void density_reference(const struct vv_node *y, const struct vv_operands *io) {
    vv_real *values = io->out;
    for (uint32_t r = 0; r < y->shape.dim[0]; r++) {
        double value = 0, by_scale = 0;
        compute_row(y, io, r, NULL, &value, &by_scale);
        values[r] = (vv_real)value;
    }
}

static void both_reference(const struct vv_node *y, const struct vv_operands *io) {
    const uint32_t rows = y->in[OUT]->shape.dim[0], columns = y->in[OUT]->shape.dim[1];
    vv_real *gradient = io->out, *values = gradient + (uint64_t)rows * columns;
    for (uint32_t r = 0; r < rows; r++) {
        double value = 0, by_scale = 0;
        compute_row(y, io, r, gradient + (uint64_t)r * columns, &value, &by_scale);
        values[r] = (vv_real)value;
        if (y->attr.u[SCALE] == VV_SCALE_SHARED)
            values[rows + r] = (vv_real)by_scale * (vv_real)y->attr.f[MEAN];
    }
}

// ---- The kernels ----

// The values, behind their gradient where it is wanted, too.
static bool launch_values(const struct vv_node *y, bool gradient, const struct vv_limits *limits,
                          struct vv_launch *launch) {
    const struct vv_node *out = y->in[OUT], *x = y->in[X];
    const struct vv_args_rows args = {
        .rows = x->shape.dim[0], .columns = x->shape.dim[1], .scale = (float)y->attr.f[MEAN]};
    const bool texels = args.columns % 4 == 0 && vv_loads_texels(out, limits) &&
                        vv_loads_texels(x, limits) && (!gradient || vv_aligned(y, 4));
    const char *texel = gradient && vv_stores_int64(limits) ? "density_texel_int64" : "density_texel";
    struct vv_dispatch *d = vv_launch_add(launch, texels ? texel : "density", &args, sizeof args);
    vv_dispatch_spec(d, vv_row_group(texels ? args.columns / 4 : args.columns, limits));
    vv_dispatch_spec(d, gradient);
    vv_dispatch_spec(d, y->attr.u[KIND]);
    vv_dispatch_spec(d, y->attr.u[SCALE]);
    for (uint32_t i = OUT; i <= X; i++) vv_dispatch_bind(d, i, texels ? VV_IMAGE_VEC4 : VV_STORAGE);
    vv_dispatch_bind(d, LOG_SIGMA, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, args.rows, limits);
}

static bool density_launch(const struct vv_node *y, const struct vv_limits *limits,
                           struct vv_launch *launch) {
    return launch_values(y, false, limits, launch);
}

static bool both_launch(const struct vv_node *y, const struct vv_limits *limits,
                        struct vv_launch *launch) {
    return launch_values(y, true, limits, launch);
}

// ---- The ops ----

// density: sum over pixels of -log p(x | out).   out [B,D outputs], x [B,D], log_sigma [1] -> [B]

static bool density_shape(struct vv_tape *t, vv_ref y) {
    y->shape = vv_shape1(y->in[OUT]->shape.dim[0]);
    return check_inputs(t, y);
}

static void density_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    const struct vv_density density = density_of(y);
    const bool shared = density.scale == VV_SCALE_SHARED;
    vv_ref out = y->in[OUT], log_sigma = shared ? y->in[LOG_SIGMA] : NULL;
    const uint32_t batch = y->shape.dim[0];
    if (wanted & (shared ? 1u << X : 1u << X | 1u << LOG_SIGMA)) {
        (void)vv_tape_fail(t, y,
                           "there is no gradient of a density with respect to x, or to a log sigma that "
                           "is given; vv_stop it");
        return;
    }
    if (density.scale == VV_SCALE_GIVEN) log_sigma = y->in[LOG_SIGMA];
    vv_ref both = vv_density_both(t, density, out, y->in[X], log_sigma, 1.0);
    if (wanted & 1u << OUT) {
        vv_ref column = vv_view(t, dy, 0, vv_shape2(batch, 1));
        dx[OUT] = vv_mul(t, vv_view(t, both, 0, out->shape), column);
    }
    if (wanted & 1u << LOG_SIGMA) {
        vv_ref rows = vv_view(t, both, vv_count(out) + batch, vv_shape1(batch));
        dx[LOG_SIGMA] = vv_sum_to(t, vv_mul(t, rows, dy), vv_shape1(1));
    }
}

const struct vv_op vv_op_density = {.name = "density",
                                    .arity = 3,
                                    .shape = density_shape,
                                    .vjp = density_vjp,
                                    .reference = density_reference,
                                    .launch = density_launch};

// density_both: its gradient times MEAN, the values, the rows' gradient with respect to log_sigma.
// -> [B,D outputs], [B] and, with VV_SCALE_SHARED, [B] as one [B,D outputs + 1 or 2]

static bool both_shape(struct vv_tape *t, vv_ref y) {
    if (!check_inputs(t, y)) return false;
    const struct vv_shape out = y->in[OUT]->shape;
    y->shape = vv_shape2(out.dim[0], out.dim[1] + (y->attr.u[SCALE] == VV_SCALE_SHARED ? 2 : 1));
    return true;
}

const struct vv_op vv_op_density_both = {.name = "density_both",
                                         .arity = 3,
                                         .shape = both_shape,
                                         .reference = both_reference,
                                         .launch = both_launch};

// density_mean: the mean of p(x | out).   out [B,D outputs], log_sigma [1] -> [B,D]

static bool mean_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_density density = density_of(y);
    const struct vv_node *out = y->in[0];
    const uint32_t outputs = vv_density_outputs(&density);
    char text[VV_NODE_TEXT];
    if (out->type != VV_F32 || out->shape.rank != 2 || out->shape.dim[1] % outputs)
        return vv_tape_fail(t, y, "%s is not f32 [batch, pixels of %u]", vv_node_print(out, text),
                            outputs);
    y->type = VV_F32;
    y->shape = vv_shape2(out->shape.dim[0], out->shape.dim[1] / outputs);
    return vv_check_f32(t, y, 1, vv_shape1(1));
}

static void mean_reference(const struct vv_node *y, const struct vv_operands *io) {
    const struct vv_density d = density_of(y);
    const uint32_t outputs = vv_density_outputs(&d);
    const vv_real *out = io->in[0];
    vv_real *means = io->out;
    vv_scale s = whole_scale(&d, *(const vv_real *)io->in[1]);
    for (uint64_t i = 0; i < vv_count(y); i++) {
        if (outputs == 2) s = vv_scale_of(d.kind, out[2 * i + 1], true);
        means[i] = vv_density_mean_of(d.kind, out[outputs * i], s);
    }
}

static bool mean_launch(const struct vv_node *y, const struct vv_limits *limits,
                        struct vv_launch *launch) {
    const struct vv_args_unary args = {.n = (uint32_t)vv_count(y)};
    struct vv_dispatch *d = vv_launch_add(launch, "density_mean", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, y->attr.u[KIND]);
    vv_dispatch_spec(d, y->attr.u[SCALE]);
    for (uint32_t i = 0; i < y->inputs; i++) vv_dispatch_bind(d, i, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

const struct vv_op vv_op_density_mean = {.name = "density_mean",
                                         .arity = 2,
                                         .shape = mean_shape,
                                         .reference = mean_reference,
                                         .launch = mean_launch};

// Where there is no log sigma its place is taken by a number that nobody reads.
static vv_ref or_any(struct vv_tape *t, vv_ref log_sigma, vv_ref other) {
    return log_sigma ? log_sigma : vv_stop(t, vv_view(t, other, 0, vv_shape1(1)));
}

vv_ref vv_density_of(struct vv_tape *t, struct vv_density density, vv_ref out, vv_ref x,
                     vv_ref log_sigma) {
    return vv_append(t, &vv_op_density, (const vv_ref[]){out, x, or_any(t, log_sigma, x)},
                     &(struct vv_attributes){.u = {density.kind, density.scale}});
}
vv_ref vv_density_both(struct vv_tape *t, struct vv_density density, vv_ref out, vv_ref x,
                       vv_ref log_sigma, double scale) {
    return vv_append(t, &vv_op_density_both, (const vv_ref[]){out, x, or_any(t, log_sigma, x)},
                     &(struct vv_attributes){.u = {density.kind, density.scale}, .f = {scale}});
}
vv_ref vv_density_mean(struct vv_tape *t, struct vv_density density, vv_ref out, vv_ref log_sigma) {
    return vv_append(t, &vv_op_density_mean, (const vv_ref[]){out, or_any(t, log_sigma, out)},
                     &(struct vv_attributes){.u = {density.kind, density.scale}});
}
