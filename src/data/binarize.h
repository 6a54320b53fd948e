// Pixels drawn to be 0 or 1, with their value as the chance of 1: what makes a Bernoulli likelihood of
// grey pictures one of binary data (Salakhutdinov & Murray 2008).
#ifndef VV_DATA_BINARIZE_H
#define VV_DATA_BINARIZE_H

#include <stdbool.h>
#include <stdint.h>

// The draw of a set: pixel i of picture p is a function of (seed, half, p, i) alone, however the set is
// read.
struct vv_binarize {
    bool on;
    uint64_t seed;
    uint32_t half;  // 0: what is trained on, 1: what is tested on
};

// Number `picture` of its half: `count` bytes, of which 0 or 255 is made; or floats from 0 to 1. What is
// written is not read: it may be memory of a device.
void vv_binarize_bytes(const struct vv_binarize *draw, uint32_t picture, const unsigned char *from,
                       unsigned char *to, uint32_t count);
void vv_binarize_floats(const struct vv_binarize *draw, uint32_t picture, const float *from, float *to,
                        uint32_t count);

#endif
