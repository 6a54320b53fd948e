#version 450
#extension GL_GOOGLE_include_directive : require
// Through storage buffers: see conv_gather.glsl.
#include "conv.glsl"
#include "conv_buffers.glsl"
#include "conv_gather.glsl"
