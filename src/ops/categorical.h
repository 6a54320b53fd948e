// Distributions over kinds, from logits: categorical ones, and the multinomial one of counts.
//
// A kind, or a count, is a byte b that is given as b / 255, as `gather` does; a kind beyond the last one
// counts as the last.
#ifndef VV_OPS_CATEGORICAL_H
#define VV_OPS_CATEGORICAL_H

#include "tape.h"

// -log p(x | logits) of each row, [batch], nats: sum over D kinds of log sum_v e^(l_v) - l_x.
// logits: [batch, D classes], classes innermost; x: [batch, D].
vv_ref vv_categorical(struct vv_tape *t, vv_ref logits, vv_ref x, uint32_t classes);
// Both in one pass: the elements of [batch, D classes] and [batch] one after the other, first the
// gradient of the values times `scale` with respect to the logits, then the values.
vv_ref vv_categorical_both(struct vv_tape *t, vv_ref logits, vv_ref x, uint32_t classes, double scale);

// The same of counts c: n log sum_v e^(l_v) - sum_v c_v l_v + sum_v log c_v! - log n! with n = sum c.
// logits, x: [batch, classes].
vv_ref vv_multinomial(struct vv_tape *t, vv_ref logits, vv_ref x);
vv_ref vv_multinomial_both(struct vv_tape *t, vv_ref logits, vv_ref x, double scale);

// Probabilities: of each distribution over `classes`, which are innermost.
vv_ref vv_softmax(struct vv_tape *t, vv_ref logits, uint32_t classes);  // [batch, D classes] -> the same
// Their mean, with kind v as v / (classes - 1).   [batch, D classes] -> [batch, D]
vv_ref vv_softmax_mean(struct vv_tape *t, vv_ref logits, uint32_t classes);

// What an encoder sees of kinds: 1 at each, 0 elsewhere.   [batch, D] -> [batch, D classes]
vv_ref vv_one_hot(struct vv_tape *t, vv_ref x, uint32_t classes);

extern const struct vv_op vv_op_categorical, vv_op_categorical_both, vv_op_softmax, vv_op_softmax_mean,
    vv_op_one_hot;

#endif
