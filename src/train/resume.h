// resume.safetensors: all that an undisturbed continuation of a run needs.
#ifndef VV_TRAIN_RESUME_H
#define VV_TRAIN_RESUME_H

#include "metrics.h"
#include "safetensors.h"
#include "trainer.h"

enum { VV_KEPT_NAME = 24 };  // bytes of a state's name there

// What a resume file is made of, copied: another thread may write it while the run goes on. It points
// into itself, and so must not move.
struct vv_save {
    struct vv_tensor list[2 * VV_KEPT_STATES + 6];
    uint32_t count;
    char name[2 * VV_KEPT_STATES][VV_KEPT_NAME];
    float *values[2 * VV_KEPT_STATES];
    double *rows;  // of the history
    float *kl;
    char *settings;
    struct vv_position position;
    uint64_t numbers[3];
    double partial[3];
};

// Everything, as it is now.
bool vv_save_take(struct vv_save *save, struct vv_trainer *trainer, const struct vv_metrics *metrics);
// The file that was at `path` is kept at `previous`, where that is not NULL.
bool vv_save_write(const struct vv_save *save, struct vv_context *ctx, const char *path,
                   const char *previous);
void vv_save_finish(struct vv_save *save);  // takes a zeroed or half-taken one

// A resume file in memory.
struct vv_resume {
    struct vv_settings settings;
    struct vv_position position;
    struct vv_metrics metrics;
    // Flat, `length` elements each, in a checkpoint's order, or `statistics`; NULL: it has none. In the
    // midst of an epoch, with --on-nan rollback, also as they were at its beginning.
    float *kept[VV_KEPT_STATES], *begun[VV_KEPT_STATES];
    uint64_t length, statistics;
};

// Reads and checks one; VV_BAD_DATA when it is damaged.
bool vv_resume_read(struct vv_context *ctx, const char *path, struct vv_resume *resume);
void vv_resume_finish(struct vv_resume *resume);  // takes a zeroed or half-read one

// VV_BAD_DATA unless it fits a model and epochs of `steps` steps. folder: of the run, for the error.
bool vv_resume_check(struct vv_context *ctx, const struct vv_resume *resume, const char *folder,
                     const struct vv_model *model, uint32_t steps);

// Puts weights, moments and position into a trainer made from the same settings.
bool vv_resume_apply(const struct vv_resume *resume, struct vv_trainer *trainer, const char *folder);

#endif
