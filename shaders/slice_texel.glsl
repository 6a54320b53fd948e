// slice.comp and pad.comp on image texels: each row of the result is `OUT` elements of one of `IN`, from element SHIFT
// on, zeros where that has none.   ops/slice.c
#include "common.glsl"
#include "stored.glsl"

layout(constant_id = 1) const bool FEW = false;  // see below
layout(constant_id = 2) const uint IN = 1;
layout(constant_id = 3) const uint OUT = 1;
layout(constant_id = 4) const int SHIFT = 0;

layout(push_constant) uniform Args { vv_args_unary args; };
layout(rgba32f, binding = 0) readonly uniform imageBuffer x;
layout(std430, binding = 1) writeonly buffer Y { STORED y[]; };

// Four rows an invocation: they are whole texels, however few elements a row has (8 at most).
void few(uint at) {
    vec4 from[8];
    for (uint k = 0; k < IN; k++) from[k] = imageLoad(x, int(args.base[0] / 4 + at * IN + k));
    for (uint k = 0; k < OUT; k++) {
        vec4 to;
        for (uint c = 0; c < 4; c++) {
            uint i = 4 * k + c, row = i / OUT;
            int column = int(i % OUT) + SHIFT;
            uint place = row * IN + uint(column);
            to[c] = column >= 0 && column < int(IN) ? from[place / 4][place % 4] : 0.0;
        }
        y[args.base[1] / 4 + at * OUT + k] = stored(to);
    }
}

// Rows of whole texels, one of the result an invocation.
void many(uint at) {
    uint row = at / (OUT / 4);
    int column = int(at % (OUT / 4)) + SHIFT / 4;
    vec4 value = vec4(0.0);
    if (column >= 0 && column < int(IN / 4))
        value = imageLoad(x, int(args.base[0] / 4 + row * (IN / 4)) + column);
    y[args.base[1] / 4 + at] = stored(value);
}

void main() {
    uint i = flat_index();
    if (i >= args.n) return;
    if (FEW)
        few(i);
    else
        many(i);
}
