#include "kl.h"

#include <math.h>

#include "elementwise.h"
#include "exact_gaussian.h"
#include "gaussian.h"
#include "launches.h"

// gaussian_terms: mu, mu^2, (mu^2 + e^logvar - 1 - logvar) / 2.   head [B,2L] -> [B,3L]

static bool terms_shape(struct vv_tape *t, vv_ref y) {
    if (!vv_check_head(t, y)) return false;
    y->shape = vv_shape2(y->in[0]->shape.dim[0], y->in[0]->shape.dim[1] / 2 * 3);
    return true;
}

static void terms_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *head = io->in[0];
    vv_real *out = io->out;
    const uint64_t rows = y->shape.dim[0], latent = y->shape.dim[1] / 3;
    for (uint64_t r = 0; r < rows; r++)
        for (uint64_t i = 0; i < latent; i++) {
            const vv_real mu = head[r * 2 * latent + i],
                          logvar = vv_logvar(head[(r * 2 + 1) * latent + i]);
            vv_real *at = out + r * 3 * latent + i;
            at[0] = mu;
            at[latent] = mu * mu;
            at[2 * latent] = (vv_real)0.5 * (mu * mu + vv_exp(logvar) - 1 - logvar);
        }
}

static bool terms_launch(const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch) {
    const struct vv_args_rows args = {.rows = y->shape.dim[0], .columns = y->shape.dim[1] / 3};
    struct vv_dispatch *d = vv_launch_add(launch, "gaussian_terms", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (vv_count(y) / 3 + VV_GROUP - 1) / VV_GROUP, limits);
}

const struct vv_op vv_op_gaussian_terms = {.name = "gaussian_terms",
                                           .arity = 1,
                                           .shape = terms_shape,
                                           .reference = terms_reference,
                                           .launch = terms_launch};

vv_ref vv_gaussian_terms(struct vv_tape *t, vv_ref head) {
    return vv_append(t, &vv_op_gaussian_terms, &head, NULL);
}

// kl_weigh: log[current] = B w |sum of max(free, K_j) - C|; weights_j = +-w / B, 0 where K_j < free; K_j
// = sums_j / B.   sums [L], weights [1,L], log [rows], clock   shaders/kl_weigh.comp

enum { SUMS, WEIGHTS, LOG, CLOCK };  // operands
enum { MEAN, FREE };                 // numbers: 1 / B, nats

static bool weigh_shape(struct vv_tape *t, vv_ref y) {
    const uint32_t latent = (uint32_t)vv_count(y->in[SUMS]), rows = (uint32_t)vv_count(y->in[LOG]);
    return vv_check_f32(t, y, SUMS, vv_shape1(latent)) &&
           vv_check_f32(t, y, WEIGHTS, vv_shape2(1, latent)) &&
           vv_check_f32(t, y, LOG, vv_shape1(rows)) && vv_check_clock(t, y, y->in[CLOCK]);
}

static void weigh_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *sums = io->in[SUMS];
    vv_real *weights = io->in[WEIGHTS], *log = io->in[LOG];
    const struct vv_clock *clock = io->in[CLOCK];
    const vv_real mean = (vv_real)y->attr.f[MEAN], free = (vv_real)y->attr.f[FREE];
    const vv_real w = (vv_real)clock->kl_weight, capacity = (vv_real)clock->capacity;
    const uint64_t latent = vv_count(y->in[SUMS]);
    double held = 0;
    if (clock->bad_step != VV_NO_BAD_STEP) return;
    for (uint64_t i = 0; i < latent; i++) held += fmax((double)free, (double)(sums[i] * mean));
    const vv_real slope = (held < (double)capacity ? -w : w) * mean;
    for (uint64_t i = 0; i < latent; i++) weights[i] = free == 0 || sums[i] * mean >= free ? slope : 0;
    if (clock->current < vv_count(y->in[LOG]))
        log[clock->current] =
            (vv_real)((double)w * fabs(held - (double)capacity) * (double)y->attr.u[0]);
}

static bool weigh_launch(const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch) {
    const struct vv_args_kl_weigh args = {.latent = (uint32_t)vv_count(y->in[SUMS]),
                                          .rows = (uint32_t)vv_count(y->in[LOG]),
                                          .mean = (float)y->attr.f[MEAN],
                                          .images = (float)y->attr.u[0],
                                          .free = (float)y->attr.f[FREE]};
    struct vv_dispatch *d = vv_launch_add(launch, "kl_weigh", &args, sizeof args);
    vv_dispatch_spec(d, vv_row_group(args.latent, limits));
    for (uint32_t i = SUMS; i <= LOG; i++) vv_dispatch_bind(d, i, VV_STORAGE);
    vv_dispatch_bind(d, CLOCK, VV_UNIFORM);
    return vv_dispatch_fold(d, 1, limits);
}

// One row of the log is written.
static struct vv_cost weigh_cost(const struct vv_node *y) {
    return (struct vv_cost){.bytes = 2 * vv_bytes(y->in[SUMS]) + sizeof(float)};
}

const struct vv_op vv_op_kl_weigh = {.name = "kl_weigh",
                                     .arity = 4,
                                     .writes = 1u << WEIGHTS | 1u << LOG,
                                     .zero_gradient = true,
                                     .shape = weigh_shape,
                                     .reference = weigh_reference,
                                     .launch = weigh_launch,
                                     .cost = weigh_cost};

vv_ref vv_kl_weigh(struct vv_tape *t, const struct vv_kl_weighing *w) {
    return vv_append(
        t, &vv_op_kl_weigh, (const vv_ref[]){w->sums, w->weights, w->log, w->clock},
        &(struct vv_attributes){.u = {w->batch}, .f = {[MEAN] = 1.0 / w->batch, [FREE] = w->free}});
}

// kl_term: y = head.   head [B,2L], weights [1,L] -> [B,2L]

static bool term_shape(struct vv_tape *t, vv_ref y) {
    if (!vv_check_head(t, y)) return false;
    y->shape = y->in[0]->shape;
    y->view_of = y->in[0];
    return vv_check_f32(t, y, 1, vv_shape2(1, y->shape.dim[1] / 2));
}

static void term_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    if (wanted & 1) dx[0] = vv_add(t, dy, vv_gaussian_kl_grad(t, y->in[0], y->in[1]));
}

const struct vv_op vv_op_kl_term = {.name = "kl_term", .arity = 2, .shape = term_shape, .vjp = term_vjp};

vv_ref vv_kl_term(struct vv_tape *t, vv_ref head, vv_ref weights) {
    return vv_append(t, &vv_op_kl_term, (const vv_ref[]){head, weights}, NULL);
}
