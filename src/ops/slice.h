// Parts of a tensor along one axis, copied; and back.
#ifndef VV_OPS_SLICE_H
#define VV_OPS_SLICE_H

#include "tape.h"

// y = x[…, start : start + width, …] along `axis`.
vv_ref vv_slice(struct vv_tape *t, vv_ref x, uint32_t axis, uint32_t start, uint32_t width);
// The transpose: x placed at `start` of an axis `width` long, zeros elsewhere.
vv_ref vv_pad(struct vv_tape *t, vv_ref x, uint32_t axis, uint32_t start, uint32_t width);

extern const struct vv_op vv_op_slice, vv_op_pad;

#endif
