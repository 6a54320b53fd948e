// Ops that move no data: ranges of a tensor, cut gradients, values computed in place.
#ifndef VV_OPS_VIEW_H
#define VV_OPS_VIEW_H

#include "tape.h"

// A contiguous range of x, `offset` elements from its start, under another shape. No copy.
vv_ref vv_view(struct vv_tape *t, vv_ref x, uint64_t offset, struct vv_shape shape);

// x, but no gradient passes.
vv_ref vv_stop(struct vv_tape *t, vv_ref x);

// Puts the value of y into a range of a state tensor, `offset` elements from its start: y is computed
// there where it can be (a temporary without another home), else copied. Returns a node that lives
// there.
vv_ref vv_place(struct vv_tape *t, vv_ref y, struct vv_state *state, uint64_t offset);

extern const struct vv_op vv_op_view, vv_op_stop, vv_op_copy;

#endif
