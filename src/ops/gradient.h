// Reverse-mode differentiation of a tape, by appending to it.
#ifndef VV_OPS_GRADIENT_H
#define VV_OPS_GRADIENT_H

#include "tape.h"

// Appends the gradient of `loss` (one element) with respect to wrt[0..count), nodes of this tape, and
// sets grad[i]: a zero tensor where loss does not depend on wrt[i]. Computes nothing that wrt does not
// need. Latches an error when an op on the way has no gradient, or reads a value that is overwritten
// later.
bool vv_grad(struct vv_tape *t, vv_ref loss, const vv_ref *wrt, uint32_t count, vv_ref *grad);

// The same from any node y on, whose own gradient dy, f32 of y's shape, is known.
bool vv_grad_from(struct vv_tape *t, vv_ref y, vv_ref dy, const vv_ref *wrt, uint32_t count,
                  vv_ref *grad);

#endif
