// The layers of our models as nodes of an ONNX graph, channels first.
#ifndef VV_APPLY_ONNX_LAYERS_H
#define VV_APPLY_ONNX_LAYERS_H

#include "layers.h"
#include "onnx.h"
#include "onnx_graph.h"

struct vv_onnx_pass {
    struct vv_onnx_graph g;
    const struct vv_exported *e;
    const struct vv_model_size *size;
};

// `format` and what follows: the layer's name in a checkpoint.
const char *vv_onnx_linear(struct vv_onnx_pass *p, const char *x, const char *format, ...)
    VV_PRINTF(3, 4);
// 3 x 3, pad 1.
const char *vv_onnx_conv(struct vv_onnx_pass *p, const char *x, int64_t stride, const char *format, ...)
    VV_PRINTF(4, 5);
// A doubling convolution, to the size at `level` halvings. NAME.NUMBER is where it would be without an
// upsampling in front; *number becomes that of what follows.
const char *vv_onnx_doubled(struct vv_onnx_pass *p, const char *x, uint32_t level, const char *name,
                            uint32_t *number);
const char *vv_onnx_activated(struct vv_onnx_pass *p, const char *x);
// The normalisation and the activation behind it, of pictures that were halved `level` times.
const char *vv_onnx_norm(struct vv_onnx_pass *p, const char *x, uint32_t channels, uint32_t level,
                         const char *format, ...) VV_PRINTF(5, 6);
const char *vv_onnx_reshape(struct vv_onnx_pass *p, const char *x, const int64_t *dims, uint32_t rank);

// What a likelihood shows of the decoder's numbers, [N,C,outputs,H,W], or [N,C,H,W] where that is 1: the
// mean of p(x|z), [N,C,H,W]. Of text the probabilities, of the last dimension.
const char *vv_onnx_mean(struct vv_onnx_pass *p, const char *numbers);

#endif
