#include "likelihood.h"

#include <stdio.h>
#include <string.h>

#include "bernoulli.h"
#include "categorical.h"
#include "nonlinear.h"
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
    return vv_log_count(pass->t, x);
}

// ---- All of them ----

static const struct vv_likelihood likelihoods[] = {
    {.name = "bernoulli",
     .outputs = 1,
     .is_density = true,
     .is_discrete = true,
     .fit = fit_bernoulli,
     .mean = mean_bernoulli},
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
     .is_density = true,
     .is_discrete = true,
     .fit = fit_multinomial,
     .mean = softmax_bag,
     .see = see_counts},
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
