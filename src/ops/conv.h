// Convolutions, channels last. All f32.
#ifndef VV_OPS_CONV_H
#define VV_OPS_CONV_H

#include "tape.h"

// Weights lie as [O,kh,kw,C], the order in which kernels take them; checkpoints hold torch's
// [O,C,kh,kw], which models convert to and from.

// How a kernel moves over a picture; [0]: along its height, [1]: along its width. An output row is
// oh, its input rows oh * stride - pad + kh * dilation; rows outside the picture count as zeros.
struct vv_window {
    uint32_t kernel[2], stride[2], pad[2], dilation[2];
};
// k x k, the same along both sides, dilation 1.
struct vv_window vv_window_square(uint32_t kernel, uint32_t stride, uint32_t pad);

// x [B,H,W,C], w [O,kh,kw,C], b [O] or NULL -> y [B,OH,OW,O] with
// OH = (H + 2 pad - dilation (kh - 1) - 1) / stride + 1, as torch.nn.Conv2d has it.
// Any sizes >= 1: where C or O is no multiple of 4 the operands are padded first (composition).
vv_ref vv_conv2d(struct vv_tape *t, vv_ref x, vv_ref w, vv_ref b, struct vv_window window);

// The transposed convolution, torch.nn.ConvTranspose2d: x [B,OH,OW,O], w [O,kh,kw,C], b [C] or NULL ->
// y [B,H,W,C] of the height and width that are asked for (torch's output_padding follows from them; an
// error where no window of that size gives OH x OW). The input gradient of vv_conv2d with the same w.
vv_ref vv_conv2d_transposed(struct vv_tape *t, vv_ref x, vv_ref w, vv_ref b, struct vv_window window,
                            uint32_t height, uint32_t width);

// dw [O,kh,kw,C] of vv_conv2d: x [B,H,W,C], dy [B,OH,OW,O].
vv_ref vv_conv2d_weight_grad(struct vv_tape *t, vv_ref x, vv_ref dy, struct vv_window window);

extern const struct vv_op vv_op_conv2d, vv_op_conv2d_bias, vv_op_conv2d_transposed,
    vv_op_conv2d_transposed_bias, vv_op_conv2d_weight_grad;

#endif
