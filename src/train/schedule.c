#include "schedule.h"

#include <math.h>
#include <string.h>

#include "kl_schedule.h"

uint32_t vv_schedule_steps(uint32_t count, uint32_t batch) {
    return count / batch + (count % batch != 0);
}

// Larger than a training batch, since nothing is kept for a gradient. But what convolutions give can be
// a hundred times as large as a picture: what fits in training, fits there.
uint32_t vv_schedule_test_batch(const struct vv_settings *settings, uint64_t range) {
    const uint32_t most = 512;
    if (strcmp(settings->model, "mlp") != 0) return settings->batch;
    uint64_t widest = (uint64_t)settings->height * settings->width * settings->channels;
    for (uint32_t i = 0; i < VV_MAX_HIDDEN; i++)
        if (settings->hidden[i] > widest) widest = settings->hidden[i];
    if (2 * (uint64_t)settings->latent > widest) widest = 2 * (uint64_t)settings->latent;
    const uint64_t fits = range / (widest * sizeof(float));
    return fits < 1 ? 1 : fits < most ? (uint32_t)fits : most;
}

void vv_schedule_fill(const struct vv_settings *settings, uint32_t epoch, struct vv_step_row *rows) {
    const uint32_t steps = vv_schedule_steps(settings->train_count, settings->batch);
    for (uint32_t i = 0; i < steps; i++) {
        const uint64_t step = (uint64_t)epoch * steps + i;
        const double t = (double)step + 1;  // Adam counts from 1
        const struct vv_kl_step kl = vv_kl_schedule(settings, step);
        rows[i] = (struct vv_step_row){
            .first = i * settings->batch,
            .step = (uint32_t)step,
            .adam_scale = (float)(settings->lr / (1 - pow(VV_ADAM_BETA1, t))),
            .adam_root = (float)(1 / sqrt(1 - pow(VV_ADAM_BETA2, t))),
            .kl_weight = (float)kl.weight,
            .capacity = (float)kl.capacity,
            .rate = (float)settings->lr,
            .share = 1,
        };
    }
}
