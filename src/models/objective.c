#include "objective.h"

#include "bernoulli.h"
#include "elementwise.h"
#include "gaussian.h"
#include "gradient.h"
#include "reduce.h"
#include "view.h"

struct vv_elbo vv_elbo_append(struct vv_pass *pass, vv_ref x, vv_ref eps) {
    struct vv_tape *t = pass->t;
    vv_ref head = pass->model->encode(pass, x);                   // [B,2 latent]
    vv_ref z = vv_name(t, vv_reparameterise(t, head, eps), "z");  // [B,latent]
    vv_ref logits = pass->model->decode(pass, z);                 // [B,pixels]
    struct vv_elbo e;
    e.recon = vv_name(t, vv_bernoulli(t, logits, x), "recon");  // [B]
    e.kl = vv_name(t, vv_gaussian_kl(t, head), "kl");           // [B]
    return e;
}

static void append_gradient(struct vv_pass *pass, vv_ref logits, vv_ref dlogits, vv_ref *grad) {
    const struct vv_model *model = pass->model;
    uint32_t count = 0;
    vv_ref *live = vv_arena_alloc(&pass->t->arena, 2 * (uint64_t)model->block_count, sizeof *live);
    if (!live) {
        pass->t->failed = true;
        return;
    }
    vv_ref *found = live + model->block_count;
    for (uint32_t i = 0; i < model->block_count; i++)
        if (!model->block[i].cancelled) live[count++] = pass->w[i];
    (void)vv_grad_from(pass->t, logits, dlogits, live, count, found);
    count = 0;
    for (uint32_t i = 0; i < model->block_count; i++)
        grad[i] = model->block[i].cancelled ? NULL : found[count++];
}

struct vv_elbo vv_elbo_append_with_gradient(struct vv_pass *pass, vv_ref x, vv_ref eps, vv_ref *grad) {
    struct vv_tape *t = pass->t;
    const uint32_t batch = x->shape.dim[0], pixels = x->shape.dim[1];
    const double mean = 1.0 / batch;
    vv_ref head = pass->model->encode(pass, x);                                 // [B,2 latent]
    vv_ref z = vv_name(t, vv_reparameterise_with_kl(t, head, eps, mean), "z");  // [B,latent]
    vv_ref logits = pass->model->decode(pass, z);                               // [B,pixels]
    vv_ref both = vv_bernoulli_both(t, logits, x, mean);
    vv_ref dlogits = vv_name(t, vv_view(t, both, 0, logits->shape), "d logits");
    struct vv_elbo e;
    e.recon = vv_name(t, vv_view(t, both, (uint64_t)batch * pixels, vv_shape1(batch)), "recon");
    e.kl = vv_name(t, vv_gaussian_kl(t, head), "kl");
    for (uint32_t i = 0; i < pass->model->block_count; i++) grad[i] = &t->dummy;
    append_gradient(pass, logits, dlogits, grad);
    return e;
}

vv_ref vv_elbo_loss(struct vv_tape *t, const struct vv_elbo *e) {
    vv_ref sum = vv_sum_to(t, vv_add(t, e->recon, e->kl), vv_shape1(1));
    return vv_name(t, vv_affine(t, sum, 1.0 / e->recon->shape.dim[0], 0.0), "loss");
}
