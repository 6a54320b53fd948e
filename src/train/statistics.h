// What training keeps of a model's running statistics.
#ifndef VV_TRAIN_STATISTICS_H
#define VV_TRAIN_STATISTICS_H

#include "exec.h"
#include "model.h"

// States laid out as the running statistics, all NULL where a model has none: these, the moments of a
// batch, and what those of a full and of the last, smaller batch are multiplied with.
struct vv_statistics {
    struct vv_state *running, *moments, *unbiased[2];
};

// `running`: of vv_weights_add.
bool vv_statistics_add(struct vv_statistics *s, struct vv_store *store, const struct vv_model *model,
                       struct vv_state *running);

// As they are before the first step. batches: pictures of a full batch, of the last one (0: there is
// none). draws: of z for each.
bool vv_statistics_write(const struct vv_statistics *s, struct vv_exec *exec,
                         const struct vv_model *model, const uint32_t batches[2], uint32_t draws);

#endif
