#include "latents.h"

#include <stdlib.h>

#include "elementwise.h"
#include "kl.h"
#include "reduce.h"
#include "size.h"
#include "view.h"

bool vv_latents_init(struct vv_latents *l, struct vv_store *store, uint32_t count) {
    *l = (struct vv_latents){.count = count};
    l->sums = vv_store_add(store, "test.latents", VV_F32, vv_shape2(1, 3 * count));
    l->kl = vv_alloc(store->ctx, count, sizeof *l->kl);
    l->mean = vv_alloc(store->ctx, count, sizeof *l->mean);
    return l->sums && l->kl && l->mean;
}

void vv_latents_finish(struct vv_latents *l) {
    free(l->kl);
    free(l->mean);
    *l = (struct vv_latents){0};
}

void vv_latents_append(const struct vv_latents *l, struct vv_tape *t, vv_ref head) {
    vv_ref batch = vv_sum_to(t, vv_gaussian_terms(t, head), vv_shape2(1, 3 * l->count));
    vv_ref sums = vv_add(t, vv_use(t, l->sums), batch);
    (void)vv_place(t, vv_name(t, sums, "latents"), l->sums, 0);
}

bool vv_latents_begin(const struct vv_latents *l, struct vv_exec *exec) {
    if (!l->count) return true;
    float *zeros = vv_alloc(exec->ctx, 3 * (uint64_t)l->count, sizeof *zeros);
    for (uint64_t i = 0; zeros && i < 3 * (uint64_t)l->count; i++) zeros[i] = 0;
    const bool ok = zeros && vv_exec_write(exec, l->sums, 0, zeros, l->sums->bytes);
    free(zeros);
    return ok;
}

bool vv_latents_end(struct vv_latents *l, struct vv_exec *exec, uint32_t images) {
    const uint64_t n = l->count;
    if (!n) return true;
    float *sums = vv_alloc(exec->ctx, 3 * n, sizeof *sums);
    const bool ok = sums && vv_exec_read(exec, l->sums, 0, sums, l->sums->bytes);
    l->active = 0;
    for (uint64_t j = 0; ok && j < n; j++) {
        const double mean = (double)sums[j] / images, square = (double)sums[n + j] / images;
        l->active += square - mean * mean > VV_ACTIVE_VARIANCE;
        l->mean[j] = (float)mean;
        l->kl[j] = (float)((double)sums[2 * n + j] / images);
    }
    free(sums);
    return ok;
}
