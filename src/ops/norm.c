#include "norm.h"

#include <math.h>

#include "elementwise.h"
#include "exact_activation.h"
#include "norm_launch.h"
#include "reduce.h"
#include "slice.h"
#include "view.h"

// All of these see x as [outer,rows,columns]: a batch's normalisation has one outer part and as many
// groups as columns, that of groups has a part for each picture. Moments are [outer,2,groups].

static bool check_real(struct vv_tape *t, const struct vv_node *y, const struct vv_node *x) {
    char text[VV_NODE_TEXT];
    return x->type == VV_F32 || vv_tape_fail(t, y, "%s is no f32 tensor", vv_node_print(x, text));
}

static void find_extents(vv_ref y, const struct vv_node *x, bool grouped) {
    uint32_t *u = y->attr.u;
    u[VV_NORM_OUTER] = grouped && x->shape.rank > 1 ? x->shape.dim[0] : 1;
    u[VV_NORM_COLUMNS] = x->shape.dim[x->shape.rank - 1];
    u[VV_NORM_ROWS] = (uint32_t)(vv_count(x) / u[VV_NORM_OUTER] / u[VV_NORM_COLUMNS]);
}

static bool check_groups(struct vv_tape *t, const struct vv_node *y) {
    const uint32_t columns = y->attr.u[VV_NORM_COLUMNS], groups = y->attr.u[VV_NORM_GROUPS];
    return columns % groups == 0 ||
           vv_tape_fail(t, y, "%u channels cannot be parted into %u equal groups", columns, groups);
}

static struct vv_shape moments_shape_of(const struct vv_node *y, bool grouped) {
    const uint32_t *u = y->attr.u;
    return grouped ? vv_shape3(u[VV_NORM_OUTER], 2, u[VV_NORM_GROUPS]) : vv_shape2(2, u[VV_NORM_GROUPS]);
}

// ---- moments: mean and biased variance.   x [outer,rows,columns] -> [outer,2,groups] ----
// u[VV_NORM_WANTED]: groups, 0 for a batch's. shaders/norm_moments.glsl, norm_moments_end.comp

static bool moments_shape(struct vv_tape *t, vv_ref y) {
    uint32_t *u = y->attr.u;
    const bool grouped = u[VV_NORM_WANTED] != 0;
    if (!check_real(t, y, y->in[0])) return false;
    find_extents(y, y->in[0], grouped);
    u[VV_NORM_GROUPS] = grouped ? u[VV_NORM_WANTED] : u[VV_NORM_COLUMNS];
    y->type = VV_F32;
    y->shape = moments_shape_of(y, grouped);
    return check_groups(t, y);
}

// Elements of one group of one part, by rows: the sum of (x - from)^power.
static double sum_group(const struct vv_node *y, const vv_real *x, uint32_t outer, uint32_t group,
                        double from, bool squared) {
    const uint32_t *u = y->attr.u, width = u[VV_NORM_COLUMNS] / u[VV_NORM_GROUPS];
    double sum = 0;
    for (uint64_t r = 0; r < u[VV_NORM_ROWS]; r++) {
        const vv_real *row =
            x + ((uint64_t)outer * u[VV_NORM_ROWS] + r) * u[VV_NORM_COLUMNS] + (uint64_t)group * width;
        for (uint32_t c = 0; c < width; c++) {
            const double d = (double)row[c] - from;
            sum += squared ? d * d : d;
        }
    }
    return sum;
}

static void moments_reference(const struct vv_node *y, const struct vv_operands *io) {
    const uint32_t *u = y->attr.u, groups = u[VV_NORM_GROUPS];
    const uint32_t width = u[VV_NORM_COLUMNS] / groups;
    const double n = (double)u[VV_NORM_ROWS] * width;
    vv_real *out = io->out;
    for (uint32_t o = 0; o < u[VV_NORM_OUTER]; o++)
        for (uint32_t g = 0; g < groups; g++) {
            const double mean = sum_group(y, io->in[0], o, g, 0, false) / n;
            out[(uint64_t)o * 2 * groups + g] = (vv_real)mean;
            out[((uint64_t)o * 2 + 1) * groups + g] =
                (vv_real)(sum_group(y, io->in[0], o, g, mean, true) / n);
        }
}

// dx = (d mean + 2 (x - mean) d var) / n: for who uses moments alone.
static void moments_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    vv_ref x = y->in[0];
    const uint32_t *u = y->attr.u, groups = u[VV_NORM_GROUPS], width = u[VV_NORM_COLUMNS] / groups;
    const double n = (double)u[VV_NORM_ROWS] * width;
    const struct vv_shape row = vv_shape4(u[VV_NORM_OUTER], 1, groups, 1),
                          whole = vv_shape4(u[VV_NORM_OUTER], u[VV_NORM_ROWS], groups, width),
                          both = vv_shape3(u[VV_NORM_OUTER], 2, groups);
    vv_ref moments = vv_view(t, y, 0, both), d = vv_view(t, dy, 0, both);
    vv_ref mean = vv_view(t, vv_slice(t, moments, 1, 0, 1), 0, row);
    vv_ref dmean = vv_view(t, vv_slice(t, d, 1, 0, 1), 0, row),
           dvar = vv_view(t, vv_slice(t, d, 1, 1, 1), 0, row);
    vv_ref off = vv_add(t, vv_view(t, x, 0, whole), vv_affine(t, mean, -1, 0));
    vv_ref sum = vv_add(t, vv_mul(t, off, vv_affine(t, dvar, 2 / n, 0)), vv_affine(t, dmean, 1 / n, 0));
    dx[0] = vv_view(t, sum, 0, x->shape);
}

const struct vv_op vv_op_moments = {.name = "moments",
                                    .arity = 1,
                                    .shape = moments_shape,
                                    .vjp = moments_vjp,
                                    .reference = moments_reference,
                                    .launch = vv_moments_launch};

// ---- norm: y = f(a (x - mean) + beta), a = gamma / sqrt(var + epsilon) ----
// x [outer,rows,columns], moments [outer,2,groups], gamma, beta [columns].   shaders/norm.glsl

enum { X, MOMENTS, GAMMA, BETA, DY };

static bool norm_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_node *x = y->in[X], *moments = y->in[MOMENTS];
    const bool grouped = moments->shape.rank == 3;
    uint32_t *u = y->attr.u;
    if (!check_real(t, y, x)) return false;
    find_extents(y, x, grouped);
    u[VV_NORM_GROUPS] = grouped ? moments->shape.dim[2] : u[VV_NORM_COLUMNS];
    u[VV_NORM_OWN] = moments->op == &vv_op_moments && moments->in[0] == x;
    y->type = VV_F32;
    y->shape = x->shape;
    return check_groups(t, y) && vv_check_f32(t, y, MOMENTS, moments_shape_of(y, grouped)) &&
           vv_check_f32(t, y, GAMMA, vv_shape1(u[VV_NORM_COLUMNS])) &&
           vv_check_f32(t, y, BETA, vv_shape1(u[VV_NORM_COLUMNS]));
}

// What one channel of one part is normalised with.
struct channel {
    vv_real mean, rstd, a, beta;
};

static struct channel channel_of(const struct vv_node *y, const struct vv_operands *io, uint32_t o,
                                 uint32_t c) {
    const uint32_t *u = y->attr.u, groups = u[VV_NORM_GROUPS], g = c / (u[VV_NORM_COLUMNS] / groups);
    const vv_real *moments = (const vv_real *)io->in[MOMENTS] + (uint64_t)o * 2 * groups;
    const vv_real rstd = (vv_real)(1 / sqrt((double)moments[groups + g] + VV_NORM_EPSILON));
    return (struct channel){moments[g], rstd, ((const vv_real *)io->in[GAMMA])[c] * rstd,
                            ((const vv_real *)io->in[BETA])[c]};
}

static vv_real activation(uint32_t f, vv_real v) {
    return f == VV_NORM_LEAKY_RELU ? vv_leaky_relu(v) : f == VV_NORM_SILU ? vv_silu(v) : v;
}
static vv_real slope(uint32_t f, vv_real v) {
    return f == VV_NORM_LEAKY_RELU ? vv_leaky_relu_slope(v) : f == VV_NORM_SILU ? vv_silu_slope(v) : 1;
}

static uint64_t element(const struct vv_node *y, uint32_t o, uint64_t r, uint32_t c) {
    return (o * (uint64_t)y->attr.u[VV_NORM_ROWS] + r) * y->attr.u[VV_NORM_COLUMNS] + c;
}

static void norm_reference(const struct vv_node *y, const struct vv_operands *io) {
    const uint32_t *u = y->attr.u;
    const vv_real *x = io->in[X];
    vv_real *out = io->out;
    for (uint32_t o = 0; o < u[VV_NORM_OUTER]; o++)
        for (uint32_t c = 0; c < u[VV_NORM_COLUMNS]; c++) {
            const struct channel k = channel_of(y, io, o, c);
            for (uint64_t r = 0; r < u[VV_NORM_ROWS]; r++) {
                const uint64_t i = element(y, o, r, c);
                out[i] = activation(u[VV_NORM_FUNCTION], k.a * (x[i] - k.mean) + k.beta);
            }
        }
}

// Sums over what dy gives for beta and gamma, of all parts.
static void norm_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    const uint32_t *u = y->attr.u, columns = u[VV_NORM_COLUMNS];
    if ((wanted >> MOMENTS & 1) && !u[VV_NORM_OWN]) {
        (void)vv_tape_fail(t, y,
                           "no gradient passes through '%s', the moments of another tensor; "
                           "vv_stop them",
                           y->in[MOMENTS]->name);
        return;
    }
    vv_ref sums = vv_append(t, &vv_op_norm_sums,
                            (vv_ref[]){y->in[X], y->in[MOMENTS], y->in[GAMMA], y->in[BETA], dy},
                            &(struct vv_attributes){.u = {[VV_NORM_FUNCTION] = u[VV_NORM_FUNCTION]}});
    if (wanted >> X & 1)
        dx[X] = vv_append(t, &vv_op_norm_grad, (vv_ref[]){y->in[X], dy, sums}, &y->attr);
    if (!(wanted >> GAMMA & 3)) return;
    const uint32_t outer = u[VV_NORM_OUTER], width = VV_NORM_SUMS * columns;
    vv_ref total = vv_sum_to(t, vv_view(t, sums, 0, vv_shape2(outer, width)), vv_shape1(width));
    dx[BETA] = vv_view(t, total, 0, vv_shape1(columns));
    dx[GAMMA] = vv_view(t, total, columns, vv_shape1(columns));
}

const struct vv_op vv_op_norm = {.name = "norm",
                                 .arity = 4,
                                 .shape = norm_shape,
                                 .vjp = norm_vjp,
                                 .reference = norm_reference,
                                 .launch = vv_norm_launch};

// ---- norm_sums: of each part and channel, the sums over rows of d = dy f' and of d (x - mean) rstd;
// then mean, rstd, a, beta.   x, moments, gamma, beta, dy -> [outer,VV_NORM_SUMS,columns] ----
// f' is computed from x anew, so that neither y nor a mask is read.   shaders/norm_sums.glsl

static bool norm_sums_shape(struct vv_tape *t, vv_ref y) {
    if (!norm_shape(t, y) || !vv_check_f32(t, y, DY, y->in[X]->shape)) return false;
    const uint32_t *u = y->attr.u;
    y->shape = vv_shape3(u[VV_NORM_OUTER], VV_NORM_SUMS, u[VV_NORM_COLUMNS]);
    return true;
}

static void norm_sums_reference(const struct vv_node *y, const struct vv_operands *io) {
    const uint32_t *u = y->attr.u, columns = u[VV_NORM_COLUMNS];
    const vv_real *x = io->in[X], *dy = io->in[DY];
    for (uint32_t o = 0; o < u[VV_NORM_OUTER]; o++)
        for (uint32_t c = 0; c < columns; c++) {
            const struct channel k = channel_of(y, io, o, c);
            double sum = 0, product = 0;
            for (uint64_t r = 0; r < u[VV_NORM_ROWS]; r++) {
                const uint64_t i = element(y, o, r, c);
                const vv_real off = x[i] - k.mean,
                              d = dy[i] * slope(u[VV_NORM_FUNCTION], k.a * off + k.beta);
                sum += (double)d;
                product += (double)d * (double)off;
            }
            vv_real *out = (vv_real *)io->out + (uint64_t)o * VV_NORM_SUMS * columns + c;
            const vv_real all[VV_NORM_SUMS] = {
                (vv_real)sum, (vv_real)(product * (double)k.rstd), k.mean, k.rstd, k.a, k.beta};
            for (uint32_t i = 0; i < VV_NORM_SUMS; i++) out[(uint64_t)i * columns] = all[i];
        }
}

const struct vv_op vv_op_norm_sums = {.name = "norm_sums",
                                      .arity = 5,
                                      .shape = norm_sums_shape,
                                      .reference = norm_sums_reference,
                                      .launch = vv_norm_sums_launch};

// ---- norm_grad: dx = a d - (mean of a d) - (x - mean) rstd^2 (mean of a d (x - mean)), both means over
// the group; a d alone where the moments are constants.   x, dy, sums -> dx ----
// Ioffe & Szegedy (2015), section 3; with a inside of the sums it holds for groups of channels, too.
// shaders/norm_grad.glsl

static bool norm_grad_shape(struct vv_tape *t, vv_ref y) {
    const uint32_t *u = y->attr.u;
    y->type = VV_F32;
    y->shape = y->in[0]->shape;
    return check_real(t, y, y->in[0]) && vv_check_f32(t, y, 1, y->shape) &&
           vv_check_f32(t, y, 2, vv_shape3(u[VV_NORM_OUTER], VV_NORM_SUMS, u[VV_NORM_COLUMNS]));
}

// The two means of channel c's group.
static void group_means(const struct vv_node *y, const vv_real *sums, uint32_t c, double mean[2]) {
    const uint32_t *u = y->attr.u, columns = u[VV_NORM_COLUMNS], width = columns / u[VV_NORM_GROUPS];
    const double n = (double)u[VV_NORM_ROWS] * width;
    mean[0] = mean[1] = 0;
    for (uint32_t i = c / width * width; u[VV_NORM_OWN] && i < (c / width + 1) * width; i++)
        for (uint32_t k = 0; k < 2; k++)
            mean[k] += (double)sums[k * columns + i] * (double)sums[4 * columns + i] / n;
}

static void norm_grad_reference(const struct vv_node *y, const struct vv_operands *io) {
    const uint32_t *u = y->attr.u, columns = u[VV_NORM_COLUMNS];
    const vv_real *x = io->in[0], *dy = io->in[1];
    vv_real *out = io->out;
    for (uint32_t o = 0; o < u[VV_NORM_OUTER]; o++)
        for (uint32_t c = 0; c < columns; c++) {
            const vv_real *sums = (const vv_real *)io->in[2] + (uint64_t)o * VV_NORM_SUMS * columns;
            const vv_real mean = sums[2 * columns + c], rstd = sums[3 * columns + c],
                          a = sums[4 * columns + c], beta = sums[5 * columns + c];
            double means[2];
            group_means(y, sums, c, means);
            const vv_real level = (vv_real)means[0], tilt = (vv_real)(means[1] * (double)rstd);
            for (uint64_t r = 0; r < u[VV_NORM_ROWS]; r++) {
                const uint64_t i = element(y, o, r, c);
                const vv_real off = x[i] - mean, d = dy[i] * slope(u[VV_NORM_FUNCTION], a * off + beta);
                out[i] = a * d - level - tilt * off;
            }
        }
}

const struct vv_op vv_op_norm_grad = {.name = "norm_grad",
                                      .arity = 3,
                                      .shape = norm_grad_shape,
                                      .reference = norm_grad_reference,
                                      .launch = vv_norm_grad_launch};

// ---- What models append ----

static vv_ref grouped_moments(struct vv_tape *t, vv_ref x, uint32_t groups) {
    return vv_append(t, &vv_op_moments, &x, &(struct vv_attributes){.u = {[VV_NORM_WANTED] = groups}});
}

vv_ref vv_moments(struct vv_tape *t, vv_ref x) {
    return grouped_moments(t, x, 0);
}

vv_ref vv_batch_norm(struct vv_tape *t, vv_ref x, vv_ref moments, vv_ref gamma, vv_ref beta,
                     enum vv_norm_activation f) {
    return vv_append(t, &vv_op_norm, (vv_ref[]){x, moments, gamma, beta},
                     &(struct vv_attributes){.u = {[VV_NORM_FUNCTION] = f}});
}

vv_ref vv_group_norm(struct vv_tape *t, vv_ref x, vv_ref gamma, vv_ref beta, uint32_t groups,
                     enum vv_norm_activation f) {
    return vv_batch_norm(t, x, grouped_moments(t, x, groups), gamma, beta, f);
}

vv_ref vv_layer_norm(struct vv_tape *t, vv_ref x, vv_ref gamma, vv_ref beta) {
    if (!vv_tape_ok(t)) return x;
    const struct vv_shape whole = x->shape;
    const uint32_t columns = whole.dim[whole.rank - 1];
    vv_ref rows = vv_view(t, x, 0, vv_shape2((uint32_t)(vv_count(x) / columns), columns));
    return vv_view(t, vv_group_norm(t, rows, gamma, beta, 1, VV_NORM_IDENTITY), 0, whole);
}
