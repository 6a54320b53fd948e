// A state dict of PyTorch, in a safetensors file: which of our models it is of, by the names and shapes
// of its tensors.
#ifndef VV_TRAIN_STATE_DICT_H
#define VV_TRAIN_STATE_DICT_H

#include "arena.h"
#include "checkpoint.h"

struct vv_state_dict {
    const char *path;
    struct vv_safetensors file;
    struct vv_arena arena;  // of numbers that were converted
    uint32_t converted;     // tensors that had another type than F32
    const char *kind;
    // What the tensors tell, and what only our own files say in their metadata (activation, likelihood,
    // sigma, height, width); the rest is 0 or NULL. Of an mlp `pixels` is known, and channels are not.
    struct vv_model_size size;
    uint32_t outputs;  // of the decoder, for each value of a picture; 0: no whole number
    bool is_autoencoder;
};

// Reads and recognises one; floats of other sizes become F32. VV_BAD_DATA. The path must live as long.
bool vv_state_dict_read(struct vv_context *ctx, const char *path, struct vv_state_dict *d);
void vv_state_dict_finish(struct vv_state_dict *d);  // takes a zeroed one

// VV_BAD_DATA where it is not a model's, to the last tensor. A log_sigma may be missing.
bool vv_state_dict_check(struct vv_context *ctx, const struct vv_state_dict *d,
                         const struct vv_model *model);
// The weights of such a model, into a checkpoint that has the model and nothing else.
bool vv_state_dict_load(struct vv_context *ctx, const struct vv_state_dict *d, struct vv_checkpoint *c);

#endif
