#include "sigma.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "density.h"
#include "elementwise.h"
#include "reduce.h"

static const double least = 0.001, most = 1000;

static bool is_named(const struct vv_model_size *size, const char *name) {
    return strcmp(size->sigma, name) == 0;
}

static bool is_number(const struct vv_model_size *size) {
    return size->sigma[0] >= '0' && size->sigma[0] <= '9';
}

// As it is printed, so that equal sigmas are equal settings.
static bool settle_number(struct vv_context *ctx, struct vv_model_size *size) {
    char *end = NULL;
    const double value = is_number(size) ? strtod(size->sigma, &end) : 0;
    if (end && !*end && value >= least && value <= most) {
        (void)snprintf(size->sigma, sizeof size->sigma, "%.8g", value);
        return true;
    }
    return vv_fail(ctx, VV_USAGE,
                   "--sigma %s: expected learned, optimal, pixel, or a number from %g to %g",
                   size->sigma, least, most);
}

bool vv_sigma_settle(struct vv_context *ctx, const struct vv_likelihood *likelihood,
                     struct vv_model_size *size) {
    if (!likelihood->sigma) {
        if (!size->sigma[0]) return true;
        return vv_fail(ctx, VV_USAGE, "--sigma %s: the likelihood %s has no scale; leave it out",
                       size->sigma, likelihood->name);
    }
    if (!size->sigma[0]) (void)snprintf(size->sigma, sizeof size->sigma, "%s", likelihood->sigma);
    if (is_named(size, "optimal") && !likelihood->has_optimal)
        return vv_fail(ctx, VV_USAGE,
                       "--sigma optimal: the best sigma of %s is not known in closed form; take --sigma "
                       "learned",
                       likelihood->name);
    if (is_named(size, "pixel")) size->outputs = 2;
    return is_named(size, "learned") || is_named(size, "optimal") || is_named(size, "pixel") ||
           settle_number(ctx, size);
}

void vv_sigma_lay(struct vv_layout *l) {
    struct vv_model *model = l->model;
    if (!is_named(&model->size, "learned") && !is_named(&model->size, "optimal")) return;
    const uint32_t block = model->block_count;
    const struct vv_parameter p = {
        .shape = vv_shape1(1), .offset = vv_lay_block(l, vv_shape1(1)), .initial = VV_INITIAL_LOG_SIGMA};
    vv_lay_parameter(l, p, "log_sigma");
    if (l->failed) return;
    model->sigma_block = block;
    model->block[block].apart = true;
}

uint32_t vv_sigma_scale(const struct vv_model *model) {
    if (!model->size.sigma[0]) return VV_SCALE_NONE;
    if (model->sigma_block) return VV_SCALE_SHARED;
    return is_named(&model->size, "pixel") ? VV_SCALE_PIXEL : VV_SCALE_GIVEN;
}

double vv_sigma_value(const struct vv_model *model, double kept) {
    switch (vv_sigma_scale(model)) {
    case VV_SCALE_SHARED:
        return sqrt(least * least + 1 / (exp(-2 * kept) + 1 / (most * most)));
    case VV_SCALE_GIVEN:
        return strtod(model->size.sigma, NULL);
    default:
        return 0;
    }
}

vv_ref vv_sigma_kept(struct vv_pass *pass) {
    const struct vv_model *model = pass->model;
    switch (vv_sigma_scale(model)) {
    case VV_SCALE_SHARED:
        return pass->w[model->sigma_block];
    case VV_SCALE_GIVEN:
        return vv_name(pass->t, vv_fill(pass->t, vv_shape1(1), log(strtod(model->size.sigma, NULL))),
                       "log sigma");
    default:
        return NULL;
    }
}

// log sqrt(mean (x - mu)^2), or log mean |x - mu|: where the gradient of the batch's -log p with respect
// to log sigma is zero. The small number keeps the logarithm of a batch that is hit exactly finite.
static vv_ref append_optimal(struct vv_pass *pass, vv_ref out, vv_ref x) {
    struct vv_tape *t = pass->t;
    const bool squared = vv_likelihood_of(pass->model)->density == VV_DENSITY_GAUSSIAN;
    const struct vv_density error = {squared ? VV_DENSITY_SQUARE : VV_DENSITY_DISTANCE, VV_SCALE_NONE};
    vv_ref sum = vv_sum_to(t, vv_density_of(t, error, out, x, NULL), vv_shape1(1));
    vv_ref log_error = vv_log_of(t, vv_affine(t, sum, 1.0 / (double)vv_count(x), 1e-12));
    return vv_name(t, vv_affine(t, log_error, squared ? 0.5 : 1.0, 0.0), "log sigma of the batch");
}

vv_ref vv_sigma_append(struct vv_pass *pass, vv_ref out, vv_ref x) {
    if (!pass->training || !is_named(&pass->model->size, "optimal")) return vv_sigma_kept(pass);
    return pass->own_sigma = append_optimal(pass, out, x);
}
