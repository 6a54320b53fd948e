// Between pictures and ones of half their size. An invocation has one coarse pixel, which goes with 2 x 2 fine ones,
// fewer at an odd edge.   ops/resample.c
#include "common.glsl"
#include "stored.glsl"

layout(constant_id = 1) const uint FUNCTION = 0;  // 0 upsample, 1 its gradient, 2 average pool, 3 its gradient
layout(constant_id = 2) const bool WIDE = false;  // four channels an invocation
layout(constant_id = 3) const uint HEIGHT = 1;    // of the coarse picture
layout(constant_id = 4) const uint WIDTH = 1;
layout(constant_id = 5) const uint CHANNELS = 1;  // or fours of them
layout(constant_id = 6) const uint ODD = 0;       // bit 0: the fine width is, bit 1: the fine height

layout(push_constant) uniform Args { vv_args_unary args; };
#ifdef TEXEL
layout(rgba32f, binding = 0) readonly uniform imageBuffer x_texels;
#else
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 0) readonly buffer XWide { vec4 x_wide[]; };
#endif
layout(std430, binding = 1) writeonly buffer Y { float y[]; };
layout(std430, binding = 1) writeonly buffer YWide { STORED y_wide[]; };

vec4 load(uint at) {
#ifdef TEXEL
    return imageLoad(x_texels, int(args.base[0] / 4 + at));
#else
    return WIDE ? x_wide[args.base[0] / 4 + at] : vec4(x[args.base[0] + at]);
#endif
}

void store(uint at, vec4 value) {
    if (WIDE)
        y_wide[args.base[1] / 4 + at] = stored(value);
    else
        y[args.base[1] + at] = value.x;
}

void main() {
    uint at = flat_index();
    if (at >= args.n) return;
    uint pixel = at / CHANNELS, c = at % CHANNELS, line = pixel / WIDTH;
    uint j = pixel % WIDTH, i = line % HEIGHT, b = line / HEIGHT;
    bool right = (ODD & 1) == 0 || j + 1 < WIDTH, below = (ODD & 2) == 0 || i + 1 < HEIGHT;
    uint fine_width = 2 * WIDTH - (ODD & 1), fine_height = 2 * HEIGHT - (ODD >> 1);
    uint first = ((b * fine_height + 2 * i) * fine_width + 2 * j) * CHANNELS + c;
    uint second = first + fine_width * CHANNELS;
    float share = FUNCTION < 2 ? 1.0 : (right ? 0.5 : 1.0) * (below ? 0.5 : 1.0);
    if (FUNCTION == 0 || FUNCTION == 3) {
        vec4 value = load(at) * share;
        store(first, value);
        if (right) store(first + CHANNELS, value);
        if (below) store(second, value);
        if (right && below) store(second + CHANNELS, value);
    } else {
        vec4 value = load(first);
        if (right) value += load(first + CHANNELS);
        if (below) value += right ? load(second) + load(second + CHANNELS) : load(second);
        store(at, value * share);
    }
}
