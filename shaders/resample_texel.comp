#version 450
#extension GL_GOOGLE_include_directive : require
// resample.comp that loads image texels.
#define TEXEL
#include "resample.glsl"
