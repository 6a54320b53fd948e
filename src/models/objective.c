#include "objective.h"

#include "bernoulli.h"
#include "elementwise.h"
#include "gaussian.h"
#include "gradient.h"
#include "reduce.h"
#include "view.h"

struct vv_elbo vv_elbo_append(struct vv_tape *t, const struct vv_model *model, const vv_ref *w, vv_ref x,
                              vv_ref eps) {
    vv_ref head = model->encode(t, model, w, x);                  // [B,2 latent]
    vv_ref z = vv_name(t, vv_reparameterise(t, head, eps), "z");  // [B,latent]
    vv_ref logits = model->decode(t, model, w, z);                // [B,pixels]
    struct vv_elbo e;
    e.recon = vv_name(t, vv_bernoulli(t, logits, x), "recon");  // [B]
    e.kl = vv_name(t, vv_gaussian_kl(t, head), "kl");           // [B]
    return e;
}

struct vv_elbo vv_elbo_append_with_gradient(struct vv_tape *t, const struct vv_model *model,
                                            const vv_ref *w, vv_ref x, vv_ref eps, vv_ref *grad) {
    const uint32_t batch = x->shape.dim[0], pixels = x->shape.dim[1];
    const double mean = 1.0 / batch;
    vv_ref head = model->encode(t, model, w, x);                                // [B,2 latent]
    vv_ref z = vv_name(t, vv_reparameterise_with_kl(t, head, eps, mean), "z");  // [B,latent]
    vv_ref logits = model->decode(t, model, w, z);                              // [B,pixels]
    vv_ref both = vv_bernoulli_both(t, logits, x, mean);
    vv_ref dlogits = vv_name(t, vv_view(t, both, 0, logits->shape), "d logits");
    struct vv_elbo e;
    e.recon = vv_name(t, vv_view(t, both, (uint64_t)batch * pixels, vv_shape1(batch)), "recon");
    e.kl = vv_name(t, vv_gaussian_kl(t, head), "kl");
    (void)vv_grad_from(t, logits, dlogits, w, model->block_count, grad);
    return e;
}

vv_ref vv_elbo_loss(struct vv_tape *t, const struct vv_elbo *e) {
    vv_ref sum = vv_sum_to(t, vv_add(t, e->recon, e->kl), vv_shape1(1));
    return vv_name(t, vv_affine(t, sum, 1.0 / e->recon->shape.dim[0], 0.0), "loss");
}
