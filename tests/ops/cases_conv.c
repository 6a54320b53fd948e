// Convolutions and their gradients.
#include "cases.h"

#include "conv.h"

// ---- convolutions: n0 a row of this table; n1: with bias ----

static const struct {
    uint32_t batch, height, width, channels, out_channels;
    struct vv_window window;
} conv_sizes[] = {
    {1, 1, 1, 1, 1, {{1, 1}, {1, 1}, {0, 0}, {1, 1}}},
    {2, 1, 1, 5, 6, {{3, 3}, {2, 2}, {1, 1}, {1, 1}}},
    {1, 1, 97, 3, 4, {{1, 5}, {1, 2}, {0, 2}, {1, 1}}},
    {3, 7, 5, 4, 8, {{3, 3}, {2, 2}, {1, 1}, {1, 1}}},
    {2, 8, 9, 3, 7, {{4, 4}, {2, 2}, {1, 1}, {1, 1}}},
    {1, 11, 6, 8, 4, {{3, 3}, {1, 1}, {2, 2}, {2, 2}}},
    {2, 9, 10, 12, 4, {{3, 2}, {3, 2}, {0, 1}, {1, 2}}},
    {2, 6, 7, 4, 36, {{3, 3}, {1, 1}, {1, 1}, {1, 1}}},
    {1, 12, 8, 36, 40, {{5, 3}, {1, 2}, {2, 1}, {1, 1}}},
    {3, 9, 8, 32, 3, {{3, 3}, {1, 1}, {1, 1}, {1, 1}}},
    {2, 7, 4, 5, 9, {{2, 1}, {3, 3}, {0, 0}, {2, 1}}},
    {3, 149, 150, 1, 2, {{1, 2}, {1, 1}, {0, 0}, {1, 1}}},
};

static vv_ref conv_case(struct graph *g, const uint32_t *n) {
    const uint32_t c = conv_sizes[n[0]].channels, o = conv_sizes[n[0]].out_channels;
    const struct vv_window w = conv_sizes[n[0]].window;
    vv_ref x =
        input(g, NORMAL,
              vv_shape4(conv_sizes[n[0]].batch, conv_sizes[n[0]].height, conv_sizes[n[0]].width, c));
    vv_ref weight = input(g, NORMAL, vv_shape4(o, w.kernel[0], w.kernel[1], c));
    return vv_conv2d(g->t, x, weight, n[1] ? input(g, NORMAL, vv_shape1(o)) : NULL, w);
}

// Of y, as the window makes it from that picture.
static struct vv_shape conv_result(uint32_t row) {
    const struct vv_window w = conv_sizes[row].window;
    const uint32_t size[] = {conv_sizes[row].height, conv_sizes[row].width};
    uint32_t out[2];
    for (uint32_t i = 0; i < 2; i++)
        out[i] = (size[i] + 2 * w.pad[i] - w.dilation[i] * (w.kernel[i] - 1) - 1) / w.stride[i] + 1;
    return vv_shape4(conv_sizes[row].batch, out[0], out[1], conv_sizes[row].out_channels);
}

static vv_ref conv_transposed_case(struct graph *g, const uint32_t *n) {
    const uint32_t c = conv_sizes[n[0]].channels, o = conv_sizes[n[0]].out_channels;
    const struct vv_window w = conv_sizes[n[0]].window;
    vv_ref x = input(g, NORMAL, conv_result(n[0]));
    vv_ref weight = input(g, NORMAL, vv_shape4(o, w.kernel[0], w.kernel[1], c));
    return vv_conv2d_transposed(g->t, x, weight, n[1] ? input(g, NORMAL, vv_shape1(c)) : NULL, w,
                                conv_sizes[n[0]].height, conv_sizes[n[0]].width);
}

static vv_ref conv_weight_grad_case(struct graph *g, const uint32_t *n) {
    const enum kind kind = n[1] ? PICTURE : NORMAL;
    vv_ref x = input(g, kind,
                     vv_shape4(conv_sizes[n[0]].batch, conv_sizes[n[0]].height, conv_sizes[n[0]].width,
                               conv_sizes[n[0]].channels));
    return vv_conv2d_weight_grad(g->t, x, input(g, kind, conv_result(n[0])), conv_sizes[n[0]].window);
}

// One case a line.
// clang-format off
static const struct op_case cases[] = {
    {&vv_op_conv2d, conv_case, {0, 0, 0, 0}},
    {&vv_op_conv2d, conv_case, {3, 0, 0, 0}},
    {&vv_op_conv2d, conv_case, {5, 0, 0, 0}},
    {&vv_op_conv2d, conv_case, {8, 0, 0, 0}},
    {&vv_op_conv2d, conv_case, {9, 0, 0, 0}},
    {&vv_op_conv2d_bias, conv_case, {1, 1, 0, 0}},
    {&vv_op_conv2d_bias, conv_case, {2, 1, 0, 0}},
    {&vv_op_conv2d_bias, conv_case, {4, 1, 0, 0}},
    {&vv_op_conv2d_bias, conv_case, {6, 1, 0, 0}},
    {&vv_op_conv2d_bias, conv_case, {7, 1, 0, 0}},
    {&vv_op_conv2d_bias, conv_case, {10, 1, 0, 0}},
    {&vv_op_conv2d_transposed, conv_transposed_case, {0, 0, 0, 0}},
    {&vv_op_conv2d_transposed, conv_transposed_case, {3, 0, 0, 0}},
    {&vv_op_conv2d_transposed, conv_transposed_case, {5, 0, 0, 0}},
    {&vv_op_conv2d_transposed, conv_transposed_case, {7, 0, 0, 0}},
    {&vv_op_conv2d_transposed, conv_transposed_case, {8, 0, 0, 0}},
    {&vv_op_conv2d_transposed, conv_transposed_case, {9, 0, 0, 0}},
    {&vv_op_conv2d_transposed_bias, conv_transposed_case, {1, 1, 0, 0}},
    {&vv_op_conv2d_transposed_bias, conv_transposed_case, {2, 1, 0, 0}},
    {&vv_op_conv2d_transposed_bias, conv_transposed_case, {4, 1, 0, 0}},
    {&vv_op_conv2d_transposed_bias, conv_transposed_case, {6, 1, 0, 0}},
    {&vv_op_conv2d_transposed_bias, conv_transposed_case, {10, 1, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {0, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {1, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {2, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {3, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {4, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {5, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {6, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {7, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {8, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {9, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {10, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {11, 1, 0, 0}},
};
// clang-format on
OP_FAMILY(conv)
