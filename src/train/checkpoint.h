// What a run leaves on disk: checkpoint.safetensors, the weights under PyTorch's names;
// resume.safetensors, all that an undisturbed continuation needs.
#ifndef VV_TRAIN_CHECKPOINT_H
#define VV_TRAIN_CHECKPOINT_H

#include "metrics.h"
#include "trainer.h"

// The weights alone, with the model's and the pictures' sizes in the metadata. Atomic.
bool vv_checkpoint_write(struct vv_trainer *trainer, const char *path);

// A checkpoint in memory.
struct vv_checkpoint {
    struct vv_model model;
    float *params, *running;  // flat, [model.length] and [model.statistics]; NULL: it has none
    struct vv_normalization normalization;  // of what it was trained on
};

bool vv_checkpoint_read(struct vv_context *ctx, const char *path, struct vv_checkpoint *checkpoint);
void vv_checkpoint_finish(struct vv_checkpoint *checkpoint);  // takes a zeroed one

// Everything; the file that was at `path` is kept at `previous`.
bool vv_resume_write(struct vv_trainer *trainer, const struct vv_metrics *metrics, const char *path,
                     const char *previous);

// A resume file in memory.
struct vv_resume {
    struct vv_settings settings;
    struct vv_position position;
    struct vv_metrics metrics;
    float *params, *m, *v;  // flat, `length` elements each, in a checkpoint's order
    uint64_t length;
    float *running;  // flat, `statistics` elements; NULL: none
    uint64_t statistics;
};

// Reads and checks one; VV_BAD_DATA when it is damaged.
bool vv_resume_read(struct vv_context *ctx, const char *path, struct vv_resume *resume);
void vv_resume_finish(struct vv_resume *resume);  // takes a zeroed or half-read one

// VV_BAD_DATA unless it fits a model and epochs of `steps` steps. folder: of the run, for the error.
bool vv_resume_check(struct vv_context *ctx, const struct vv_resume *resume, const char *folder,
                     const struct vv_model *model, uint32_t steps);

// Puts weights, moments and position into a trainer made from the same settings.
bool vv_resume_apply(const struct vv_resume *resume, struct vv_trainer *trainer, const char *folder);

// VV_BAD_DATA, said of the file or the run at `path`, when a model cannot have so many pixels a picture.
bool vv_pixels_check(struct vv_context *ctx, const char *path, uint64_t pixels);

#endif
