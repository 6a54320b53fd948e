#version 450
#extension GL_GOOGLE_include_directive : require
// Four columns an invocation, loaded as image texels.
#define TEXELS
#include "sum_columns.glsl"
