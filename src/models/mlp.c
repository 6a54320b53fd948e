#include "mlp.h"

#include <stdio.h>
#include <string.h>

#include "activation.h"
#include "matmul.h"
#include "size.h"

// Blocks start on 256 bytes: any device can bind them without a remainder.
static const uint64_t block_unit = 64;

static uint64_t add_block(struct vv_model *model, struct vv_shape shape) {
    uint64_t offset = model->length;
    model->block[model->block_count++] = (struct vv_block){shape, offset};
    model->length = vv_align_up(offset + vv_shape_count(shape), block_unit);
    return offset;
}

// "fc3.weight", or "fc31.weight" with a head.
static void add_parameter(struct vv_model *model, uint32_t layer, uint32_t head, const char *what,
                          struct vv_shape shape, uint64_t offset, uint32_t fan_in) {
    struct vv_parameter *p = &model->parameter[model->parameter_count++];
    *p = (struct vv_parameter){.shape = shape, .offset = offset, .fan_in = fan_in};
    char digit[2] = {head ? (char)('0' + head) : '\0', '\0'};
    (void)snprintf(p->name, sizeof p->name, "fc%u%s.%s", layer, digit, what);
}

// A layer of one weight and one bias: two blocks, two parameters.
static void add_layer(struct vv_model *model, uint32_t layer, uint32_t outputs, uint32_t inputs) {
    struct vv_shape w = vv_shape2(outputs, inputs), b = vv_shape1(outputs);
    add_parameter(model, layer, 0, "weight", w, add_block(model, w), inputs);
    add_parameter(model, layer, 0, "bias", b, add_block(model, b), inputs);
}

// Two layers side by side: two blocks, four parameters.
static void add_heads(struct vv_model *model, uint32_t layer, uint32_t outputs, uint32_t inputs) {
    const uint64_t weight = add_block(model, vv_shape2(2 * outputs, inputs)),
                   bias = add_block(model, vv_shape1(2 * outputs));
    for (uint32_t head = 0; head < 2; head++) {
        add_parameter(model, layer, head + 1, "weight", vv_shape2(outputs, inputs),
                      weight + (uint64_t)head * outputs * inputs, inputs);
        add_parameter(model, layer, head + 1, "bias", vv_shape1(outputs),
                      bias + (uint64_t)head * outputs, inputs);
    }
}

// `count` hidden layers, their blocks from w[0] on.
static vv_ref pass_hidden(struct vv_tape *t, const struct vv_model *model, const vv_ref *w, vv_ref x) {
    for (uint32_t i = 0; i < model->size.layers; i++)
        x = vv_activated_linear(t, x, w[2 * i], w[2 * i + 1], model->size.activation);
    return x;
}

static vv_ref encode(struct vv_tape *t, const struct vv_model *model, const vv_ref *w, vv_ref x) {
    vv_ref h = pass_hidden(t, model, w, x);  // [B,pixels] -> [B,last hidden]
    const vv_ref *heads = w + (size_t)2 * model->size.layers;
    vv_ref head = vv_linear(t, h, heads[0], heads[1], VV_IDENTITY);  // -> [B,2 latent]
    return vv_name(t, head, "mu, logvar");
}

static vv_ref decode(struct vv_tape *t, const struct vv_model *model, const vv_ref *w, vv_ref z) {
    const vv_ref *first = w + (size_t)2 * (model->size.layers + 1);
    vv_ref h = pass_hidden(t, model, first, z);  // [B,latent] -> [B,first hidden]
    const vv_ref *last = first + (size_t)2 * model->size.layers;
    vv_ref logits = vv_linear(t, h, last[0], last[1], VV_IDENTITY);  // -> [B,pixels]
    return vv_name(t, logits, "logits");
}

void vv_mlp_make(struct vv_model_size size, struct vv_model *model) {
    *model = (struct vv_model){.kind = "mlp", .size = size, .encode = encode, .decode = decode};
    uint32_t layer = 1, inputs = size.pixels;
    for (uint32_t i = 0; i < size.layers; i++) {
        add_layer(model, layer++, size.hidden[i], inputs);
        inputs = size.hidden[i];
    }
    add_heads(model, layer++, size.latent, inputs);
    inputs = size.latent;
    for (uint32_t i = size.layers; i-- > 0;) {
        add_layer(model, layer++, size.hidden[i], inputs);
        inputs = size.hidden[i];
    }
    add_layer(model, layer, size.pixels, inputs);
}
