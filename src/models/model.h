// Models: which parameters they have and which nodes they append. All parameters of a model live in one
// flat state tensor, so that the optimiser is one dispatch.
#ifndef VV_MODELS_MODEL_H
#define VV_MODELS_MODEL_H

#include "tape.h"

#define VV_MAX_HIDDEN     8
#define VV_MAX_PARAMETERS (4 * VV_MAX_HIDDEN + 6)

// A tensor as the tape computes with it: a range of the flat tensor, starting on 256 bytes.
struct vv_block {
    struct vv_shape shape;
    uint64_t offset;  // elements
};

// A tensor as a checkpoint names it, after PyTorch's textbook module; one block may hold several.
struct vv_parameter {
    char name[16];
    struct vv_shape shape;
    uint64_t offset;  // elements
    uint32_t fan_in;  // inputs of the layer it belongs to: bounds its initial values
};

// The settings that shape a model.
struct vv_model_size {
    uint32_t pixels, latent;
    uint32_t layers, hidden[VV_MAX_HIDDEN];  // widths of the encoder's, from the pictures on
    const char *activation;                  // a name of activation.h
};

struct vv_model {
    const char *kind;
    struct vv_model_size size;
    uint64_t length;  // elements of the flat tensor, gaps included
    uint32_t block_count, parameter_count;
    struct vv_block block[VV_MAX_PARAMETERS];
    struct vv_parameter parameter[VV_MAX_PARAMETERS];
    // x [B,pixels] -> [B,2 latent], mu then logvar;   z [B,latent] -> logits [B,pixels]. `w`: the bound
    // blocks.
    vv_ref (*encode)(struct vv_tape *t, const struct vv_model *model, const vv_ref *w, vv_ref x);
    vv_ref (*decode)(struct vv_tape *t, const struct vv_model *model, const vv_ref *w, vv_ref z);
};

// Lays out the model called `kind` ("mlp"). VV_USAGE: no such model or activation, or sizes that do
// not fit.
bool vv_model_make(struct vv_context *ctx, const char *kind, struct vv_model_size size,
                   struct vv_model *model);

// The blocks of a model as nodes: views of the flat state `params`. w holds VV_MAX_PARAMETERS.
void vv_model_bind(struct vv_tape *t, const struct vv_model *model, struct vv_state *params, vv_ref *w);

// Initial values of all parameters into flat[0..length): uniform on +-1/sqrt(fan_in), PyTorch's default
// for linear layers, weights and biases. Element i of parameter p is a function of (seed, p, i) alone.
void vv_model_initialise(const struct vv_model *model, uint64_t seed, float *flat);

#endif
