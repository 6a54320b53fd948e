// One logit at a time: see categorical.glsl.   ops/categorical.c
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#define UNIT 1
#include "categorical.glsl"

layout(std430, binding = 0) readonly buffer Logits { float logits[]; };  // [rows,per_row,classes]
layout(std430, binding = 2) writeonly buffer Y { float y[]; };           // GRADIENT: as the logits

float logit(uint at) { return logits[args.base[0] + at]; }
float largest(uint i) { return logit(i); }
void add(uint i, float m, inout vec4 sums) { sums += terms(logit(i) - m, i); }
void put(uint i, float m, float s, float n) { y[args.base[2] + i] = slope(logit(i) - m, s, n, i); }
