// Ops that draw from the counter-based generator: the same bits on every device.
#ifndef VV_OPS_RANDOM_H
#define VV_OPS_RANDOM_H

#include "tape.h"

// y = x / (1 - p) where the element is kept, else 0 (inverted dropout, as torch.nn.Dropout); x [B,..].
// Element d of row r is kept or not by a function of (seed, stream, layer, step, first + r, d) alone,
// step and first being those of the clock's row in force. 0 <= p < 1. Its gradient is itself, of dy.
vv_ref vv_dropout(struct vv_tape *t, vv_ref x, vv_ref clock, double p, uint64_t seed, uint32_t layer);

// Chances that each picture of a batch is changed by before it is trained on.
struct vv_augment {
    bool flip, vertical_flip;    // each with chance 1/2
    uint32_t shift;              // up to so many pixels along each side; what comes in repeats the edge
    float brightness, contrast;  // up to so much, added, or multiplied around 0.5, the middle value
    float noise;                 // standard deviation
};
#define VV_AUGMENT_MAX_SHIFT 32767

// x [B, H W C] as x [B,H,W,C], in [0, 1] before and after. All draws are functions of (seed, step,
// first + row): neither how an epoch is split into batches nor a resumed run changes them.
vv_ref vv_augmented(struct vv_tape *t, vv_ref x, vv_ref clock, uint32_t height, uint32_t width,
                    uint32_t channels, const struct vv_augment *augment, uint64_t seed);

// y = 1 with chance x, else 0, for x in [0, 1]; x, y: f32 [B,D]. Element d of row r is a function of
// (seed, step, first + r, d).
vv_ref vv_binarized(struct vv_tape *t, vv_ref x, vv_ref clock, uint64_t seed);

extern const struct vv_op vv_op_dropout, vv_op_augmented, vv_op_binarized;

#endif
