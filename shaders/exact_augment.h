// How a picture is changed before it is trained on: one source for kernel and reference, the same bits
// everywhere (see exact.h).
#ifndef VV_EXACT_AUGMENT_H
#define VV_EXACT_AUGMENT_H

#include "abi.h"
#include "exact.h"

#ifdef VULKAN
#define VV_AS_INT(x)  int(x)
#define VV_AS_WORD(x) uint(x)
#else
#define VV_AS_INT(x)  ((int32_t)(x))
#define VV_AS_WORD(x) ((vv_word)(x))
#define precise
typedef struct vv_change vv_change;
typedef struct vv_args_augment vv_args_augment;
#endif

// What was drawn for one picture.
struct vv_change {
    vv_word flips;    // bit 0: left to right, bit 1: upside down
    int down, right;  // shifts
    float scale, shift;
};

// Uniform on the whole numbers from -most to most (most < 2^15).
VV_FN int vv_draw_shift(vv_word word, vv_word most) {
    return VV_AS_INT(((word >> 16) * (2u * most + 1u)) >> 16) - VV_AS_INT(most);
}

// Uniform on [-most, most).
VV_FN float vv_draw_amount(vv_word word, float most) {
    precise float u = 2.0f * vv_uniform(word) - 1.0f;
    precise float amount = u * most;
    return amount;
}

// The change of the picture that is sample `item`: two blocks of the generator.
VV_FN vv_change vv_draw_change(vv_args_augment args, vv_word item, vv_word step) {
    vv_words place = vv_random4(0u, item, step, VV_STREAM_AUGMENT, args.seed_low, args.seed_high);
    vv_words value = vv_random4(1u, item, step, VV_STREAM_AUGMENT, args.seed_low, args.seed_high);
    vv_change change;
    change.flips = ((place.x >> 31) | (place.y >> 31) << 1) & args.flips;
    change.down = vv_draw_shift(place.z, args.shift);
    change.right = vv_draw_shift(place.w, args.shift);
    precise float scale = 1.0f + vv_draw_amount(value.y, args.contrast);
    change.scale = scale;
    change.shift = vv_draw_amount(value.x, args.brightness);
    return change;
}

// The row (or column) of the picture that row `at` of the changed one shows: that of the flipped
// picture, shifted by `by`, whose edges are repeated.
VV_FN vv_word vv_source(vv_word at, int by, vv_word size, bool flipped) {
    int place = VV_AS_INT(at) - by, last = VV_AS_INT(size) - 1;
    place = place < 0 ? 0 : place;
    place = place > last ? last : place;
    return VV_AS_WORD(flipped ? last - place : place);
}

// z, standard normal, with another deviation.
VV_FN float vv_scaled(float z, float deviation) {
    precise float noise = z * deviation;
    return noise;
}

// A value after contrast and brightness, with noise added, in [0, 1].
VV_FN float vv_changed(float x, float scale, float shift, float noise) {
    precise float y = (x - 0.5f) * scale + 0.5f;
    y = y + shift + noise;
    y = y < 0.0f ? 0.0f : y;
    y = y > 1.0f ? 1.0f : y;
    return y;
}

#ifndef VULKAN
#undef precise
#endif

#endif
