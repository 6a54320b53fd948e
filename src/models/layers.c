#include "layers.h"

#include <assert.h>
#include <string.h>

#include "activation.h"
#include "conv.h"
#include "matmul.h"
#include "norm.h"
#include "random.h"
#include "resample.h"
#include "view.h"

#define KERNEL 3

struct vv_extent vv_extent_at(const struct vv_model_size *size, uint32_t level) {
    struct vv_extent e = {size->height, size->width};
    for (uint32_t i = 0; i < level; i++)
        e = (struct vv_extent){e.height / 2 + e.height % 2, e.width / 2 + e.width % 2};
    return e;
}

bool vv_has_norm(const struct vv_model_size *size) {
    return strcmp(size->norm, "none") != 0;
}

static bool is_batch(const struct vv_model_size *size) {
    return strcmp(size->norm, "batch") == 0;
}

bool vv_is_nearest(const struct vv_model_size *size) {
    return strcmp(size->upsample, "nearest") == 0;
}

// The next of the bound blocks.
static vv_ref take(struct vv_pass *p) {
    assert(p->next_block < p->model->block_count);
    return p->w[p->next_block++];
}

// ---- Convolutions ----

// [outputs,inputs,3,3], or [inputs,outputs,3,3] of a transposed one, as PyTorch has them: its bound
// counts the second dimension either way. In memory [first,3,3,second].
void vv_lay_conv(struct vv_layout *l, const char *name, struct vv_conv_layout conv) {
    const struct vv_model_size *size = &l->model->size;
    const bool transposed = conv.resize == VV_RESIZE_DOUBLE && !vv_is_nearest(size);
    const uint32_t first = transposed ? conv.inputs : conv.outputs,
                   second = transposed ? conv.outputs : conv.inputs;
    struct vv_parameter w = {.shape = vv_shape4(first, second, KERNEL, KERNEL),
                             .outer = first,
                             .channels = second,
                             .spatial = KERNEL * KERNEL,
                             .inner = 1,
                             .fan_in = second * KERNEL * KERNEL};
    w.offset = vv_lay_block(l, vv_shape4(first, KERNEL, KERNEL, second));
    vv_lay_parameter(l, w, "%s.weight", name);
    const bool cancelled = conv.norm_follows && is_batch(size);
    struct vv_parameter b = {
        .shape = vv_shape1(conv.outputs), .fan_in = w.fan_in, .cancelled = cancelled};
    b.offset = cancelled ? vv_lay_cancelled(l, conv.outputs) : vv_lay_block(l, b.shape);
    vv_lay_parameter(l, b, "%s.bias", name);
}

vv_ref vv_pass_conv(struct vv_pass *p, vv_ref x, enum vv_resize resize, struct vv_extent to) {
    const uint32_t stride = resize == VV_RESIZE_NONE ? 1 : 2;
    const bool cancelled = p->model->block[p->next_block + 1].cancelled && p->training;
    vv_ref w = take(p), b = take(p);
    if (cancelled) b = NULL;
    if (resize == VV_RESIZE_DOUBLE && !vv_is_nearest(&p->model->size))
        return vv_conv2d_transposed(p->t, x, w, b, vv_window_square(KERNEL, 2, 1), to.height, to.width);
    if (resize == VV_RESIZE_DOUBLE) {
        x = vv_upsample_nearest(p->t, x, to.height, to.width);
        return vv_conv2d(p->t, x, w, b, vv_window_square(KERNEL, 1, 1));
    }
    return vv_conv2d(p->t, x, w, b, vv_window_square(KERNEL, stride, 1));
}

// ---- Normalisation ----

uint32_t vv_norm_groups(uint32_t channels) {
    uint32_t groups = channels / 4 < 32 ? channels / 4 : 32;
    while (groups > 1 && channels % groups) groups--;
    return groups > 1 ? groups : 1;
}

void vv_lay_norm(struct vv_layout *l, const char *name, uint32_t channels, uint64_t positions) {
    if (!vv_has_norm(&l->model->size)) return;
    struct vv_parameter p = {.shape = vv_shape1(channels), .initial = VV_INITIAL_ONES};
    p.offset = vv_lay_block(l, p.shape);
    vv_lay_parameter(l, p, "%s.weight", name);
    p.initial = VV_INITIAL_ZEROS;
    p.offset = vv_lay_block(l, p.shape);
    vv_lay_parameter(l, p, "%s.bias", name);
    if (is_batch(&l->model->size)) vv_lay_running(l, name, channels, positions);
}

// The batch's moments, kept for the running ones; or those.   [2,C]
static vv_ref moments_of(struct vv_pass *p, vv_ref x) {
    const uint32_t i = p->next_running++;
    const struct vv_running *r = &p->model->running[i];
    assert(i < p->model->running_count);
    if (p->training) return p->moments[i] = vv_moments(p->t, x);
    return vv_view(p->t, p->running, r->offset, (struct vv_shape){2, {2, r->channels}});
}

vv_ref vv_pass_norm(struct vv_pass *p, vv_ref x) {
    const struct vv_model_size *size = &p->model->size;
    if (!vv_has_norm(size)) return vv_activated(p->t, x, size->activation);
    const enum vv_norm_activation f = strcmp(size->activation, "leaky-relu") == 0 ? VV_NORM_LEAKY_RELU
                                      : strcmp(size->activation, "silu") == 0     ? VV_NORM_SILU
                                                                                  : VV_NORM_IDENTITY;
    vv_ref gamma = take(p), beta = take(p);
    const uint32_t channels = vv_shape_from_last(x->shape, 0);
    vv_ref y = is_batch(size) ? vv_batch_norm(p->t, x, moments_of(p, x), gamma, beta, f)
                              : vv_group_norm(p->t, x, gamma, beta, vv_norm_groups(channels), f);
    return f == VV_NORM_IDENTITY ? vv_activated(p->t, y, size->activation) : y;
}

vv_ref vv_pass_dropout(struct vv_pass *p, vv_ref x) {
    const double chance = p->model->size.dropout;
    if (!p->training || !(chance > 0)) return x;
    return vv_dropout(p->t, x, p->clock, chance, p->seed, p->dropouts++);
}

// ---- Between pictures and vectors ----

// A checkpoint has the numbers of a flattened picture as [C,H,W]; here they are [H,W,C].
void vv_lay_heads(struct vv_layout *l, uint32_t channels, struct vv_extent at) {
    static const char *const names[] = {"fc_mu", "fc_var"};
    const uint32_t latent = l->model->size.latent, spatial = at.height * at.width;
    const uint32_t inputs = channels * spatial;
    const uint64_t weight = vv_lay_block(l, vv_shape2(2 * latent, inputs)),
                   bias = vv_lay_block(l, vv_shape1(2 * latent));
    for (uint32_t i = 0; i < 2; i++) {
        const struct vv_parameter w = {.shape = vv_shape2(latent, inputs),
                                       .offset = weight + (uint64_t)i * latent * inputs,
                                       .outer = latent,
                                       .channels = channels,
                                       .spatial = spatial,
                                       .inner = 1,
                                       .fan_in = inputs};
        const struct vv_parameter b = {
            .shape = vv_shape1(latent), .offset = bias + (uint64_t)i * latent, .fan_in = inputs};
        vv_lay_parameter(l, w, "%s.weight", names[i]);
        vv_lay_parameter(l, b, "%s.bias", names[i]);
    }
}

vv_ref vv_pass_heads(struct vv_pass *p, vv_ref x) {
    vv_ref w = take(p), b = take(p);
    const uint32_t batch = x->shape.dim[0];
    vv_ref flat = vv_view(p->t, x, 0, vv_shape2(batch, (uint32_t)(vv_count(x) / batch)));
    return vv_name(p->t, vv_linear(p->t, flat, w, b, VV_IDENTITY), "mu, logvar");
}

void vv_lay_decoder_input(struct vv_layout *l, uint32_t channels, struct vv_extent at) {
    const uint32_t latent = l->model->size.latent, spatial = at.height * at.width;
    const uint32_t outputs = channels * spatial;
    struct vv_parameter w = {.shape = vv_shape2(outputs, latent),
                             .outer = 1,
                             .channels = channels,
                             .spatial = spatial,
                             .inner = latent,
                             .fan_in = latent},
                        b = w;
    w.offset = vv_lay_block(l, w.shape);
    vv_lay_parameter(l, w, "decoder_input.weight");
    b.shape = vv_shape1(outputs);
    b.inner = 1;
    b.offset = vv_lay_block(l, b.shape);
    vv_lay_parameter(l, b, "decoder_input.bias");
}

vv_ref vv_pass_decoder_input(struct vv_pass *p, vv_ref z, uint32_t channels, struct vv_extent at) {
    vv_ref w = take(p), b = take(p);
    vv_ref y = vv_linear(p->t, z, w, b, VV_IDENTITY);
    return vv_view(p->t, y, 0, vv_shape4(z->shape.dim[0], at.height, at.width, channels));
}

vv_ref vv_pass_pictures(struct vv_pass *p, vv_ref x) {
    const struct vv_model_size *size = &p->model->size;
    return vv_view(p->t, x, 0, vv_shape4(x->shape.dim[0], size->height, size->width, size->channels));
}

vv_ref vv_pass_logits(struct vv_pass *p, vv_ref x) {
    const struct vv_model_size *size = &p->model->size;
    vv_ref flat = vv_view(p->t, x, 0, vv_shape2(x->shape.dim[0], size->pixels * size->outputs));
    return vv_name(p->t, flat, "logits");
}

void vv_pass_encoder(struct vv_pass *p) {
    p->next_block = p->next_running = 0;
}

void vv_pass_decoder(struct vv_pass *p) {
    p->next_block = p->model->decoder_block;
    p->next_running = p->model->decoder_running;
}

void vv_lay_decoder(struct vv_layout *l) {
    l->model->decoder_block = l->model->block_count;
    l->model->decoder_running = l->model->running_count;
}
