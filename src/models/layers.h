// The layers that convolutional models are built of: for each a function that lays it out, and one that
// appends it. Both are called in the same order. Channels are last: x [B,H,W,C].
#ifndef VV_MODELS_LAYERS_H
#define VV_MODELS_LAYERS_H

#include "layout.h"

// Height and width of a picture after `level` halvings, each rounded up.
struct vv_extent {
    uint32_t height, width;
};
struct vv_extent vv_extent_at(const struct vv_model_size *size, uint32_t level);

// Convolutions of 3 x 3, pad 1. HALVE has stride 2; DOUBLE is transposed, with stride 2, or, with
// upsample nearest, one behind an upsampling.
enum vv_resize { VV_RESIZE_NONE, VV_RESIZE_HALVE, VV_RESIZE_DOUBLE };

// `norm_follows`: a normalisation directly behind it, laid out next.
struct vv_conv_layout {
    uint32_t inputs, outputs;
    enum vv_resize resize;
    bool norm_follows;
};
void vv_lay_conv(struct vv_layout *l, const char *name, struct vv_conv_layout conv);
// to: of a doubled picture; else not looked at.
vv_ref vv_pass_conv(struct vv_pass *p, vv_ref x, enum vv_resize resize, struct vv_extent to);

// The model's normalisation, and its activation behind it; there may be none. positions: of a picture.
void vv_lay_norm(struct vv_layout *l, const char *name, uint32_t channels, uint64_t positions);
vv_ref vv_pass_norm(struct vv_pass *p, vv_ref x);
// Of channels that are normalised: the most groups of at least four, up to 32 (Wu & He 2018), that part
// them equally.
uint32_t vv_norm_groups(uint32_t channels);
// Whether the model normalises.
bool vv_has_norm(const struct vv_model_size *size);
bool vv_is_nearest(const struct vv_model_size *size);

// Behind a stage's activation, while training.
vv_ref vv_pass_dropout(struct vv_pass *p, vv_ref x);

// fc_mu and fc_var, one block: x [B,H,W,C] -> [B,2 latent].
void vv_lay_heads(struct vv_layout *l, uint32_t channels, struct vv_extent at);
vv_ref vv_pass_heads(struct vv_pass *p, vv_ref x);
// decoder_input: z [B,latent] -> [B,H,W,C].
void vv_lay_decoder_input(struct vv_layout *l, uint32_t channels, struct vv_extent at);
vv_ref vv_pass_decoder_input(struct vv_pass *p, vv_ref z, uint32_t channels, struct vv_extent at);

// x [B,pixels] as pictures, and back.
vv_ref vv_pass_pictures(struct vv_pass *p, vv_ref x);
vv_ref vv_pass_logits(struct vv_pass *p, vv_ref x);

// The encoder begins, or the decoder.
void vv_pass_encoder(struct vv_pass *p);
void vv_pass_decoder(struct vv_pass *p);
// While it is laid out: what comes is the decoder's.
void vv_lay_decoder(struct vv_layout *l);

#endif
