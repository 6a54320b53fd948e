#version 450
#extension GL_GOOGLE_include_directive : require
// gather_rows.comp with stores of 64-bit words: see stored.glsl.
#define INT64
#include "gather_rows.glsl"
