#include "conv_launch.h"

#include "launches.h"

// Kernels of convolutions: shaders/conv_*.comp.

static struct vv_args_conv arguments(const struct vv_conv *c) {
    const struct vv_window *w = &c->window;
    return (struct vv_args_conv){
        .batch = c->batch,
        .height = c->size[0],
        .width = c->size[1],
        .channels = c->channels,
        .out_height = c->out_size[0],
        .out_width = c->out_size[1],
        .out_channels = c->out_channels,
        .kernel_h = w->kernel[0],
        .kernel_w = w->kernel[1],
        .stride_h = w->stride[0],
        .stride_w = w->stride[1],
        .pad_h = w->pad[0],
        .pad_w = w->pad[1],
        .dilation_h = w->dilation[0],
        .dilation_w = w->dilation[1],
    };
}

static bool launch_plain(const struct vv_node *y, const struct vv_conv *c,
                         const struct vv_limits *limits, struct vv_launch *launch) {
    const struct vv_args_conv args = arguments(c);
    struct vv_dispatch *d = vv_launch_add(launch, "conv_plain", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, c->form);
    vv_dispatch_spec(d, c->with_bias);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, 1, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    vv_dispatch_bind(d, c->with_bias ? 2 : 0, VV_STORAGE);
    return vv_dispatch_fold(d, (vv_count(y) + VV_GROUP - 1) / VV_GROUP, limits);
}

bool vv_conv_launch(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *launch) {
    struct vv_conv c;
    return vv_conv_of(y, &c) && launch_plain(y, &c, limits, launch);
}
