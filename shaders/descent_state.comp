#version 450
#extension GL_GOOGLE_include_directive : require
// descent.glsl with a moment.
#define STATE
#include "descent.glsl"
