// What a convolution computes, and which kernel does: for the ops of conv.c.
#ifndef VV_OPS_CONV_LAUNCH_H
#define VV_OPS_CONV_LAUNCH_H

#include "conv.h"

// As in shaders/conv.glsl.
enum vv_conv_form {
    VV_CONV_FORWARD,  // y [B,OH,OW,O] from x [B,H,W,C] and w [O,kh,kw,C]
    VV_CONV_INPUT,    // x from y and w
    VV_CONV_WEIGHT,   // w from x and y
};

struct vv_conv {
    enum vv_conv_form form;
    bool with_bias;
    uint32_t batch, size[2], channels;   // B, H and W, C
    uint32_t out_size[2], out_channels;  // OH and OW, O
    struct vv_window window;
};

// Whether y is a convolution, and which.
bool vv_conv_of(const struct vv_node *y, struct vv_conv *c);

// The launch of a node for which vv_conv_of() is true.
bool vv_conv_launch(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *launch);

#endif
