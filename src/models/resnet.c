#include "resnet.h"

#include <stdio.h>

#include "elementwise.h"
#include "layers.h"

#define NAME_ROOM 32

// ---- A block ----

static void lay_block(struct vv_layout *l, const char *name, uint32_t channels, struct vv_extent at) {
    const uint64_t positions = (uint64_t)at.height * at.width;
    for (uint32_t i = 1; i <= 2; i++) {
        char text[NAME_ROOM + 16];
        (void)snprintf(text, sizeof text, "%s.norm%u", name, i);
        vv_lay_norm(l, text, channels, positions);
        (void)snprintf(text, sizeof text, "%s.conv%u", name, i);
        vv_lay_conv(
            l, text,
            (struct vv_conv_layout){.inputs = channels, .outputs = channels, .norm_follows = i == 1});
    }
}

static vv_ref pass_block(struct vv_pass *p, vv_ref x, struct vv_extent at) {
    vv_ref h = vv_pass_conv(p, vv_pass_norm(p, x), VV_RESIZE_NONE, at);
    h = vv_pass_dropout(p, vv_pass_norm(p, h));
    return vv_add(p->t, x, vv_pass_conv(p, h, VV_RESIZE_NONE, at));
}

// ---- Encoder and decoder ----

static vv_ref encode(struct vv_pass *p, vv_ref x) {
    const struct vv_model_size *size = &p->model->size;
    vv_pass_encoder(p);
    x = vv_pass_conv(p, vv_pass_pictures(p, x), VV_RESIZE_NONE, vv_extent_at(size, 0));
    for (uint32_t i = 0; i < size->stages; i++) {
        const struct vv_extent at = vv_extent_at(size, i + 1);
        x = vv_pass_conv(p, x, VV_RESIZE_HALVE, at);
        for (uint32_t k = 0; k < size->blocks; k++) x = pass_block(p, x, at);
    }
    return vv_pass_heads(p, vv_pass_norm(p, x));
}

static vv_ref decode(struct vv_pass *p, vv_ref z) {
    const struct vv_model_size *size = &p->model->size;
    vv_pass_decoder(p);
    vv_ref x =
        vv_pass_decoder_input(p, z, size->stage[size->stages - 1], vv_extent_at(size, size->stages));
    for (uint32_t i = size->stages; i-- > 0;) {
        for (uint32_t k = 0; k < size->blocks; k++) x = pass_block(p, x, vv_extent_at(size, i + 1));
        x = vv_pass_conv(p, x, VV_RESIZE_DOUBLE, vv_extent_at(size, i));
    }
    x = vv_pass_conv(p, vv_pass_norm(p, x), VV_RESIZE_NONE, vv_extent_at(size, 0));
    return vv_pass_logits(p, x);
}

static void lay_encoder(struct vv_layout *l) {
    const struct vv_model_size *size = &l->model->size;
    struct vv_conv_layout conv = {.inputs = size->channels, .outputs = size->stage[0]};
    struct vv_extent at = vv_extent_at(size, 0);
    char name[NAME_ROOM];
    vv_lay_conv(l, "stem", conv);
    conv.resize = VV_RESIZE_HALVE;
    for (uint32_t i = 0; i < size->stages; i++) {
        conv.inputs = conv.outputs;
        conv.outputs = size->stage[i];
        at = vv_extent_at(size, i + 1);
        (void)snprintf(name, sizeof name, "encoder.%u.0", i);
        vv_lay_conv(l, name, conv);
        for (uint32_t k = 1; k <= size->blocks; k++) {
            (void)snprintf(name, sizeof name, "encoder.%u.%u", i, k);
            lay_block(l, name, conv.outputs, at);
        }
    }
    vv_lay_norm(l, "encoder_norm", conv.outputs, (uint64_t)at.height * at.width);
    vv_lay_heads(l, conv.outputs, at);
}

static void lay_decoder(struct vv_layout *l) {
    const struct vv_model_size *size = &l->model->size;
    const uint32_t last = size->stages - 1;
    char name[NAME_ROOM];
    vv_lay_decoder(l);
    vv_lay_decoder_input(l, size->stage[last], vv_extent_at(size, size->stages));
    for (uint32_t i = size->stages; i-- > 0;) {
        uint32_t number = 0;
        for (; number < size->blocks; number++) {
            (void)snprintf(name, sizeof name, "decoder.%u.%u", last - i, number);
            lay_block(l, name, size->stage[i], vv_extent_at(size, i + 1));
        }
        (void)snprintf(name, sizeof name, "decoder.%u.%u", last - i, number + vv_is_nearest(size));
        vv_lay_conv(l, name,
                    (struct vv_conv_layout){.inputs = size->stage[i],
                                            .outputs = size->stage[i ? i - 1 : 0],
                                            .resize = VV_RESIZE_DOUBLE,
                                            .norm_follows = i == 0});
    }
    const struct vv_extent at = vv_extent_at(size, 0);
    vv_lay_norm(l, "final_norm", size->stage[0], (uint64_t)at.height * at.width);
    vv_lay_conv(
        l, "final_conv",
        (struct vv_conv_layout){.inputs = size->stage[0], .outputs = size->channels * size->outputs});
}

void vv_resnet_make(struct vv_layout *l) {
    l->model->encode = encode;
    l->model->decode = decode;
    lay_encoder(l);
    lay_decoder(l);
}
