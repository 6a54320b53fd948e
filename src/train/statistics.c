#include "statistics.h"

#include <stdlib.h>

#include "size.h"

bool vv_statistics_add(struct vv_statistics *s, struct vv_store *store, const struct vv_model *model,
                       struct vv_state *running) {
    *s = (struct vv_statistics){.running = running};
    if (!running) return true;
    const struct vv_shape flat = vv_shape1((uint32_t)model->statistics);
    s->moments = vv_store_add(store, "moments", VV_F32, flat);
    s->unbiased[0] = vv_store_add(store, "unbiased", VV_F32, flat);
    s->unbiased[1] = vv_store_add(store, "unbiased, last batch", VV_F32, flat);
    return s->moments && s->unbiased[0] && s->unbiased[1];
}

bool vv_statistics_write(const struct vv_statistics *s, struct vv_exec *exec,
                         const struct vv_model *model, const uint32_t batches[2], uint32_t draws) {
    if (!s->running) return true;
    float *flat = vv_alloc(exec->ctx, model->statistics, sizeof *flat);
    if (!flat) return false;
    vv_model_initialise_running(model, flat);
    bool ok = vv_exec_write(exec, s->running, 0, flat, s->running->bytes);
    for (uint32_t i = 0; ok && i < 2; i++) {
        vv_model_unbiased(model, batches[i], draws, flat);
        ok = vv_exec_write(exec, s->unbiased[i], 0, flat, s->unbiased[i]->bytes);
    }
    free(flat);
    return ok;
}
