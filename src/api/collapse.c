#include "collapse.h"

#include <math.h>

#include "kl_schedule.h"
#include "schedule.h"

// Before these few latents have been found yet.
#define FIRST_EPOCH 3
#define FIRST_STEP  100

static bool is_collapsed(const struct vv_settings *s, const struct vv_metrics_row *row) {
    const uint64_t done = (uint64_t)row->epoch * vv_schedule_groups(s);
    return row->epoch >= FIRST_EPOCH && done >= FIRST_STEP && !isnan(row->active_units) &&
           2 * row->active_units < s->latent && !vv_kl_schedule(s, done - 1).rising;
}

void vv_collapse_warn(struct vv_context *ctx, const struct vv_settings *s,
                      const struct vv_metrics *metrics) {
    uint32_t first = 0;
    while (first < metrics->count && !is_collapsed(s, &metrics->rows[first])) first++;
    if (first + 1 != metrics->count) return;
    vv_say(ctx, VV_LOG_WARNING,
           "only %.0f of %u latents are active: the others say nothing of the pictures (posterior "
           "collapse); --kl-warmup, --free-bits or a smaller --beta keep more, and --latent can be "
           "smaller: "
           "docs/objective.md",
           metrics->rows[first].active_units, s->latent);
}
