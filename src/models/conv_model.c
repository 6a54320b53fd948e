#include "conv_model.h"

#include <stdio.h>

#include "layers.h"

#define NAME_ROOM 32

// What `name` is called as the modules of an nn.Sequential are: the number of each in it.
static void lay_unit(struct vv_layout *l, const char *name, struct vv_conv_layout conv,
                     struct vv_extent to, uint32_t *number) {
    const struct vv_model_size *size = &l->model->size;
    char text[NAME_ROOM + 16];
    if (conv.resize == VV_RESIZE_DOUBLE && vv_is_nearest(size)) (*number)++;
    conv.norm_follows = true;
    (void)snprintf(text, sizeof text, "%s.%u", name, (*number)++);
    vv_lay_conv(l, text, conv);
    if (vv_has_norm(size)) {
        (void)snprintf(text, sizeof text, "%s.%u", name, (*number)++);
        vv_lay_norm(l, text, conv.outputs, (uint64_t)to.height * to.width);
    }
    (*number)++;  // the activation
}

static vv_ref pass_unit(struct vv_pass *p, vv_ref x, enum vv_resize resize, struct vv_extent to) {
    return vv_pass_norm(p, vv_pass_conv(p, x, resize, to));
}

static vv_ref encode(struct vv_pass *p, vv_ref x) {
    const struct vv_model_size *size = &p->model->size;
    vv_pass_encoder(p);
    x = vv_pass_pictures(p, x);  // [B,H,W,C]
    for (uint32_t i = 0; i < size->stages; i++)
        x = vv_pass_dropout(p, pass_unit(p, x, VV_RESIZE_HALVE, vv_extent_at(size, i + 1)));
    return vv_pass_heads(p, x);
}

static vv_ref decode(struct vv_pass *p, vv_ref z) {
    const struct vv_model_size *size = &p->model->size;
    const uint32_t last = size->stages - 1;
    vv_pass_decoder(p);
    vv_ref x = vv_pass_decoder_input(p, z, size->stage[last], vv_extent_at(size, size->stages));
    for (uint32_t i = last; i > 0; i--)
        x = vv_pass_dropout(p, pass_unit(p, x, VV_RESIZE_DOUBLE, vv_extent_at(size, i)));
    x = pass_unit(p, x, VV_RESIZE_DOUBLE, vv_extent_at(size, 0));
    x = vv_pass_conv(p, x, VV_RESIZE_NONE, vv_extent_at(size, 0));
    return vv_pass_logits(p, x);
}

static void lay_encoder(struct vv_layout *l) {
    const struct vv_model_size *size = &l->model->size;
    uint32_t inputs = size->channels;
    for (uint32_t i = 0; i < size->stages; i++) {
        const struct vv_conv_layout conv = {
            .inputs = inputs, .outputs = size->stage[i], .resize = VV_RESIZE_HALVE};
        char name[NAME_ROOM];
        uint32_t number = 0;
        (void)snprintf(name, sizeof name, "encoder.%u", i);
        lay_unit(l, name, conv, vv_extent_at(size, i + 1), &number);
        inputs = conv.outputs;
    }
    vv_lay_heads(l, inputs, vv_extent_at(size, size->stages));
}

static void lay_decoder(struct vv_layout *l) {
    const struct vv_model_size *size = &l->model->size;
    const uint32_t last = size->stages - 1;
    char name[NAME_ROOM];
    uint32_t number = 0;
    vv_lay_decoder(l);
    vv_lay_decoder_input(l, size->stage[last], vv_extent_at(size, size->stages));
    for (uint32_t i = last; i > 0; i--, number = 0) {
        const struct vv_conv_layout conv = {
            .inputs = size->stage[i], .outputs = size->stage[i - 1], .resize = VV_RESIZE_DOUBLE};
        (void)snprintf(name, sizeof name, "decoder.%u", last - i);
        lay_unit(l, name, conv, vv_extent_at(size, i), &number);
    }
    const struct vv_conv_layout conv = {
        .inputs = size->stage[0], .outputs = size->stage[0], .resize = VV_RESIZE_DOUBLE};
    lay_unit(l, "final_layer", conv, vv_extent_at(size, 0), &number);
    (void)snprintf(name, sizeof name, "final_layer.%u", number);
    vv_lay_conv(
        l, name,
        (struct vv_conv_layout){.inputs = size->stage[0], .outputs = size->channels * size->outputs});
}

void vv_conv_make(struct vv_layout *l) {
    l->model->encode = encode;
    l->model->decode = decode;
    lay_encoder(l);
    lay_decoder(l);
}
