#include "objective.h"

#include "elementwise.h"
#include "gaussian.h"
#include "gradient.h"
#include "likelihood.h"
#include "reduce.h"

struct vv_elbo vv_elbo_append(struct vv_pass *pass, vv_ref x, vv_ref eps) {
    struct vv_tape *t = pass->t;
    vv_ref head = pass->model->encode(pass, x);                   // [B,2 latent]
    vv_ref z = vv_name(t, vv_reparameterise(t, head, eps), "z");  // [B,latent]
    vv_ref out = pass->model->decode(pass, z);                    // [B,pixels outputs]
    const struct vv_fit fit = vv_likelihood_of(pass->model)->fit(pass, out, x, 0);
    struct vv_elbo e;
    e.recon = vv_name(t, fit.recon, "recon");          // [B]
    e.kl = vv_name(t, vv_gaussian_kl(t, head), "kl");  // [B]
    return e;
}

// Whether a gradient passes to it through what the decoder gives.
static bool is_live(const struct vv_block *block) {
    return !block->cancelled && !block->apart;
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
    const double mean = 1.0 / x->shape.dim[0];
    vv_ref head = pass->model->encode(pass, x);                                 // [B,2 latent]
    vv_ref z = vv_name(t, vv_reparameterise_with_kl(t, head, eps, mean), "z");  // [B,latent]
    vv_ref out = pass->model->decode(pass, z);                                  // [B,pixels outputs]
    const struct vv_fit fit = vv_likelihood_of(pass->model)->fit(pass, out, x, mean);
    vv_ref d_out = vv_name(t, fit.d_out, "d %s", out->name);
    struct vv_elbo e;
    e.recon = vv_name(t, fit.recon, "recon");
    e.kl = vv_name(t, vv_gaussian_kl(t, head), "kl");
    for (uint32_t i = 0; i < pass->model->block_count; i++) grad[i] = &t->dummy;
    append_gradient(pass, out, d_out, grad);
    if (pass->model->sigma_block) grad[pass->model->sigma_block] = fit.d_sigma;
    return e;
}

vv_ref vv_elbo_loss(struct vv_tape *t, const struct vv_elbo *e) {
    vv_ref sum = vv_sum_to(t, vv_add(t, e->recon, e->kl), vv_shape1(1));
    return vv_name(t, vv_affine(t, sum, 1.0 / e->recon->shape.dim[0], 0.0), "loss");
}
