#include "mlp.h"

#include "activation.h"
#include "layers.h"
#include "matmul.h"

// "fc3.weight", or "fc31.weight" with a head.
static void add_parameter(struct vv_layout *l, uint32_t layer, uint32_t head, const char *what,
                          struct vv_shape shape, uint64_t offset, uint32_t fan_in) {
    const struct vv_parameter p = {.shape = shape, .offset = offset, .fan_in = fan_in};
    const char digit[2] = {head ? (char)('0' + head) : '\0', '\0'};
    vv_lay_parameter(l, p, "fc%u%s.%s", layer, digit, what);
}

// A layer of one weight and one bias: two blocks, two parameters.
static void add_layer(struct vv_layout *l, uint32_t layer, uint32_t outputs, uint32_t inputs) {
    struct vv_shape w = vv_shape2(outputs, inputs), b = vv_shape1(outputs);
    add_parameter(l, layer, 0, "weight", w, vv_lay_block(l, w), inputs);
    add_parameter(l, layer, 0, "bias", b, vv_lay_block(l, b), inputs);
}

// Two layers side by side: two blocks, four parameters.
static void add_heads(struct vv_layout *l, uint32_t layer, uint32_t outputs, uint32_t inputs) {
    const uint64_t weight = vv_lay_block(l, vv_shape2(2 * outputs, inputs)),
                   bias = vv_lay_block(l, vv_shape1(2 * outputs));
    for (uint32_t head = 0; head < 2; head++) {
        add_parameter(l, layer, head + 1, "weight", vv_shape2(outputs, inputs),
                      weight + (uint64_t)head * outputs * inputs, inputs);
        add_parameter(l, layer, head + 1, "bias", vv_shape1(outputs), bias + (uint64_t)head * outputs,
                      inputs);
    }
}

// The hidden layers, in one direction.
static vv_ref pass_hidden(struct vv_pass *p, vv_ref x) {
    for (uint32_t i = 0; i < p->model->size.layers; i++, p->next_block += 2) {
        const vv_ref *w = p->w + p->next_block;
        x = vv_pass_dropout(p, vv_activated_linear(p->t, x, w[0], w[1], p->model->size.activation));
    }
    return x;
}

static vv_ref encode(struct vv_pass *p, vv_ref x) {
    p->next_block = 0;
    vv_ref h = pass_hidden(p, x);  // [B,pixels] -> [B,last hidden]
    const vv_ref *heads = p->w + p->next_block;
    vv_ref head = vv_linear(p->t, h, heads[0], heads[1], VV_IDENTITY);  // -> [B,2 latent]
    return vv_name(p->t, head, "mu, logvar");
}

static vv_ref decode(struct vv_pass *p, vv_ref z) {
    p->next_block = p->model->decoder_block;
    vv_ref h = pass_hidden(p, z);  // [B,latent] -> [B,first hidden]
    const vv_ref *last = p->w + p->next_block;
    vv_ref logits = vv_linear(p->t, h, last[0], last[1], VV_IDENTITY);  // -> [B,pixels outputs]
    return vv_name(p->t, logits, "logits");
}

void vv_mlp_make(struct vv_layout *l) {
    const struct vv_model_size *size = &l->model->size;
    uint32_t layer = 1, inputs = size->pixels * size->inputs;
    l->model->encode = encode;
    l->model->decode = decode;
    for (uint32_t i = 0; i < size->layers; i++) {
        add_layer(l, layer++, size->hidden[i], inputs);
        inputs = size->hidden[i];
    }
    add_heads(l, layer++, size->latent, inputs);
    l->model->decoder_block = l->model->block_count;
    inputs = size->latent;
    for (uint32_t i = size->layers; i-- > 0;) {
        add_layer(l, layer++, size->hidden[i], inputs);
        inputs = size->hidden[i];
    }
    add_layer(l, layer, size->pixels * size->outputs, inputs);
}
