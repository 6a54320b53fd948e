#version 450
#extension GL_GOOGLE_include_directive : require
// matmul_subgroup_texel.comp with stores of 64-bit words where they are of vec4s: see stored.glsl.
#define INT64
#include "matmul_subgroup_texel.glsl"
