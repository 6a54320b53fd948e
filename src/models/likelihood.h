// What a decoder's numbers say of a picture: a density p(x|z), or a term that takes its place.
//
// A likelihood has `outputs` numbers for each element of x, which lie side by side: the decoder gives
// [B, pixels outputs].
#ifndef VV_MODELS_LIKELIHOOD_H
#define VV_MODELS_LIKELIHOOD_H

#include "model.h"

// How well the decoder's numbers fit a batch.
struct vv_fit {
    vv_ref recon;  // -log p(x|z) of each picture, in nats   [B]
    vv_ref d_out;  // with a gradient: that of the mean of recon, of the decoder's numbers
    // With a gradient and a sigma that is learned: the same, of "log_sigma" [1]; else NULL.
    vv_ref d_sigma;
};

// What a likelihood is of: values of pictures, rows of tokens, or counts of words.
enum vv_likelihood_of { VV_OF_PICTURES, VV_OF_ROWS, VV_OF_BAGS };

struct vv_likelihood {
    const char *name;
    enum vv_likelihood_of of;
    uint32_t outputs;     // 0: one for each token of the vocabulary
    bool is_density;      // false: a term that is no logarithm of a density, and no ELBO then
    uint32_t least_side;  // of a picture; 0: any
    bool is_discrete;     // a probability: bits per dimension mean something
    bool of_binary;       // is one where pixels are 0 or 1, and may have such (--binarize)
    // Of a density of density.h: VV_DENSITY_* of abi.h; --sigma where that is not given, NULL: it has
    // none; and whether the best sigma of a batch is known in closed form.
    uint32_t density;
    const char *sigma;
    bool has_optimal;
    // Appends what x [B,pixels] costs. `mean`: 1 / B with a gradient, 0 without.
    struct vv_fit (*fit)(struct vv_pass *pass, vv_ref out, vv_ref x, double mean);
    // What is shown of a picture, and what a sample is: the mean of p(x|z), [B,pixels]; of text the
    // probability of each token, [B,pixels shown].
    vv_ref (*mean)(struct vv_pass *pass, vv_ref out);
    // What the encoder sees of x, [B,pixels inputs]; NULL: x itself.
    vv_ref (*see)(struct vv_pass *pass, vv_ref x);
};

// NULL: the first one, bernoulli. Returns NULL where none is called so.
const struct vv_likelihood *vv_likelihood_find(const char *name);
// Their names, with commas between.
void vv_likelihood_list(char *text, size_t size);
const struct vv_likelihood *vv_likelihood_of(const struct vv_model *model);

// x [B,pixels] -> [B,2 latent]: what the model's encoder makes of what it sees of x.
vv_ref vv_pass_encode(struct vv_pass *pass, vv_ref x);

#endif
