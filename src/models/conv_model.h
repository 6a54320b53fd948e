// A stack of convolutions, and its mirror image.
#ifndef VV_MODELS_CONV_MODEL_H
#define VV_MODELS_CONV_MODEL_H

#include "layout.h"

// As VanillaVAE of PyTorch-VAE (A. K. Subramanian, 2020), for any size of picture, with logits for the
// Bernoulli likelihood in place of its tanh. A unit is a convolution of 3 x 3, a normalisation and an
// activation:
//
// encoder.i         a unit of stride 2 for each stage
// fc_mu, fc_var     [B,2 latent]
// decoder_input     back to the last stage's pictures
// decoder.i         a transposed unit of stride 2 for each stage but the first
// final_layer       the same for the first, and a convolution to the picture's channels
void vv_conv_make(struct vv_layout *l);

#endif
