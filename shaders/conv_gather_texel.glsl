// Convolutions through texel buffers: see conv_gather.glsl.
#include "conv.glsl"
#include "conv_texels.glsl"
#include "conv_gather.glsl"
