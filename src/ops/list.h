// Every op that a user of the library can append. A test fails for one that has no test case.
#ifndef VV_OPS_LIST_H
#define VV_OPS_LIST_H

#include "tape.h"

extern const struct vv_op *const vv_ops[];
extern const uint32_t vv_op_count;

#endif
