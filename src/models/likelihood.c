#include "likelihood.h"

#include <stdio.h>
#include <string.h>

#include "bernoulli.h"
#include "categorical.h"
#include "density.h"
#include "elementwise.h"
#include "gradient.h"
#include "ms_ssim.h"
#include "nonlinear.h"
#include "reduce.h"
#include "sigma.h"
#include "view.h"

// ---- Bernoulli, from logits: values between 0 and 1 count as probabilities, too ----

static struct vv_fit fit_bernoulli(struct vv_pass *pass, vv_ref out, vv_ref x, double mean) {
    struct vv_tape *t = pass->t;
    if (mean == 0) return (struct vv_fit){.recon = vv_bernoulli(t, out, x)};
    const uint32_t batch = x->shape.dim[0];
    vv_ref both = vv_bernoulli_both(t, out, x, mean);
    return (struct vv_fit){.d_out = vv_view(t, both, 0, out->shape),
                           .recon = vv_view(t, both, vv_count(out), vv_shape1(batch))};
}

static vv_ref mean_bernoulli(struct vv_pass *pass, vv_ref out) {
    return vv_sigmoid_of(pass->t, out);
}

// ---- Categorical: each value is one of 256 kinds, of which no two are alike ----

static struct vv_fit fit_categorical(struct vv_pass *pass, vv_ref out, vv_ref x, double mean) {
    struct vv_tape *t = pass->t;
    const uint32_t classes = pass->model->size.outputs, batch = x->shape.dim[0];
    if (mean == 0) return (struct vv_fit){.recon = vv_categorical(t, out, x, classes)};
    vv_ref both = vv_categorical_both(t, out, x, classes, mean);
    return (struct vv_fit){.d_out = vv_view(t, both, 0, out->shape),
                           .recon = vv_view(t, both, vv_count(out), vv_shape1(batch))};
}

static vv_ref mean_categorical(struct vv_pass *pass, vv_ref out) {
    return vv_softmax_mean(pass->t, out, pass->model->size.outputs);
}

// Of rows of tokens.

static vv_ref softmax_rows(struct vv_pass *pass, vv_ref out) {
    return vv_softmax(pass->t, out, pass->model->size.outputs);
}

static vv_ref see_kinds(struct vv_pass *pass, vv_ref x) {
    return vv_one_hot(pass->t, x, pass->model->size.inputs);
}

// ---- Multinomial: how often each word is there, given how many there are ----

static struct vv_fit fit_multinomial(struct vv_pass *pass, vv_ref out, vv_ref x, double mean) {
    struct vv_tape *t = pass->t;
    if (mean == 0) return (struct vv_fit){.recon = vv_multinomial(t, out, x)};
    vv_ref both = vv_multinomial_both(t, out, x, mean);
    return (struct vv_fit){.d_out = vv_view(t, both, 0, out->shape),
                           .recon = vv_view(t, both, vv_count(out), vv_shape1(x->shape.dim[0]))};
}

static vv_ref softmax_bag(struct vv_pass *pass, vv_ref out) {
    return vv_softmax(pass->t, out, out->shape.dim[1]);
}

// log(1 + count): words that are there ten times as often weigh about three times as much.
static vv_ref see_counts(struct vv_pass *pass, vv_ref x) {
    return vv_log_of(pass->t, vv_affine(pass->t, x, 255, 1));
}

// ---- Densities of density.h ----

static struct vv_density density_of(const struct vv_pass *pass) {
    return (struct vv_density){vv_likelihood_of(pass->model)->density, vv_sigma_scale(pass->model)};
}

static struct vv_fit fit_density(struct vv_pass *pass, vv_ref out, vv_ref x, double mean) {
    struct vv_tape *t = pass->t;
    const struct vv_density density = density_of(pass);
    vv_ref log_sigma = vv_sigma_append(pass, out, x);
    if (mean == 0) return (struct vv_fit){.recon = vv_density_of(t, density, out, x, log_sigma)};
    const uint32_t batch = x->shape.dim[0];
    vv_ref both = vv_density_both(t, density, out, x, log_sigma, mean);
    struct vv_fit fit = {.d_out = vv_view(t, both, 0, out->shape),
                         .recon = vv_view(t, both, vv_count(out), vv_shape1(batch))};
    if (density.scale != VV_SCALE_SHARED || pass->own_sigma) return fit;
    vv_ref rows = vv_view(t, both, vv_count(out) + batch, vv_shape1(batch));
    fit.d_sigma = vv_sum_to(t, rows, vv_shape1(1));
    return fit;
}

// A copy where the numbers are the means: what is kept is no view.
static vv_ref mean_density(struct vv_pass *pass, vv_ref out) {
    const struct vv_density density = density_of(pass);
    const bool is_location = density.kind != VV_DENSITY_CONTINUOUS_BERNOULLI &&
                             density.kind != VV_DENSITY_DISCRETIZED_LOGISTIC;
    if (is_location && vv_density_outputs(&density) == 1) return vv_affine(pass->t, out, 1.0, 0.0);
    return vv_density_mean(pass->t, density, out, vv_sigma_kept(pass));
}

// ---- MS-SSIM, which is no likelihood: the numbers of a picture times what it lacks of 1 ----

static struct vv_fit fit_ms_ssim(struct vv_pass *pass, vv_ref out, vv_ref x, double mean) {
    struct vv_tape *t = pass->t;
    const struct vv_model_size *size = &pass->model->size;
    const uint32_t batch = x->shape.dim[0];
    const struct vv_shape pictures = vv_shape4(batch, size->height, size->width, size->channels);
    vv_ref alike = vv_ms_ssim(t, vv_view(t, x, 0, pictures),
                              vv_view(t, vv_sigmoid_of(t, out), 0, pictures));  // [B]
    struct vv_fit fit = {.recon = vv_affine(t, alike, -(double)size->pixels, size->pixels)};
    if (mean != 0)
        (void)vv_grad_from(t, fit.recon, vv_fill(t, vv_shape1(batch), mean), &out, 1, &fit.d_out);
    return fit;
}

// ---- All of them ----

static const struct vv_likelihood likelihoods[] = {
    {.name = "bernoulli",
     .outputs = 1,
     .is_density = true,
     .of_binary = true,
     .fit = fit_bernoulli,
     .mean = mean_bernoulli},
    {.name = "gaussian",
     .outputs = 1,
     .is_density = true,
     .density = VV_DENSITY_GAUSSIAN,
     .sigma = "optimal",
     .has_optimal = true,
     .fit = fit_density,
     .mean = mean_density},
    {.name = "laplace",
     .outputs = 1,
     .is_density = true,
     .density = VV_DENSITY_LAPLACE,
     .sigma = "optimal",
     .has_optimal = true,
     .fit = fit_density,
     .mean = mean_density},
    {.name = "logcosh",
     .outputs = 1,
     .is_density = true,
     .density = VV_DENSITY_LOGCOSH,
     .sigma = "learned",
     .fit = fit_density,
     .mean = mean_density},
    {.name = "discretized-logistic",
     .outputs = 1,
     .is_density = true,
     .is_discrete = true,
     .density = VV_DENSITY_DISCRETIZED_LOGISTIC,
     .sigma = "pixel",
     .fit = fit_density,
     .mean = mean_density},
    {.name = "continuous-bernoulli",
     .outputs = 1,
     .is_density = true,
     .density = VV_DENSITY_CONTINUOUS_BERNOULLI,
     .fit = fit_density,
     .mean = mean_density},
    {.name = "categorical-256",
     .outputs = 256,
     .is_density = true,
     .is_discrete = true,
     .fit = fit_categorical,
     .mean = mean_categorical},
    {.name = "categorical",
     .of = VV_OF_ROWS,
     .is_density = true,
     .is_discrete = true,
     .fit = fit_categorical,
     .mean = softmax_rows,
     .see = see_kinds},
    {.name = "multinomial",
     .of = VV_OF_BAGS,
     .outputs = 1,
     .is_density = true,  // a probability, though a dimension, one word of many, has no bits of its own
     .fit = fit_multinomial,
     .mean = softmax_bag,
     .see = see_counts},
    {.name = "ms-ssim",
     .outputs = 1,
     .least_side = VV_MS_SSIM_WINDOW,
     .fit = fit_ms_ssim,
     .mean = mean_bernoulli},
};
static const size_t likelihood_count = sizeof likelihoods / sizeof *likelihoods;

const struct vv_likelihood *vv_likelihood_find(const char *name) {
    if (!name) return &likelihoods[0];
    for (size_t i = 0; i < likelihood_count; i++)
        if (strcmp(name, likelihoods[i].name) == 0) return &likelihoods[i];
    return NULL;
}

void vv_likelihood_list(char *text, size_t size) {
    size_t used = 0;
    for (size_t i = 0; i < likelihood_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", likelihoods[i].name);
}

const struct vv_likelihood *vv_likelihood_of(const struct vv_model *model) {
    return vv_likelihood_find(model->size.likelihood);
}

vv_ref vv_pass_encode(struct vv_pass *pass, vv_ref x) {
    const struct vv_likelihood *likelihood = vv_likelihood_of(pass->model);
    return pass->model->encode(pass, likelihood->see ? likelihood->see(pass, x) : x);
}
