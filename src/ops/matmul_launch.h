// Which kernel computes a matrix product, and its launch: for the ops that are products.
#ifndef VV_OPS_MATMUL_LAUNCH_H
#define VV_OPS_MATMUL_LAUNCH_H

#include "tape.h"

enum vv_form { VV_FORM_NN, VV_FORM_NT, VV_FORM_TN };  // as in shaders/matmul.glsl

// The fixed table: a pure function of device type, limits and shape.
struct vv_variant vv_matmul_choice(const struct vv_product *p, const struct vv_limits *limits);

// The launch of a node for which vv_matmul_product() is true: the tuned variant, else the fixed table's,
// else the plain one, whichever is the first that the node's operands and the limits allow.
bool vv_matmul_launch(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *launch);

#endif
