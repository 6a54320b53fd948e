// halve.comp on image texels of four words.
#version 450
#extension GL_GOOGLE_include_directive : require
#define TEXEL
#include "halve.glsl"
