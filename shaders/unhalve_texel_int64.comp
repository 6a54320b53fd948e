#version 450
#extension GL_GOOGLE_include_directive : require
// unhalve_texel.comp with stores of 64-bit words: see stored.glsl.
#define TEXEL
#define INT64
#include "unhalve.glsl"
