#version 450
#extension GL_GOOGLE_include_directive : require
#include "categorical_texel.glsl"
