// FORWARD and INPUT by pixels of the result, PIXELS of them for each lane. The includer defines PIXELS and pixel_of(i),
// the place of the lane's pixel i in the workgroup's tile; start_tap, which is called for each tap; and step4, for
// each four channels of the picture that is read.
//
// INPUT by phases: a pixel's place modulo the stride says which taps hit it, and pixels of one phase read places one
// apart. A workgroup has pixels of one phase, so that it computes no product with a zero between places.
#include "conv_subgroup.glsl"

// What inner loops need: there the driver would gather the push constants anew.
uint source_height, source_width, source_quads, columns, quads, weight_quads, weights_at, phase_h, phase_w;
int source_h[PIXELS], source_w[PIXELS];  // where tap 0 is, but for INPUT's way
uint image_at[PIXELS], result_at[PIXELS], source_at[PIXELS];
bool inside[PIXELS];

void start_tap(uint tap);
void step4(uint quad);

void find_pixels(uint first) {
    uint high = args.out_height, wide = args.out_width;
    if (FORM == FORM_INPUT) {
        high = (args.height - phase_h + args.stride_h - 1) / args.stride_h;
        wide = (args.width - phase_w + args.stride_w - 1) / args.stride_w;
    }
    [[unroll]] for (uint i = 0; i < PIXELS; i++) {
        uvec2 line = divide(first + pixel_of(i), wide), image = divide(line.x, high);
        uint h = image.y, w = line.y;
        image_at[i] = args.base[0] / 4 + min(image.x, args.batch - 1) * source_height * source_width * source_quads;
        if (FORM == FORM_FORWARD) {
            source_h[i] = int(h * args.stride_h) - int(args.pad_h);
            source_w[i] = int(w * args.stride_w) - int(args.pad_w);
        } else {
            source_h[i] = int(h);
            source_w[i] = int(w);
            h = h * args.stride_h + phase_h;
            w = w * args.stride_w + phase_w;
        }
        uint pixel = FORM == FORM_FORWARD ? (image.x * args.out_height + h) * args.out_width + w
                                          : (image.x * args.height + h) * args.width + w;
        uint at = args.base[2] / 4 + pixel * (columns / 4);
        result_at[i] = image.x < args.batch ? at : ~0u;
    }
}

vec4 load_source(uint i, uint quad) {
    vec4 x = load_a(source_at[i] + quad);
    return inside[i] ? x : vec4(0);
}

void add_tap(uint tap, int way_h, int way_w) {
    [[unroll]] for (uint i = 0; i < PIXELS; i++) {
        uint h = uint(source_h[i] + way_h), w = uint(source_w[i] + way_w);
        inside[i] = h < source_height && w < source_width;
        source_at[i] = image_at[i] + (inside[i] ? (h * source_width + w) * source_quads : 0);
    }
    start_tap(tap);
    for (uint quad = 0; quad < source_quads; quad++) step4(quad);
}

// Taps of an axis that hit the phase: every `step`th from `first` on, of which that one reads `way` beyond source_h or
// source_w, and each next one `further` more.
struct taps {
    uint first, step;
    int way, further;
};
taps find_taps(uint phase, uint pad, uint dilation, uint stride, uint step, uint kernel) {
    if (FORM == FORM_FORWARD) return taps(0, 1, 0, int(dilation));
    uint first = 0;  // where phase + pad - first dilation is a multiple of the stride
    while (first < kernel && divide(phase + pad + first * dilation * (stride - 1), stride).y != 0) first++;
    int from = int(phase + pad) - int(first * dilation);
    int way = int(divide(uint(abs(from)), stride).x);
    return taps(first, step, from < 0 ? -way : way, -int(divide(step * dilation, stride).x));
}

void add_taps() {
    uint kernel_h = args.kernel_h, kernel_w = args.kernel_w;
    taps h = find_taps(phase_h, args.pad_h, args.dilation_h, args.stride_h, args.tap_step_h, kernel_h);
    taps w = find_taps(phase_w, args.pad_w, args.dilation_w, args.stride_w, args.tap_step_w, kernel_w);
    int way_h = h.way;
    for (uint i = h.first; i < kernel_h; i += h.step) {
        int way_w = w.way;
        for (uint j = w.first; j < kernel_w; j += w.step) {
            add_tap(i * kernel_w + j, way_h, way_w);
            way_w += w.further;
        }
        way_h += h.further;
    }
}

// Of workgroup `group`, of which each has so many pixels. Neighbours have other phases: these have more or less to do,
// and drivers give each core a run of neighbours. False: there is no such pixel.
bool find_place(uint group, uint pixels) {
    bool forward = FORM == FORM_FORWARD;
    uvec2 tile = forward ? uvec2(group, 0) : divide(group, args.stride_h * args.stride_w);
    uvec2 phase = forward ? uvec2(0) : divide(tile.y, args.stride_w);
    phase_h = phase.x;
    phase_w = phase.y;
    source_height = forward ? args.height : args.out_height;
    source_width = forward ? args.width : args.out_width;
    source_quads = (forward ? args.channels : args.out_channels) / 4;
    columns = forward ? args.out_channels : args.channels;
    quads = args.channels / 4;
    weights_at = args.base[1] / 4;
    weight_quads = args.kernel_h * args.kernel_w * (args.channels / 4);
    if (!forward && (phase_h >= args.height || phase_w >= args.width)) return false;
    find_pixels(tile.x * pixels);
    return true;
}
