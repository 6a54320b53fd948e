// unary.comp on four elements an invocation, loaded as image texels.   ops/launches.c
#include "common.glsl"
#include "stored.glsl"
#include "unary.glsl"

layout(rgba32f, binding = 0) readonly uniform imageBuffer x;
layout(std430, binding = 1) writeonly buffer Y { STORED y[]; };

void main() {
    uint i = flat_index();
    if (i >= args.n) return;
    y[args.base[1] / 4 + i] = stored(apply_wide(imageLoad(x, int(args.base[0] / 4 + i))));
}
