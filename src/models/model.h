// Models: which parameters they have and which nodes they append. All parameters of a model live in one
// flat state tensor, so that the optimiser is one dispatch; all running statistics in another.
#ifndef VV_MODELS_MODEL_H
#define VV_MODELS_MODEL_H

#include "tape.h"

#define VV_MAX_HIDDEN 8
#define VV_MAX_BLOCKS 8

// A tensor as the tape computes with it: a range of the flat tensor, starting on 256 bytes.
struct vv_block {
    struct vv_shape shape;
    uint64_t offset;  // elements
    // A bias that the batch normalisation behind it takes away again: its gradient is zero by nature,
    // and only running statistics and what is computed with them know it.
    bool cancelled;
    bool apart;  // no function of the model reads it: its gradient comes from the likelihood
};

// LOG_SIGMA: log 1/4, about the deviation of pixels in [0, 1].
enum vv_initial { VV_INITIAL_UNIFORM, VV_INITIAL_ONES, VV_INITIAL_ZEROS, VV_INITIAL_LOG_SIGMA };

// A tensor as a checkpoint names it, after PyTorch's module; one block may hold several.
//
// A checkpoint has its elements as [outer][channels][spatial][inner], which is the order of `shape`;
// the flat tensor, channels last, as [outer][spatial][channels][inner].
struct vv_parameter {
    char name[64];
    struct vv_shape shape;
    uint64_t offset;  // elements
    uint32_t outer, channels, spatial, inner;
    uint32_t fan_in;  // inputs of the layer it belongs to: bounds uniform initial values
    enum vv_initial initial;
    bool cancelled;  // as its block
};

// The running statistics of a batch normalisation: mean [channels], behind it variance [channels].
struct vv_running {
    char name[64];  // of the layer: a checkpoint has NAME.running_mean, NAME.running_var
    uint32_t channels;
    uint64_t offset;     // elements, in the flat tensor of statistics
    uint64_t positions;  // of a picture, over which its moments are taken
};

// The settings that shape a model. Where a text is NULL, or a number 0, the model has a default of its
// own; vv_model.size has what it took.
struct vv_model_size {
    uint32_t pixels, latent;                 // pixels: height width channels
    uint32_t height, width, channels;        // of a picture; conv and resnet
    uint32_t layers, hidden[VV_MAX_HIDDEN];  // mlp: widths of the encoder's, from the pictures on
    const char *activation;                  // a name of activation.h
    uint32_t stages, stage[VV_MAX_HIDDEN];   // conv, resnet: channels, from the pictures on
    const char *upsample;                    // conv, resnet: "transpose", "nearest"
    const char *norm;                        // conv, resnet: "batch", "group", "none"
    uint32_t blocks;                         // resnet: of a stage
    double dropout;
    const char *likelihood;  // a name of likelihood.h
    uint32_t tokens;         // of a set of text: of its vocabulary; else 0
    char sigma[16];          // see sigma.h; "": the likelihood's own, or it has none
    uint32_t outputs;        // of the decoder, for each pixel: the likelihood's
    uint32_t inputs;         // numbers that the encoder sees of each: the likelihood's, too
    uint32_t shown;          // numbers that a sample has for each
};

struct vv_pass;
struct vv_kl_rule;

struct vv_model {
    const char *kind;
    struct vv_model_size size;
    uint64_t length;      // elements of the flat tensor, gaps included
    uint64_t statistics;  // of the flat tensor of running statistics; 0: there are none
    // Where in the flat tensor the cancelled biases are: each at the offset that the mean of the
    // normalisation behind it has among the statistics, and zeros between them.
    uint64_t cancelled;
    uint32_t block_count, parameter_count, running_count;
    struct vv_block *block;
    struct vv_parameter *parameter;
    struct vv_running *running;
    uint32_t decoder_block, decoder_running;  // the decoder's first
    uint32_t sigma_block;                     // "log_sigma"; 0: there is none
    // x [B,pixels] -> [B,2 latent], mu then logvar;   z [B,latent] -> [B,pixels outputs].
    vv_ref (*encode)(struct vv_pass *pass, vv_ref x);
    vv_ref (*decode)(struct vv_pass *pass, vv_ref z);
};

struct vv_layout;

// Every model there is, and what it takes where nothing is said.
struct vv_model_kind {
    const char *name;
    void (*make)(struct vv_layout *l);  // lays out l->model, whose kind and size are set
    bool convolves;                     // has stages, upsampling and normalisation; else hidden layers
    uint32_t hidden;                    // width of its one hidden layer
    const char *activation, *norm;
    uint32_t blocks;     // of a stage; 0: it has none
    const char *larger;  // the option that makes it too large
};
const struct vv_model_kind *vv_model_kind_find(const char *name);  // NULL: there is no such model

// The names there are, up to a NULL; the first upsampling is every model's default.
extern const char *const vv_model_upsamplings[], *const vv_model_norms[];

// The first of 32, 64, ... that bring the longer side to 2, into stage[]. Returns how many, at least 1.
uint32_t vv_model_stages(uint32_t height, uint32_t width, uint32_t stage[VV_MAX_HIDDEN]);

// Lays out the model called `kind` ("mlp", "conv", "resnet"). VV_USAGE: no such model, activation,
// normalisation or upsampling, or sizes that do not fit.
bool vv_model_make(struct vv_context *ctx, const char *kind, struct vv_model_size size,
                   struct vv_model *model);
void vv_model_finish(struct vv_model *model);  // takes a zeroed one, and one that could not be made

// Whether the likelihood of that name (NULL, "": the first) is one. False: a term that takes its place,
// with which the loss is no ELBO.
bool vv_model_is_density(const char *likelihood);

// What the tapes of a model share.
struct vv_weights {
    struct vv_state *params;   // [model.length]
    struct vv_state *running;  // [model.statistics]; NULL: there are none
};

// Their states in a store, `running` as "running".
bool vv_weights_add(struct vv_store *store, const struct vv_model *model, struct vv_weights *weights);

// Encoding and decoding on one tape.
struct vv_pass {
    struct vv_tape *t;
    const struct vv_model *model;
    vv_ref flat, *w;              // the parameters, and as blocks
    vv_ref running;               // the flat statistics; NULL: there are none
    bool training;                // normalises by the batch, and drops out
    vv_ref clock;                 // while training: of dropout, and of the KL divergence's weight
    uint64_t seed;                // of dropout
    const struct vv_kl_rule *kl;  // while training (objective.h); NULL: the divergence counts as it is
    // While training with an optimal sigma: log sigma of the batch, once the likelihood is appended.
    vv_ref own_sigma;
    vv_ref *moments;  // while training: of the batch, of each normalisation, once it is appended
    uint32_t next_block, next_running, dropouts;  // where the model's functions are
    uint32_t gradient, gradient_end;              // the nodes that are the gradient, once it is appended
};

// Binds a model's weights. The rest is the caller's to set. False: the tape failed.
bool vv_pass_begin(struct vv_pass *pass, struct vv_tape *t, const struct vv_model *model,
                   const struct vv_weights *weights);

// Initial values of all parameters into flat[0..length): uniform on +-1/sqrt(fan_in), PyTorch's default
// for linear layers and convolutions, weights and biases; 1 and 0 for normalisations. Element i of
// parameter p, in a checkpoint's order, is a function of (seed, p, i) alone.
void vv_model_initialise(const struct vv_model *model, uint64_t seed, float *flat);
// Of the running statistics into flat[0..statistics): means 0, variances 1.
void vv_model_initialise_running(const struct vv_model *model, float *flat);

// The elements of one parameter, from the flat tensor's order to a checkpoint's, and back.
void vv_parameter_save(const struct vv_parameter *p, const float *flat, float *values);
void vv_parameter_load(const struct vv_parameter *p, const float *values, float *flat);

// Of a training pass: what the running statistics learn of its batch, as torch.nn.BatchNorm2d has it:
// each mean, with the bias that the pass itself left out, and each unbiased variance.   [statistics]
// `moments` and `unbiased` are states of that size, which it uses; the second holds vv_model_unbiased.
vv_ref vv_pass_statistics(struct vv_pass *pass, struct vv_state *moments, struct vv_state *unbiased);
// What moments over a batch are multiplied with: variances of n values by n / (n - 1). Of one value
// there is no such variance: it stays the biased one, 0. draws: of z for each picture, which the decoder
// has as many rows of.
void vv_model_unbiased(const struct vv_model *model, uint32_t batch, uint32_t draws, float *factors);

#endif
