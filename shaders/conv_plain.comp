#version 450
#extension GL_GOOGLE_include_directive : require
// Convolutions for any device and any number of channels: each invocation makes one result.
#include "conv.glsl"

layout(binding = 0) readonly buffer A { float a[]; };
layout(binding = 1) readonly buffer B { float b[]; };

uint x_at(uint image, uint h, uint w) { return ((image * args.height + h) * args.width + w) * args.channels; }
uint y_at(uint image, uint h, uint w) {
    return ((image * args.out_height + h) * args.out_width + w) * args.out_channels;
}

// Inputs x, w; result y.
float forward(uint index) {
    uint o = index % args.out_channels, pixel = index / args.out_channels;
    uint ow = pixel % args.out_width, oh = pixel / args.out_width % args.out_height;
    uint image = pixel / args.out_width / args.out_height;
    float sum = 0;
    for (uint i = 0; i < args.kernel_h; i++) {
        uint h = oh * args.stride_h + i * args.dilation_h - args.pad_h;  // at least 2^31 above the picture
        for (uint j = 0; j < args.kernel_w; j++) {
            uint w = ow * args.stride_w + j * args.dilation_w - args.pad_w;
            if (h >= args.height || w >= args.width) continue;
            uint at_a = args.base[0] + x_at(image, h, w);
            uint at_b = args.base[1] + ((o * args.kernel_h + i) * args.kernel_w + j) * args.channels;
            for (uint c = 0; c < args.channels; c++) sum += a[at_a + c] * b[at_b + c];
        }
    }
    return WITH_BIAS ? sum + bias[args.base[3] + o] : sum;
}

// The place whose tap lies over x, none: ~0.
uint place(uint x, uint tap, uint stride) { return x < tap || (x - tap) % stride != 0 ? ~0u : (x - tap) / stride; }

// Inputs y, w; result x.
float input_gradient(uint index) {
    uint c = index % args.channels, pixel = index / args.channels;
    uint w = pixel % args.width, h = pixel / args.width % args.height, image = pixel / args.width / args.height;
    float sum = 0;
    for (uint i = 0; i < args.kernel_h; i++) {
        uint oh = place(h + args.pad_h, i * args.dilation_h, args.stride_h);
        for (uint j = 0; j < args.kernel_w; j++) {
            uint ow = place(w + args.pad_w, j * args.dilation_w, args.stride_w);
            if (oh >= args.out_height || ow >= args.out_width) continue;
            uint at_a = args.base[0] + y_at(image, oh, ow);
            uint at_b = args.base[1] + (i * args.kernel_w + j) * args.channels + c;
            for (uint o = 0; o < args.out_channels; o++)
                sum += a[at_a + o] * b[at_b + o * args.kernel_h * args.kernel_w * args.channels];
        }
    }
    return WITH_BIAS ? sum + bias[args.base[3] + c] : sum;
}

// Inputs x, y; result w. Each row of a picture is a sum of its own first: less is lost to rounding. Rows may be split
// into parts, as in conv_weight.glsl.
float weight_gradient(uint index, uint first) {
    uint c = index % args.channels, tap = index / args.channels;
    uint j = tap % args.kernel_w, i = tap / args.kernel_w % args.kernel_h, o = tap / args.kernel_w / args.kernel_h;
    float sum = 0;
    for (uint row = first; row < min(first + args.part, args.batch * args.out_height); row++) {
        uint image = row / args.out_height, oh = row % args.out_height;
        uint h = oh * args.stride_h + i * args.dilation_h - args.pad_h;
        if (h >= args.height) continue;
        float part = 0;
        for (uint ow = 0; ow < args.out_width; ow++) {
            uint w = ow * args.stride_w + j * args.dilation_w - args.pad_w;
            if (w < args.width)
                part += a[args.base[0] + x_at(image, h, w) + c] * b[args.base[1] + y_at(image, oh, ow) + o];
        }
        sum += part;
    }
    return sum;
}

// But for parts.
uint results() {
    if (FORM == FORM_FORWARD) return args.batch * args.out_height * args.out_width * args.out_channels;
    if (FORM == FORM_INPUT) return args.batch * args.height * args.width * args.channels;
    return args.out_channels * args.kernel_h * args.kernel_w * args.channels;
}

void main() {
    uint at = flat_index(), index = at, first = 0;
    if (FORM == FORM_WEIGHT) {
        first = at / results() * args.part;
        index = at % results();
        if (first >= args.batch * args.out_height) return;
    } else if (index >= results()) {
        return;
    }
    result[args.base[2] + at] = FORM == FORM_FORWARD ? forward(index)
                                : FORM == FORM_INPUT ? input_gradient(index)
                                                     : weight_gradient(index, first);
}
