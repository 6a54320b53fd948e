#version 450
#extension GL_GOOGLE_include_directive : require
#include "sum_columns.glsl"
