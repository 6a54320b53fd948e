// Noise: standard normals from a counter, the same bits on every device.
#ifndef VV_OPS_NOISE_H
#define VV_OPS_NOISE_H

#include "tape.h"

// eps[rows,columns] ~ N(0,1), f32. Element (r, c) is a function of (seed, stream, step, first + r, c)
// alone, where step and first are those of the row in force of `clock` (a [VV_CLOCK_WORDS] u32 state,
// abi.h).
vv_ref vv_noise(struct vv_tape *t, vv_ref clock, uint32_t rows, uint32_t columns, uint64_t seed,
                uint32_t stream);

// The same on the host, for one element.
float vv_noise_at(uint64_t seed, uint32_t stream, uint32_t step, uint32_t sample, uint32_t dimension);

extern const struct vv_op vv_op_noise;

#endif
