// A trained model as ONNX graphs, for pictures as [N, C, H, W].
#ifndef VV_APPLY_ONNX_H
#define VV_APPLY_ONNX_H

#include "model.h"
#include "safetensors.h"

// What is exported of a model: its tensors as a checkpoint names them.
struct vv_exported {
    const struct vv_model *model;
    const struct vv_tensor *tensors;
    uint32_t count;
    double log_sigma;            // as it is kept, where the model has one
    const struct vv_meta *meta;  // what the file says of itself
    uint32_t meta_count;
};

// x [N,C,H,W] in [0, 1] -> mu, logvar [N,latent], within its bounds (gaussian.h). Of text x is tokens,
// int64 [N,length], or counts, [N,words].
// The file's bytes, which the caller frees. NULL with the error set, where `path` is named: this program
// was built without protobuf-c, or the model is too large for such a file.
unsigned char *vv_onnx_encoder(struct vv_context *ctx, const char *path, const struct vv_exported *e,
                               uint64_t *size);
// z [N,latent] -> x, the mean of p(x|z), [N,C,H,W]; of text the probabilities, [N,length,tokens] or
// [N,words].
unsigned char *vv_onnx_decoder(struct vv_context *ctx, const char *path, const struct vv_exported *e,
                               uint64_t *size);

#endif
