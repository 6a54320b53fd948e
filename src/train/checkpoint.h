// checkpoint.safetensors: what a run has learnt, the weights under PyTorch's names.
#ifndef VV_TRAIN_CHECKPOINT_H
#define VV_TRAIN_CHECKPOINT_H

#include "trainer.h"

// The weights alone, with the model's and the pictures' sizes in the metadata. Atomic.
bool vv_checkpoint_write(struct vv_trainer *trainer, const char *path);

// A checkpoint in memory.
struct vv_checkpoint {
    struct vv_model model;
    float *params, *running;  // flat, [model.length] and [model.statistics]; NULL: it has none
    struct vv_normalization normalization;  // of what it was trained on
    bool is_autoencoder;                    // nothing made its z follow the prior
    struct vv_vocabulary vocabulary;        // the same, of text
};

bool vv_checkpoint_read(struct vv_context *ctx, const char *path, struct vv_checkpoint *checkpoint);
void vv_checkpoint_finish(struct vv_checkpoint *checkpoint);  // takes a zeroed one

// VV_BAD_DATA, said of the file or the run at `path`, when a model cannot have so many pixels a picture.
bool vv_pixels_check(struct vv_context *ctx, const char *path, uint64_t pixels);

#endif
