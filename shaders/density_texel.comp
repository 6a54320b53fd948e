#version 450
#extension GL_GOOGLE_include_directive : require
#include "density_texel.glsl"
