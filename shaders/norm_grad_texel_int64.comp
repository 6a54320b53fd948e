#version 450
#extension GL_GOOGLE_include_directive : require
// norm_grad_texel.comp with stores of 64-bit words: see stored.glsl.
#define TEXELS
#define INT64
#include "norm_grad.glsl"
