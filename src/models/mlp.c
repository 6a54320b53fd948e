#include "mlp.h"

#include "matmul.h"
#include "size.h"

enum { FC1_WEIGHT, FC1_BIAS, HEADS_WEIGHT, HEADS_BIAS, FC3_WEIGHT, FC3_BIAS, FC4_WEIGHT, FC4_BIAS };

// Blocks start on 256 bytes: any device can bind them without a remainder.
static const uint64_t block_unit = 64;

static uint64_t add_block(struct vv_model *model, struct vv_shape shape) {
    uint64_t offset = model->length;
    model->block[model->block_count++] = (struct vv_block){shape, offset};
    model->length = vv_align_up(offset + vv_shape_count(shape), block_unit);
    return offset;
}

static void add_parameter(struct vv_model *model, const char *name, struct vv_shape shape,
                          uint64_t offset, uint32_t fan_in) {
    model->parameter[model->parameter_count++] = (struct vv_parameter){name, shape, offset, fan_in};
}

// A layer of one weight and one bias: two blocks, two parameters.
static void add_layer(struct vv_model *model, const char *weight, const char *bias, uint32_t outputs,
                      uint32_t inputs) {
    struct vv_shape w = vv_shape2(outputs, inputs), b = vv_shape1(outputs);
    add_parameter(model, weight, w, add_block(model, w), inputs);
    add_parameter(model, bias, b, add_block(model, b), inputs);
}

static vv_ref encode(struct vv_tape *t, const struct vv_model *model, const vv_ref *w, vv_ref x) {
    (void)model;
    vv_ref h = vv_linear(t, x, w[FC1_WEIGHT], w[FC1_BIAS], VV_RELU);  // [B,pixels] -> [B,hidden]
    vv_ref head = vv_linear(t, h, w[HEADS_WEIGHT], w[HEADS_BIAS], VV_IDENTITY);  // -> [B,2 latent]
    return vv_name(t, head, "mu, logvar");
}

static vv_ref decode(struct vv_tape *t, const struct vv_model *model, const vv_ref *w, vv_ref z) {
    (void)model;
    vv_ref h = vv_linear(t, z, w[FC3_WEIGHT], w[FC3_BIAS], VV_RELU);  // [B,latent] -> [B,hidden]
    vv_ref logits = vv_linear(t, h, w[FC4_WEIGHT], w[FC4_BIAS], VV_IDENTITY);  // -> [B,pixels]
    return vv_name(t, logits, "logits");
}

void vv_mlp_make(struct vv_model_size size, struct vv_model *model) {
    *model = (struct vv_model){.kind = "mlp", .size = size, .encode = encode, .decode = decode};
    const uint32_t hidden = size.hidden, latent = size.latent;
    add_layer(model, "fc1.weight", "fc1.bias", hidden, size.pixels);
    uint64_t weight = add_block(model, vv_shape2(2 * latent, hidden));
    uint64_t bias = add_block(model, vv_shape1(2 * latent));
    add_parameter(model, "fc21.weight", vv_shape2(latent, hidden), weight, hidden);
    add_parameter(model, "fc21.bias", vv_shape1(latent), bias, hidden);
    add_parameter(model, "fc22.weight", vv_shape2(latent, hidden), weight + (uint64_t)latent * hidden,
                  hidden);
    add_parameter(model, "fc22.bias", vv_shape1(latent), bias + latent, hidden);
    add_layer(model, "fc3.weight", "fc3.bias", hidden, latent);
    add_layer(model, "fc4.weight", "fc4.bias", size.pixels, hidden);
}
