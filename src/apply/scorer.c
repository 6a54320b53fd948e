#include "scorer.h"

#include <stdlib.h>

#include "abi.h"
#include "size.h"

bool vv_scorer_init(struct vv_scorer *s, struct vv_exec *exec, const struct vv_model *model,
                    const struct vv_weights *weights, uint32_t rows, uint32_t draws, uint64_t seed,
                    bool pictures) {
    const struct vv_eps eps = {.seed = seed, .stream = VV_STREAM_SCORE};
    *s = (struct vv_scorer){.draws = draws};
    s->room = vv_alloc(exec->ctx, rows, sizeof *s->room);
    return s->room &&
           vv_examiner_init(&s->at_mean, exec, model, weights, rows,
                            pictures ? VV_WANT_LOSS | VV_WANT_MEAN : VV_WANT_LOSS, NULL) &&
           (!draws || vv_examiner_init(&s->drawn, exec, model, weights, rows, VV_WANT_LOSS, &eps));
}

// In the order of the draws.
static bool draw(struct vv_scorer *s, const float *x, uint32_t first, uint32_t count,
                 double *probability) {
    const struct vv_findings found = {.recon = s->room};
    for (uint32_t i = 0; i < count; i++) probability[i] = 0;
    for (uint32_t d = 0; d < s->draws; d++) {
        if (!vv_examiner_run(&s->drawn, x, first, count, d, &found)) return false;
        for (uint32_t i = 0; i < count; i++) probability[i] -= (double)s->room[i];
    }
    for (uint32_t i = 0; i < count; i++) probability[i] /= s->draws;
    return true;
}

static bool look(struct vv_scorer *s, const float *x, uint32_t first, uint32_t count,
                 const struct vv_scored *to) {
    float *kl = to->kl ? vv_alloc(s->at_mean.exec->ctx, count, sizeof *kl) : NULL;
    const struct vv_findings found = {.recon = to->recon ? s->room : NULL, .kl = kl, .mean = to->mean};
    const bool ok = (!to->kl || kl) && vv_examiner_run(&s->at_mean, x, first, count, 0, &found);
    for (uint32_t i = 0; ok && to->recon && i < count; i++) to->recon[i] = (double)s->room[i];
    for (uint32_t i = 0; ok && to->kl && i < count; i++) to->kl[i] = (double)kl[i];
    free(kl);
    return ok;
}

bool vv_scorer_run(struct vv_scorer *s, const float *x, uint32_t first, uint32_t count,
                   const struct vv_scored *to) {
    const bool looks = to->recon || to->kl || to->mean;
    return (!looks || look(s, x, first, count, to)) &&
           (!to->probability || !s->draws || draw(s, x, first, count, to->probability));
}

void vv_scorer_finish(struct vv_scorer *s) {
    vv_examiner_finish(&s->at_mean);
    vv_examiner_finish(&s->drawn);
    free(s->room);
    *s = (struct vv_scorer){.draws = 0};
}
