#include "model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "activation.h"
#include "conv_model.h"
#include "elementwise.h"
#include "exact.h"
#include "layers.h"
#include "likelihood.h"
#include "mlp.h"
#include "resnet.h"
#include "sigma.h"
#include "view.h"

static const struct vv_model_kind kinds[] = {
    {"mlp", vv_mlp_make, false, 400, "relu", NULL, 0, "--hidden"},
    {"conv", vv_conv_make, true, 0, "leaky-relu", "batch", 0, "--channels-list"},
    {"resnet", vv_resnet_make, true, 0, "silu", "group", 1, "--channels-list"},
};
const char *const vv_model_upsamplings[] = {"transpose", "nearest", NULL};
const char *const vv_model_norms[] = {"batch", "group", "none", NULL};

const struct vv_model_kind *vv_model_kind_find(const char *name) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(name, kinds[i].name) == 0) return &kinds[i];
    return NULL;
}

uint32_t vv_model_stages(uint32_t height, uint32_t width, uint32_t stage[VV_MAX_HIDDEN]) {
    static const uint32_t usual[] = {32, 64, 128, 256, 512};
    uint32_t longer = height > width ? height : width, count = 0;
    do {
        stage[count] = usual[count];
        count++;
        longer = (longer + 1) / 2;
    } while (longer > 2 && count < sizeof usual / sizeof *usual);
    return count;
}

// What the size leaves open becomes the model's default; texts become those that live as long as the
// program.
static bool settle_activation(struct vv_context *ctx, const char *otherwise,
                              struct vv_model_size *size) {
    const char *wanted = size->activation ? size->activation : otherwise;
    size->activation = vv_activation_find(wanted);
    if (size->activation) return true;
    char list[160];
    vv_activation_list(list, sizeof list);
    return vv_fail(ctx, VV_USAGE, "no activation is called '%.40s'; there are: %s", wanted, list);
}

static bool settle_likelihood(struct vv_context *ctx, struct vv_model_size *size) {
    const struct vv_likelihood *likelihood = vv_likelihood_find(size->likelihood);
    char list[256];
    vv_likelihood_list(list, sizeof list);
    if (!likelihood)
        return vv_fail(ctx, VV_USAGE, "no likelihood is called '%.40s'; there are: %s", size->likelihood,
                       list);
    const uint32_t side = size->height < size->width ? size->height : size->width;
    if (side < likelihood->least_side)
        return vv_fail(ctx, VV_USAGE,
                       "--likelihood %s needs pictures of at least %ux%u, and these are %ux%u; take "
                       "larger ones (--size) or another likelihood",
                       likelihood->name, likelihood->least_side, likelihood->least_side, size->height,
                       size->width);
    size->likelihood = likelihood->name;
    const bool rows = likelihood->of == VV_OF_ROWS;
    if (likelihood->of != VV_OF_PICTURES && !size->tokens)
        return vv_fail(
            ctx, VV_USAGE,
            "--likelihood %s is for text, and there is no vocabulary; give --data a .txt file",
            likelihood->name);
    size->outputs = rows ? size->tokens : likelihood->outputs;
    size->inputs = size->shown = rows ? size->tokens : 1;
    if (!vv_sigma_settle(ctx, likelihood, size)) return false;
    const uint64_t most = UINT32_MAX - 1, numbers = (uint64_t)size->pixels * size->outputs;
    return numbers <= most ||
           vv_fail(
               ctx, VV_USAGE,
               "--likelihood %s: %u numbers for each of %u values of a picture are too many, at most "
               "%llu in all; take smaller pictures, or another likelihood",
               likelihood->name, size->outputs, size->pixels, (unsigned long long)most);
}

static const char *find_text(const char *const *list, const char *text) {
    while (*list && strcmp(*list, text) != 0) list++;
    return *list;
}

static bool settle_texts(struct vv_context *ctx, const struct vv_model_kind *kind,
                         struct vv_model_size *size) {
    const char *upsample = size->upsample ? size->upsample : vv_model_upsamplings[0];
    const char *norm = size->norm ? size->norm : kind->norm;
    size->upsample = find_text(vv_model_upsamplings, upsample);
    size->norm = find_text(vv_model_norms, norm);
    if (!size->upsample)
        return vv_fail(ctx, VV_USAGE, "no way to upsample is called '%.40s'; there are: %s, %s",
                       upsample, vv_model_upsamplings[0], vv_model_upsamplings[1]);
    return size->norm ||
           vv_fail(ctx, VV_USAGE, "no normalisation is called '%.40s'; there are: %s, %s, %s", norm,
                   vv_model_norms[0], vv_model_norms[1], vv_model_norms[2]);
}

static bool refuse_length(struct vv_context *ctx, const struct vv_model_kind *kind, uint64_t length) {
    return vv_fail(ctx, VV_USAGE,
                   "a model of %llu parameters is too large: at most %u; take a smaller %s",
                   (unsigned long long)length, UINT32_MAX, kind->larger);
}

static bool settle(struct vv_context *ctx, const struct vv_model_kind *kind,
                   struct vv_model_size *size) {
    if (!settle_activation(ctx, kind->activation, size) || !settle_likelihood(ctx, size)) return false;
    if (!kind->convolves) {
        size->stages = size->blocks = 0;
        return true;
    }
    if (size->tokens)
        return vv_fail(ctx, VV_USAGE, "--model %s is for pictures; take --model mlp for text",
                       kind->name);
    if (!settle_texts(ctx, kind, size)) return false;
    if (!size->stages) size->stages = vv_model_stages(size->height, size->width, size->stage);
    size->layers = 0;
    size->blocks = kind->blocks && size->blocks ? size->blocks : kind->blocks;
    // The layout counts in 32 bits what a layer of numbers has.
    const struct vv_extent e = vv_extent_at(size, size->stages);
    const uint64_t numbers = (uint64_t)e.height * e.width * size->stage[size->stages - 1];
    return numbers <= UINT32_MAX || refuse_length(ctx, kind, numbers * 2 * size->latent);
}

bool vv_model_make(struct vv_context *ctx, const char *kind_name, struct vv_model_size size,
                   struct vv_model *model) {
    *model = (struct vv_model){0};
    const struct vv_model_kind *kind = vv_model_kind_find(kind_name);
    if (!kind)
        return vv_fail(ctx, VV_USAGE, "no model is called '%s'; there are: mlp, conv, resnet",
                       kind_name);
    if (!settle(ctx, kind, &size)) return false;
    *model = (struct vv_model){.kind = kind->name, .size = size};
    struct vv_layout layout = {.ctx = ctx, .model = model};
    kind->make(&layout);
    vv_sigma_lay(&layout);
    vv_layout_end(&layout);
    if (!layout.failed && model->length <= UINT32_MAX) return true;
    if (!layout.failed) (void)refuse_length(ctx, kind, model->length);
    vv_model_finish(model);
    return false;
}

bool vv_model_is_density(const char *likelihood) {
    const struct vv_likelihood *found =
        vv_likelihood_find(likelihood && *likelihood ? likelihood : NULL);
    return !found || found->is_density;  // what there is not is refused elsewhere
}

void vv_model_finish(struct vv_model *model) {
    free(model->block);
    free(model->parameter);
    free(model->running);
    *model = (struct vv_model){0};
}

bool vv_weights_add(struct vv_store *store, const struct vv_model *model, struct vv_weights *weights) {
    *weights = (struct vv_weights){0};
    weights->params = vv_store_add(store, "params", VV_F32, vv_shape1((uint32_t)model->length));
    if (!weights->params || !model->statistics) return weights->params != NULL;
    weights->running = vv_store_add(store, "running", VV_F32, vv_shape1((uint32_t)model->statistics));
    return weights->running != NULL;
}

// As the first parameter in it is called; a cancelled bias stands in the flat tensor where it is said.
static const char *name_of(const struct vv_model *model, const struct vv_block *block) {
    for (uint32_t i = 0; i < model->parameter_count; i++)
        if (model->parameter[i].offset == block->offset) return model->parameter[i].name;
    return "parameter";
}

bool vv_pass_begin(struct vv_pass *pass, struct vv_tape *t, const struct vv_model *model,
                   const struct vv_weights *weights) {
    *pass = (struct vv_pass){.t = t, .model = model};
    pass->w = vv_arena_alloc(&t->arena, model->block_count, sizeof *pass->w);
    pass->moments = vv_arena_alloc(&t->arena, model->running_count + 1, sizeof *pass->moments);
    if (!pass->w || !pass->moments) {
        t->failed = true;
        return false;
    }
    vv_ref flat = pass->flat = vv_use(t, weights->params);
    for (uint32_t i = 0; i < model->block_count; i++) {
        pass->w[i] = vv_view(t, flat, model->block[i].offset, model->block[i].shape);
        (void)vv_name(t, pass->w[i], "%s", name_of(model, &model->block[i]));
    }
    if (weights->running) pass->running = vv_use(t, weights->running);
    return vv_tape_ok(t);
}

// Where element i of a checkpoint's order is in the flat tensor, from the parameter's start on.
static uint64_t place_of(const struct vv_parameter *p, uint64_t i) {
    const uint64_t inner = i % p->inner, spatial = i / p->inner % p->spatial;
    const uint64_t channel = i / p->inner / p->spatial % p->channels;
    const uint64_t outer = i / p->inner / p->spatial / p->channels;
    return ((outer * p->spatial + spatial) * p->channels + channel) * p->inner + inner;
}

static void initialise_uniform(const struct vv_parameter *p, uint32_t number, uint64_t seed,
                               float *flat) {
    const float bound = (float)(1.0 / sqrt((double)p->fan_in));
    const uint64_t n = vv_shape_count(p->shape);
    for (uint64_t i = 0; i < n; i += 4) {
        vv_words r = vv_random4((uint32_t)(i / 4), 0, number, VV_STREAM_INIT, (uint32_t)seed,
                                (uint32_t)(seed >> 32));
        const uint32_t words[4] = {r.x, r.y, r.z, r.w};
        for (uint64_t j = 0; j < 4 && i + j < n; j++)
            flat[p->offset + place_of(p, i + j)] = bound * (2.0f * vv_uniform(words[j]) - 1.0f);
    }
}

void vv_model_initialise(const struct vv_model *model, uint64_t seed, float *flat) {
    memset(flat, 0, model->length * sizeof *flat);
    for (uint32_t i = 0; i < model->parameter_count; i++) {
        const struct vv_parameter *p = &model->parameter[i];
        if (p->initial == VV_INITIAL_UNIFORM) initialise_uniform(p, i, seed, flat);
        if (p->initial == VV_INITIAL_LOG_SIGMA) flat[p->offset] = -1.38629436f;
        if (p->initial != VV_INITIAL_ONES) continue;
        for (uint64_t k = 0; k < vv_shape_count(p->shape); k++) flat[p->offset + k] = 1;
    }
}

void vv_model_initialise_running(const struct vv_model *model, float *flat) {
    memset(flat, 0, model->statistics * sizeof *flat);
    for (uint32_t i = 0; i < model->running_count; i++) {
        const struct vv_running *r = &model->running[i];
        for (uint32_t c = 0; c < r->channels; c++) flat[r->offset + r->channels + c] = 1;
    }
}

void vv_parameter_save(const struct vv_parameter *p, const float *flat, float *values) {
    const uint64_t n = vv_shape_count(p->shape);
    for (uint64_t i = 0; i < n; i++) values[i] = flat[p->offset + place_of(p, i)];
}

void vv_parameter_load(const struct vv_parameter *p, const float *values, float *flat) {
    const uint64_t n = vv_shape_count(p->shape);
    for (uint64_t i = 0; i < n; i++) flat[p->offset + place_of(p, i)] = values[i];
}

vv_ref vv_pass_statistics(struct vv_pass *pass, struct vv_state *moments, struct vv_state *unbiased) {
    const struct vv_model *model = pass->model;
    struct vv_tape *t = pass->t;
    for (uint32_t i = 0; i < model->running_count; i++)
        (void)vv_place(t, pass->moments[i], moments, model->running[i].offset);
    vv_ref seen = vv_mul(t, vv_use(t, moments), vv_use(t, unbiased));
    if (model->cancelled < model->length) {
        vv_ref biases = vv_view(t, pass->flat, model->cancelled, moments->shape);
        seen = vv_add(t, seen, vv_name(t, biases, "biases"));
    }
    return vv_name(t, seen, "statistics");
}

void vv_model_unbiased(const struct vv_model *model, uint32_t batch, uint32_t draws, float *factors) {
    memset(factors, 0, model->statistics * sizeof *factors);
    for (uint32_t i = 0; i < model->running_count; i++) {
        const struct vv_running *r = &model->running[i];
        const uint64_t rows = (uint64_t)batch * (i < model->decoder_running ? 1 : draws);
        const double n = (double)(rows * r->positions);
        for (uint32_t c = 0; c < r->channels; c++) {
            factors[r->offset + c] = 1;
            factors[r->offset + r->channels + c] = n > 1 ? (float)(n / (n - 1)) : 1.0f;
        }
    }
}
