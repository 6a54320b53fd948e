#version 450
#extension GL_GOOGLE_include_directive : require
// Four columns an invocation.
#define WIDE
#include "sum_columns.glsl"
