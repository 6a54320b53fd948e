#include "schedule.h"

#include <math.h>

uint32_t vv_schedule_steps(uint32_t count, uint32_t batch) {
    return count / batch + (count % batch != 0);
}

void vv_schedule_fill(const struct vv_settings *settings, uint32_t epoch, struct vv_step_row *rows) {
    const uint32_t steps = vv_schedule_steps(settings->train_count, settings->batch);
    for (uint32_t i = 0; i < steps; i++) {
        const uint64_t step = (uint64_t)epoch * steps + i;
        const double t = (double)step + 1;  // Adam counts from 1
        rows[i] = (struct vv_step_row){
            .first = i * settings->batch,
            .step = (uint32_t)step,
            .adam_scale = (float)(settings->lr / (1 - pow(VV_ADAM_BETA1, t))),
            .adam_root = (float)(1 / sqrt(1 - pow(VV_ADAM_BETA2, t))),
        };
    }
}
