#include "gaussian.h"

#include "exact_gaussian.h"
#include "launches.h"
#include "slice.h"

bool vv_check_head(struct vv_tape *t, vv_ref y) {
    const struct vv_node *head = y->in[0];
    char text[VV_NODE_TEXT];
    if (head->type != VV_F32 || head->shape.rank != 2 || head->shape.dim[1] % 2 != 0)
        return vv_tape_fail(t, y, "%s is not f32 [batch, 2 latent]", vv_node_print(head, text));
    y->type = VV_F32;
    return true;
}

static struct vv_shape latent_shape(const struct vv_node *head) {
    return vv_shape2(head->shape.dim[0], head->shape.dim[1] / 2);
}

// All kernels here run over [batch, latent]; the operands are bound in order, then the result.
static bool launch_latents(const char *kernel, const struct vv_node *y, uint32_t group, uint64_t groups,
                           const struct vv_limits *limits, struct vv_launch *launch) {
    struct vv_shape latent = latent_shape(y->in[0]);
    struct vv_args_rows args = {
        .rows = latent.dim[0], .columns = latent.dim[1], .scale = (float)y->attr.f[0]};
    struct vv_dispatch *d = vv_launch_add(launch, kernel, &args, sizeof args);
    vv_dispatch_spec(d, group);
    for (uint32_t i = 0; i < y->inputs; i++) vv_dispatch_bind(d, i, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, groups, limits);
}

static uint64_t latent_groups(const struct vv_node *y) {
    return (vv_shape_count(latent_shape(y->in[0])) + VV_GROUP - 1) / VV_GROUP;
}

// logvar is bounded softly wherever it is used, as vv_logvar has it.

// reparameterise: z = mu + exp(logvar / 2) eps.   head [B,2L], eps [B,L] -> z [B,L]

static bool reparameterise_shape(struct vv_tape *t, vv_ref y) {
    if (!vv_check_head(t, y)) return false;
    y->shape = latent_shape(y->in[0]);
    return vv_check_f32(t, y, 1, y->shape);
}

static void reparameterise_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *head = io->in[0], *eps = io->in[1];
    vv_real *z = io->out;
    uint64_t rows = y->shape.dim[0], latent = y->shape.dim[1];
    for (uint64_t r = 0; r < rows; r++)
        for (uint64_t i = 0; i < latent; i++) {
            vv_real mu = head[r * 2 * latent + i], logvar = vv_logvar(head[(r * 2 + 1) * latent + i]);
            z[r * latent + i] = mu + vv_exp((vv_real)0.5 * logvar) * eps[r * latent + i];
        }
}

static bool reparameterise_launch(const struct vv_node *y, const struct vv_limits *limits,
                                  struct vv_launch *launch) {
    return launch_latents("reparameterise", y, VV_GROUP, latent_groups(y), limits, launch);
}

static void reparameterise_vjp(struct vv_tape *t, vv_ref y, vv_ref dz, uint32_t wanted, vv_ref *dx) {
    vv_ref head = y->in[0];
    uint32_t latent = y->shape.dim[1];
    if (wanted & 1) dx[0] = vv_reparameterise_grad(t, head, y->in[1], dz, y->attr.f[0]);
    if (wanted & 2) {  // dz exp(logvar / 2): what mu = 0 makes of dz
        vv_ref logvar = vv_slice(t, head, 1, latent, latent);
        dx[1] = vv_reparameterise(t, vv_pad(t, logvar, 1, latent, 2 * latent), dz);
    }
}

const struct vv_op vv_op_reparameterise = {.name = "reparameterise",
                                           .arity = 2,
                                           .shape = reparameterise_shape,
                                           .vjp = reparameterise_vjp,
                                           .reference = reparameterise_reference,
                                           .launch = reparameterise_launch};

// reparameterise_grad: d mu = dz + scale mu, d logvar = slope (dz eps exp(logvar / 2) / 2 + scale
// (e^logvar - 1) / 2), slope that of logvar's bound.
// -> [B,2L]

static bool reparameterise_grad_shape(struct vv_tape *t, vv_ref y) {
    if (!vv_check_head(t, y)) return false;
    y->shape = y->in[0]->shape;
    struct vv_shape latent = latent_shape(y->in[0]);
    return vv_check_f32(t, y, 1, latent) && vv_check_f32(t, y, 2, latent);
}

static void reparameterise_grad_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *head = io->in[0], *eps = io->in[1], *dz = io->in[2];
    const vv_real scale = (vv_real)y->attr.f[0];
    vv_real *out = io->out;
    uint64_t rows = y->shape.dim[0], latent = y->shape.dim[1] / 2;
    for (uint64_t r = 0; r < rows; r++)
        for (uint64_t i = 0; i < latent; i++) {
            uint64_t at = r * 2 * latent + i, k = r * latent + i;
            vv_real logvar = vv_logvar(head[at + latent]);
            vv_real dlogvar = dz[k] * eps[k] * (vv_real)0.5 * vv_exp((vv_real)0.5 * logvar);
            out[at] = dz[k];
            if (scale != 0) {
                out[at] += head[at] * scale;
                dlogvar += (vv_real)0.5 * (vv_exp(logvar) - 1) * scale;
            }
            out[at + latent] = dlogvar * vv_logvar_slope(head[at + latent]);
        }
}

static bool reparameterise_grad_launch(const struct vv_node *y, const struct vv_limits *limits,
                                       struct vv_launch *launch) {
    if (!launch_latents("reparameterise_grad", y, VV_GROUP, latent_groups(y), limits, launch))
        return false;
    vv_dispatch_spec(&launch->dispatch[0], y->attr.f[0] != 0);
    return true;
}

const struct vv_op vv_op_reparameterise_grad = {.name = "reparameterise_grad",
                                                .arity = 3,
                                                .shape = reparameterise_grad_shape,
                                                .reference = reparameterise_grad_reference,
                                                .launch = reparameterise_grad_launch};

vv_ref vv_reparameterise(struct vv_tape *t, vv_ref head, vv_ref eps) {
    return vv_reparameterise_with_kl(t, head, eps, 0.0);
}
vv_ref vv_reparameterise_with_kl(struct vv_tape *t, vv_ref head, vv_ref eps, double scale) {
    return vv_append(t, &vv_op_reparameterise, (const vv_ref[]){head, eps},
                     &(struct vv_attributes){.f = {scale}});
}
vv_ref vv_reparameterise_grad(struct vv_tape *t, vv_ref head, vv_ref eps, vv_ref dz, double scale) {
    return vv_append(t, &vv_op_reparameterise_grad, (const vv_ref[]){head, eps, dz},
                     &(struct vv_attributes){.f = {scale}});
}

// gaussian_kl: sum over latents of (mu^2 + e^logvar - 1 - logvar) / 2.   head [B,2L] -> [B]

static bool kl_shape(struct vv_tape *t, vv_ref y) {
    if (!vv_check_head(t, y)) return false;
    y->shape = vv_shape1(y->in[0]->shape.dim[0]);
    return true;
}

static void kl_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *head = io->in[0];
    vv_real *out = io->out;
    uint64_t rows = y->shape.dim[0], latent = y->in[0]->shape.dim[1] / 2;
    for (uint64_t r = 0; r < rows; r++) {
        double sum = 0;
        for (uint64_t i = 0; i < latent; i++) {
            vv_real mu = head[r * 2 * latent + i], logvar = vv_logvar(head[(r * 2 + 1) * latent + i]);
            sum += (double)(mu * mu) + (double)vv_exp(logvar) - 1.0 - (double)logvar;
        }
        out[r] = (vv_real)(0.5 * sum);
    }
}

static bool kl_launch(const struct vv_node *y, const struct vv_limits *limits,
                      struct vv_launch *launch) {
    const uint32_t rows = y->shape.dim[0], group = vv_row_group(y->in[0]->shape.dim[1] / 2, limits);
    return launch_latents("gaussian_kl", y, group, rows, limits, launch);
}

static void kl_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_gaussian_kl_grad(t, y->in[0], dy);
}

const struct vv_op vv_op_gaussian_kl = {.name = "gaussian_kl",
                                        .arity = 1,
                                        .shape = kl_shape,
                                        .vjp = kl_vjp,
                                        .reference = kl_reference,
                                        .launch = kl_launch};

// gaussian_kl_grad: d mu = mu dy, d logvar = (e^logvar - 1) dy / 2 times the slope of logvar's bound.
// head [B,2L], dy [B], or [1,L], each latent's own -> [B,2L]

static bool is_of_latents(const struct vv_node *y) {
    return y->in[1]->shape.rank == 2;
}

static bool kl_grad_shape(struct vv_tape *t, vv_ref y) {
    if (!vv_check_head(t, y)) return false;
    y->shape = y->in[0]->shape;
    return vv_check_f32(
        t, y, 1, is_of_latents(y) ? vv_shape2(1, y->shape.dim[1] / 2) : vv_shape1(y->shape.dim[0]));
}

static void kl_grad_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *head = io->in[0], *dy = io->in[1];
    vv_real *out = io->out;
    uint64_t rows = y->shape.dim[0], latent = y->shape.dim[1] / 2;
    for (uint64_t r = 0; r < rows; r++)
        for (uint64_t i = 0; i < latent; i++) {
            uint64_t at = r * 2 * latent + i;
            const vv_real d = dy[is_of_latents(y) ? i : r], logvar = head[at + latent];
            out[at] = head[at] * d;
            out[at + latent] =
                (vv_real)0.5 * (vv_exp(vv_logvar(logvar)) - 1) * d * vv_logvar_slope(logvar);
        }
}

static bool kl_grad_launch(const struct vv_node *y, const struct vv_limits *limits,
                           struct vv_launch *launch) {
    if (!launch_latents("gaussian_kl_grad", y, VV_GROUP, latent_groups(y), limits, launch)) return false;
    vv_dispatch_spec(&launch->dispatch[0], is_of_latents(y));
    return true;
}

const struct vv_op vv_op_gaussian_kl_grad = {.name = "gaussian_kl_grad",
                                             .arity = 2,
                                             .shape = kl_grad_shape,
                                             .reference = kl_grad_reference,
                                             .launch = kl_grad_launch};

vv_ref vv_gaussian_kl(struct vv_tape *t, vv_ref head) {
    return vv_append(t, &vv_op_gaussian_kl, &head, NULL);
}
vv_ref vv_gaussian_kl_grad(struct vv_tape *t, vv_ref head, vv_ref dy) {
    return vv_append(t, &vv_op_gaussian_kl_grad, (const vv_ref[]){head, dy}, NULL);
}
