// categorical.comp on four logits at a time, loaded as image texels.   ops/categorical.c
#include "common.glsl"
#include "stored.glsl"
#define UNIT 4
#include "categorical.glsl"

layout(rgba32f, binding = 0) readonly uniform imageBuffer logits;
layout(std430, binding = 2) writeonly buffer Y { STORED y[]; };

vec4 read(uint i) { return imageLoad(logits, int(args.base[0] / 4 + i)); }
float logit(uint at) { return read(at / 4)[at % 4]; }
float largest(uint i) {
    vec4 l = read(i);
    return max(max(l.x, l.y), max(l.z, l.w));
}
void add(uint i, float m, inout vec4 sums) {
    vec4 d = read(i) - m;
    sums += (terms(d.x, 4 * i) + terms(d.y, 4 * i + 1)) + (terms(d.z, 4 * i + 2) + terms(d.w, 4 * i + 3));
}
void put(uint i, float m, float s, float n) {
    vec4 d = read(i) - m;
    y[args.base[2] / 4 + i] = stored(vec4(slope(d.x, s, n, 4 * i), slope(d.y, s, n, 4 * i + 1),
                                          slope(d.z, s, n, 4 * i + 2), slope(d.w, s, n, 4 * i + 3)));
}
