// Convolutions through texel buffers: see conv_weight.glsl.
#include "conv.glsl"
#include "conv_texels.glsl"
#include "conv_weight.glsl"
