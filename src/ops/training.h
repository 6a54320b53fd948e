// Ops that make a tape a training step: the clock, the batch, the log, the guard, the optimiser.
//
// `clock` is a u32 state of VV_CLOCK_WORDS words (struct vv_clock in abi.h). Once its latch is set, no
// op here writes any state any more: the weights stay those of the last good step.
#ifndef VV_OPS_TRAINING_H
#define VV_OPS_TRAINING_H

#include "tape.h"

// Puts row `next` of the table (u32 [rows, VV_ROW_WORDS], struct vv_step_row) in force; next += 1.
vv_ref vv_advance(struct vv_tape *t, vv_ref clock, vv_ref table);

// x[rows, pixels] = data[order[first + r]] / 255, data: u8 [count, pixels], order: u32 [n]; `first` is
// the clock's. Indices beyond the sets are clamped. data of f32 are copied as they are.
vv_ref vv_gather(struct vv_tape *t, vv_ref data, vv_ref order, vv_ref clock, uint32_t rows);

// Sets the clock's latch to the present step if any element of x is NaN, infinite, or of a magnitude of
// `limit` or more (tested on bits; limit: a float, INFINITY for no other limit).
vv_ref vv_guard(struct vv_tape *t, vv_ref clock, vv_ref x, double limit);

// A gradient's limit: its square still fits a float, so that Adam's second moment stays finite.
#define VV_GRADIENT_LIMIT 0x1p63

// log[current row] = sum of a, sum of b; log: f32 [rows, 2], a, b: f32 [n]. With `guarded` both are
// guarded first, as by vv_guard without a limit.
vv_ref vv_record(struct vv_tape *t, vv_ref log, vv_ref a, vv_ref b, vv_ref clock, bool guarded);

// What was added up for a step: sum = share x where the clock's row begins one, else sum += share x.
// sum: (a view of) a state; sum, x: f32 of one size.
vv_ref vv_accumulate(struct vv_tape *t, vv_ref sum, vv_ref x, vv_ref clock);

// Clips a gradient by its norm, as torch.nn.utils.clip_grad_norm_: g *= min(1, most / (norm + 1e-6)).
// Sets the latch where the norm is no finite number. While gradients are added up it does nothing.
vv_ref vv_clip(struct vv_tape *t, vv_ref grads, vv_ref clock, double most);

// The optimisers, over flat tensors of one length; rates come from the clock's row. While gradients are
// added up (VV_STEP_HOLDS) they do nothing.

// Adam (Kingma & Ba 2015, algorithm 1): p -= adam_scale m / (sqrt(v) adam_root + epsilon).
vv_ref vv_adam(struct vv_tape *t, vv_ref params, vv_ref grads, vv_ref m, vv_ref v, vv_ref clock,
               double beta1, double beta2, double epsilon);
// AdamW (Loshchilov & Hutter 2019, algorithm 2): p -= decay p, then the same.
vv_ref vv_adamw(struct vv_tape *t, vv_ref params, vv_ref grads, vv_ref m, vv_ref v, vv_ref clock,
                double beta1, double beta2, double epsilon);
// p -= rate g.
vv_ref vv_sgd(struct vv_tape *t, vv_ref params, vv_ref grads, vv_ref clock);
// m = momentum m + g, p -= rate m, as torch.optim.SGD.
vv_ref vv_momentum(struct vv_tape *t, vv_ref params, vv_ref grads, vv_ref m, vv_ref clock,
                   double momentum);
// Adagrad (Duchi et al. 2011): v += g^2, p -= rate g / (sqrt(v) + epsilon).
vv_ref vv_adagrad(struct vv_tape *t, vv_ref params, vv_ref grads, vv_ref v, vv_ref clock,
                  double epsilon);
// A gradient's limit for it: even 2^32 squares do not add up to an infinity.
#define VV_ADAGRAD_LIMIT 0x1p47

extern const struct vv_op vv_op_advance, vv_op_gather, vv_op_guard, vv_op_record, vv_op_accumulate,
    vv_op_clip, vv_op_adam, vv_op_sgd, vv_op_momentum, vv_op_adagrad;

#endif
