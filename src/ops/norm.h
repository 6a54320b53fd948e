// Normalisation over a batch, over groups of channels, over a row. All f32; channels are the last
// dimension.
#ifndef VV_OPS_NORM_H
#define VV_OPS_NORM_H

#include "tape.h"

// What follows at once: y = f(normalised). Others are appended behind VV_NORM_IDENTITY.
enum vv_norm_activation { VV_NORM_IDENTITY, VV_NORM_LEAKY_RELU /* 0.01 */, VV_NORM_SILU };

#define VV_NORM_EPSILON  1e-5  // as torch.nn has it
#define VV_NORM_MOMENTUM 0.1

// x [..,C] -> [2,C]: each channel's mean and biased variance over all else, in a fixed order.
vv_ref vv_moments(struct vv_tape *t, vv_ref x);

// Batch normalisation (Ioffe & Szegedy 2015, algorithm 1):
// y = f(gamma (x - mean) / sqrt(var + epsilon) + beta).   x [..,C], moments [2,C], gamma, beta [C].
// moments: vv_moments(t, x) while training, whose gradient with respect to x is then part of this op's;
// running statistics otherwise, which are constants.
vv_ref vv_batch_norm(struct vv_tape *t, vv_ref x, vv_ref moments, vv_ref gamma, vv_ref beta,
                     enum vv_norm_activation f);

// Group normalisation (Wu & He 2018): mean and variance of each picture and each of `groups` runs of
// channels.   x [B,..,C], gamma, beta [C]; C a multiple of groups.
vv_ref vv_group_norm(struct vv_tape *t, vv_ref x, vv_ref gamma, vv_ref beta, uint32_t groups,
                     enum vv_norm_activation f);

// Layer normalisation (Ba et al. 2016) of each row, as torch.nn.LayerNorm over the last dimension.
// x [..,C], gamma, beta [C].
vv_ref vv_layer_norm(struct vv_tape *t, vv_ref x, vv_ref gamma, vv_ref beta);

// Updates state in place: a += weight (b - a), elementwise, unless the clock's latch is set or gradients
// are added up.   a, b: one shape, f32; a: (a view of) a state. Running statistics.
vv_ref vv_lerp(struct vv_tape *t, vv_ref a, vv_ref b, double weight, vv_ref clock);
// The same with the weight in the clock's row, ema_rest: moving averages of weights.
vv_ref vv_average(struct vv_tape *t, vv_ref a, vv_ref b, vv_ref clock);

// The sums behind norm's gradients: of dy f' and of dy f' times the normalised x, then what normalises a
// channel: mean, 1 / sqrt(var + epsilon), a, beta.
#define VV_NORM_SUMS 6

extern const struct vv_op vv_op_moments, vv_op_norm, vv_op_norm_sums, vv_op_norm_grad, vv_op_lerp;

#endif
