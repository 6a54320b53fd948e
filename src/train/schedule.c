#include "schedule.h"

#include <math.h>
#include <string.h>

#include "kl_schedule.h"

uint32_t vv_schedule_steps(uint32_t count, uint32_t batch) {
    return count / batch + (count % batch != 0);
}

uint32_t vv_schedule_group(const struct vv_settings *settings) {
    return settings->accumulate ? settings->accumulate : 1;
}

uint32_t vv_schedule_groups(const struct vv_settings *settings) {
    const uint32_t rows = vv_schedule_steps(settings->train_count, settings->batch);
    return vv_schedule_steps(rows, vv_schedule_group(settings));
}

bool vv_schedule_begins(const struct vv_settings *settings, uint32_t row) {
    return row % vv_schedule_group(settings) == 0 ||
           row == vv_schedule_steps(settings->train_count, settings->batch);
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

// ---- Learning rates ----
//
// Each is a function of t, in steps behind the warm-up's W, and of the horizon's T - W.

struct place {
    double t, horizon, per_epoch;
};

// SGDR without restarts: Loshchilov & Hutter (2017), equation 5.
static double cosine(const struct vv_settings *s, const struct place *at) {
    const double pi = 3.14159265358979323846;
    return s->lr_floor + (s->lr - s->lr_floor) * (1 + cos(pi * at->t / at->horizon)) / 2;
}

// lr gamma^(epochs / lr-step), rounded down: torch.optim.lr_scheduler.StepLR.
static double steps_down(const struct vv_settings *s, const struct place *at) {
    return s->lr * pow(s->lr_gamma, floor(at->t / (at->per_epoch * fmax(1, s->lr_step))));
}

// lr gamma^epochs, within an epoch, too; ExponentialLR at its ends.
static double exponential(const struct vv_settings *s, const struct place *at) {
    return s->lr * pow(s->lr_gamma, at->t / at->per_epoch);
}

static const struct schedule {
    const char *name;
    double (*rate)(const struct vv_settings *s, const struct place *at);  // NULL: constant
} schedules[] = {
    {"constant", NULL}, {"cosine", cosine}, {"step", steps_down}, {"exponential", exponential}};

static const struct schedule *find(const char *name) {
    if (!name[0]) return &schedules[0];
    for (size_t i = 0; i < sizeof schedules / sizeof *schedules; i++)
        if (strcmp(name, schedules[i].name) == 0) return &schedules[i];
    return NULL;
}

bool vv_schedule_is(const char *name) {
    return find(name) != NULL;
}

uint64_t vv_schedule_horizon(const struct vv_settings *s) {
    const uint32_t epochs = s->schedule_epochs ? s->schedule_epochs : s->epochs;
    return (uint64_t)epochs * vv_schedule_groups(s);
}

double vv_schedule_rate(const struct vv_settings *s, uint64_t step) {
    const struct schedule *schedule = find(s->lr_schedule);
    if (step < s->lr_warmup) return s->lr * ((double)step + 1) / s->lr_warmup;
    if (!schedule || !schedule->rate) return s->lr;
    const uint64_t horizon = vv_schedule_horizon(s);
    if (step >= horizon) step = horizon - 1;
    const struct place at = {.t = (double)step - s->lr_warmup,
                             .horizon = (double)(horizon - s->lr_warmup),
                             .per_epoch = vv_schedule_groups(s)};
    return fmax(schedule->rate(s, &at), s->lr_floor);
}

double vv_schedule_ema(const struct vv_settings *s, uint64_t step) {
    return fmin(s->ema, (1 + (double)step) / (10 + (double)step));
}

// ---- The table ----

// What of a step a group's rows have in common.
static struct vv_step_row row_of(const struct vv_settings *s, uint64_t step, double factor) {
    const double t = (double)step + 1;  // Adam counts from 1
    const double rate = vv_schedule_rate(s, step) * factor;
    const struct vv_kl_step kl = vv_kl_schedule(s, step);
    const bool decays = strcmp(s->optimiser, "adamw") == 0;
    return (struct vv_step_row){
        .step = (uint32_t)step,
        .adam_scale = (float)(rate / (1 - pow(VV_ADAM_BETA1, t))),
        .adam_root = (float)(1 / sqrt(1 - pow(VV_ADAM_BETA2, t))),
        .kl_weight = (float)kl.weight,
        .capacity = (float)kl.capacity,
        .rate = (float)rate,
        .decay = decays ? (float)(rate * s->weight_decay) : 0,
        .ema_rest = (float)(1 - vv_schedule_ema(s, step)),
    };
}

void vv_schedule_fill(const struct vv_settings *s, uint32_t epoch, double factor,
                      struct vv_step_row *rows) {
    const uint32_t count = vv_schedule_steps(s->train_count, s->batch), group = vv_schedule_group(s);
    const uint64_t before = (uint64_t)epoch * vv_schedule_groups(s);
    for (uint32_t begin = 0; begin < count; begin += group) {
        const uint32_t end = count - begin > group ? begin + group : count;
        const uint32_t first = begin * s->batch;
        const uint32_t images = end < count ? group * s->batch : s->train_count - first;
        const struct vv_step_row row = row_of(s, before + begin / group, factor);
        for (uint32_t i = begin; i < end; i++) {
            const uint32_t left = s->train_count - i * s->batch;
            rows[i] = row;
            rows[i].first = i * s->batch;
            rows[i].share = (float)((left < s->batch ? left : s->batch) / (double)images);
            rows[i].flags = (i == begin ? VV_STEP_BEGINS : 0) | (i + 1 < end ? VV_STEP_HOLDS : 0);
        }
    }
}
