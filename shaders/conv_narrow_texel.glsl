// Convolutions through texel buffers: see conv_narrow.glsl.
#include "conv.glsl"
#include "conv_texels.glsl"
#include "conv_narrow.glsl"
