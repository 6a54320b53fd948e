#version 450
#extension GL_GOOGLE_include_directive : require
// blur.comp that loads image texels.
#define TEXEL
#include "blur.glsl"
