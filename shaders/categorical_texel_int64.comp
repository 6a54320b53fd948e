#version 450
#extension GL_GOOGLE_include_directive : require
// categorical_texel.comp with stores of 64-bit words: see stored.glsl.
#define INT64
#include "categorical_texel.glsl"
