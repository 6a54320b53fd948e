// checkpoint.safetensors: what a run has learnt, the weights under PyTorch's names.
#ifndef VV_TRAIN_CHECKPOINT_H
#define VV_TRAIN_CHECKPOINT_H

#include "safetensors.h"
#include "trainer.h"

// A checkpoint in memory.
struct vv_checkpoint {
    struct vv_model model;
    float *params, *running;  // flat, [model.length] and [model.statistics]; NULL: it has none
    uint64_t batches;         // that the statistics were updated with; 0 where it has none
    double ema;               // decay that the weights were averaged with; 0: they were not
    struct vv_normalization normalization;  // of what it was trained on
    bool is_autoencoder;                    // nothing made its z follow the prior
    struct vv_vocabulary vocabulary;        // the same, of text
};

bool vv_checkpoint_read(struct vv_context *ctx, const char *path, struct vv_checkpoint *checkpoint);
// The weights of a trainer as they are now, with the model's and the pictures' sizes: a copy in
// `params`, which is the caller's to free, and on which `running` lies; the rest is the trainer's own.
bool vv_checkpoint_take(struct vv_trainer *trainer, struct vv_checkpoint *checkpoint);
// Writes one. Atomic.
bool vv_checkpoint_save(struct vv_context *ctx, const char *path, const struct vv_checkpoint *c);
void vv_checkpoint_finish(struct vv_checkpoint *checkpoint);  // takes a zeroed one

// What a file says of a model: kind and sizes. The texts are the model's and its own, which must not
// move.
enum { VV_METADATA_MOST = 24 };
struct vv_metadata {
    struct vv_meta list[VV_METADATA_MOST];
    uint32_t count;
    char text[6][16], widths[VV_MAX_HIDDEN * 8];
};
void vv_checkpoint_describe(const struct vv_model *model, struct vv_metadata *m);
void vv_metadata_add(struct vv_metadata *m, const char *key, const char *value);

// VV_BAD_DATA, said of the file or the run at `path`, when a model cannot have so many pixels a picture.
bool vv_pixels_check(struct vv_context *ctx, const char *path, uint64_t pixels);

#endif
