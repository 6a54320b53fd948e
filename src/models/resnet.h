// Residual blocks, and their mirror image.
#ifndef VV_MODELS_RESNET_H
#define VV_MODELS_RESNET_H

#include "layout.h"

// Residual networks with the activation in front (He et al. 2016, "Identity mappings in deep residual
// networks"), normalised over groups (Wu & He 2018), halved and doubled by convolutions.
//
// stem                a convolution to the first stage's channels
// encoder.i.0         a convolution of stride 2, for each stage
// encoder.i.j         its blocks, from 1 on: x + conv2(f(norm2(conv1(f(norm1(x))))))
// encoder_norm        and f; then fc_mu, fc_var
// decoder_input       back to the last stage's pictures
// decoder.i.j         the blocks of a stage, from 0 on, the last stage first
// decoder.i.blocks    the transposed convolution of stride 2 behind them; one later with upsample
// nearest final_norm          and f; then final_conv, to the picture's channels
void vv_resnet_make(struct vv_layout *l);

#endif
