#include "objective.h"

#include "elementwise.h"
#include "gaussian.h"
#include "gradient.h"
#include "kl.h"
#include "likelihood.h"
#include "reduce.h"
#include "slice.h"
#include "view.h"

// Of z for each image. Where the tape has failed either may be of one element: never 0.
static uint32_t draws_of(const struct vv_node *x, const struct vv_node *eps) {
    const uint32_t rows = x->shape.dim[0];
    return eps && eps->shape.dim[0] > rows ? eps->shape.dim[0] / rows : 1;
}

// Each row `draws` times, one behind the other.   [B,n] -> [B draws,n]
static vv_ref repeat(struct vv_tape *t, vv_ref x, uint32_t draws) {
    const uint32_t rows = x->shape.dim[0], columns = x->shape.dim[1];
    if (draws == 1) return x;
    vv_ref one = vv_view(t, x, 0, vv_shape3(rows, 1, columns));
    vv_ref all = vv_expand(t, one, vv_shape3(rows, draws, columns));
    return vv_view(t, all, 0, vv_shape2(rows * draws, columns));
}

// The mean over an image's draws.   [B draws] -> [B]
static vv_ref average(struct vv_tape *t, vv_ref rows, uint32_t draws) {
    if (draws == 1) return rows;
    const uint32_t batch = rows->shape.dim[0] / draws;
    vv_ref sums = vv_sum_to(t, vv_view(t, rows, 0, vv_shape2(batch, draws)), vv_shape2(batch, 1));
    return vv_view(t, vv_affine(t, sums, 1.0 / draws, 0.0), 0, vv_shape1(batch));
}

// z [B draws,latent]; scale: of the KL divergences whose gradient passes with that of z.
static vv_ref draw_z(struct vv_pass *pass, vv_ref head, vv_ref eps, double scale) {
    struct vv_tape *t = pass->t;
    if (!eps) return vv_name(t, vv_slice(t, head, 1, 0, pass->model->size.latent), "z");
    const uint32_t draws = draws_of(head, eps);
    vv_ref z = vv_reparameterise_with_kl(t, repeat(t, head, draws), eps, scale / draws);
    return vv_name(t, z, "z");
}

static vv_ref kl_of(struct vv_tape *t, vv_ref head, const struct vv_node *eps) {
    vv_ref kl = eps ? vv_gaussian_kl(t, head) : vv_fill(t, vv_shape1(head->shape.dim[0]), 0.0);
    return vv_name(t, kl, "kl");
}

struct vv_elbo vv_elbo_append(struct vv_pass *pass, vv_ref x, vv_ref eps) {
    struct vv_tape *t = pass->t;
    const uint32_t draws = draws_of(x, eps);
    vv_ref head = vv_pass_encode(pass, x);      // [B,2 latent]
    vv_ref z = draw_z(pass, head, eps, 0);      // [B draws,latent]
    vv_ref out = pass->model->decode(pass, z);  // [B draws,pixels outputs]
    const struct vv_fit fit = vv_likelihood_of(pass->model)->fit(pass, out, repeat(t, x, draws), 0);
    struct vv_elbo e = {.head = head};
    e.recon = vv_name(t, average(t, fit.recon, draws), "recon");  // [B]
    e.kl = kl_of(t, head, eps);                                   // [B]
    return e;
}

// Whether a gradient passes to it through what the decoder gives.
static bool is_live(const struct vv_block *block) {
    return !block->cancelled && !block->apart;
}

// The head, with the gradient of what the clock's row makes of the KL divergence.
static vv_ref weigh(struct vv_pass *pass, vv_ref head) {
    struct vv_tape *t = pass->t;
    const uint32_t latent = pass->model->size.latent;
    vv_ref terms = vv_gaussian_terms(t, head);                    // [B,3 latent]
    vv_ref sums = vv_sum_to(t, terms, vv_shape2(1, 3 * latent));  // mu, mu^2, KL
    vv_ref weights = vv_use(t, pass->kl->weights);
    const struct vv_kl_weighing w = {.sums = vv_view(t, sums, 2 * latent, vv_shape1(latent)),
                                     .weights = weights,
                                     .log = vv_use(t, pass->kl->log),
                                     .clock = pass->clock,
                                     .batch = head->shape.dim[0],
                                     .free = pass->kl->free};
    (void)vv_kl_weigh(t, &w);
    return vv_kl_term(t, head, weights);
}

static void append_gradient(struct vv_pass *pass, vv_ref out, vv_ref d_out, vv_ref *grad) {
    const struct vv_model *model = pass->model;
    uint32_t count = 0;
    vv_ref *live = vv_arena_alloc(&pass->t->arena, 2 * (uint64_t)model->block_count, sizeof *live);
    if (!live) {
        pass->t->failed = true;
        return;
    }
    vv_ref *found = live + model->block_count;
    for (uint32_t i = 0; i < model->block_count; i++)
        if (is_live(&model->block[i])) live[count++] = pass->w[i];
    pass->gradient = pass->t->count;
    (void)vv_grad_from(pass->t, out, d_out, live, count, found);
    pass->gradient_end = pass->t->count;
    count = 0;
    for (uint32_t i = 0; i < model->block_count; i++)
        grad[i] = is_live(&model->block[i]) ? found[count++] : NULL;
}

struct vv_elbo vv_elbo_append_with_gradient(struct vv_pass *pass, vv_ref x, vv_ref eps, vv_ref *grad) {
    struct vv_tape *t = pass->t;
    const uint32_t draws = draws_of(x, eps);
    const double mean = 1.0 / x->shape.dim[0];
    const bool weighed = eps && pass->kl && pass->kl->weights;
    const double beta = weighed ? 0 : pass->kl ? pass->kl->beta : 1;
    vv_ref head = vv_pass_encode(pass, x);                                          // [B,2 latent]
    vv_ref z = draw_z(pass, weighed ? weigh(pass, head) : head, eps, beta * mean);  // [B draws,latent]
    vv_ref out = pass->model->decode(pass, z);  // [B draws,pixels outputs]
    const struct vv_fit fit =
        vv_likelihood_of(pass->model)->fit(pass, out, repeat(t, x, draws), mean / draws);
    vv_ref d_out = vv_name(t, fit.d_out, "d %s", out->name);
    struct vv_elbo e = {.head = head};
    e.recon = vv_name(t, average(t, fit.recon, draws), "recon");
    e.kl = kl_of(t, head, eps);
    for (uint32_t i = 0; i < pass->model->block_count; i++) grad[i] = &t->dummy;
    append_gradient(pass, out, d_out, grad);
    if (pass->model->sigma_block) grad[pass->model->sigma_block] = fit.d_sigma;
    return e;
}

vv_ref vv_elbo_loss(struct vv_tape *t, const struct vv_elbo *e) {
    vv_ref sum = vv_sum_to(t, vv_add(t, e->recon, e->kl), vv_shape1(1));
    return vv_name(t, vv_affine(t, sum, 1.0 / e->recon->shape.dim[0], 0.0), "loss");
}
