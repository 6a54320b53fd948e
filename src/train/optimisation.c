#include "optimisation.h"

#include <string.h>

#include "optimiser.h"
#include "schedule.h"

static bool is(const char *text, const char *name) {
    return strcmp(text, name) == 0;
}

static bool has_gamma(const struct vv_settings *s) {
    return is(s->lr_schedule, "step") || is(s->lr_schedule, "exponential");
}

void vv_optimisation_settle(struct vv_settings *s) {
    const bool changes = s->lr_schedule[0] && !is(s->lr_schedule, "constant");
    if (changes && !s->schedule_epochs) s->schedule_epochs = s->epochs;
    if (is(s->lr_schedule, "step") && !s->lr_step) s->lr_step = (s->schedule_epochs + 2) / 3;
    if (has_gamma(s) && s->lr_gamma == 0) s->lr_gamma = is(s->lr_schedule, "step") ? 0.1 : 0.95;
}

static bool refuse_name(struct vv_context *ctx, const char *option, const char *name,
                        const char *names) {
    return vv_fail(ctx, VV_USAGE, "%s %.40s: expected one of %s", option, name, names);
}

static bool check_names(struct vv_context *ctx, const struct vv_settings *s) {
    if (!vv_optimiser_of(s))
        return refuse_name(ctx, "--optimiser", s->optimiser, "adam, adamw, sgd, adagrad");
    if (!vv_schedule_is(s->lr_schedule))
        return refuse_name(ctx, "--lr-schedule", s->lr_schedule, "constant, cosine, step, exponential");
    return !s->on_nan[0] || is(s->on_nan, "stop") || is(s->on_nan, "rollback") ||
           refuse_name(ctx, "--on-nan", s->on_nan, "stop, rollback");
}

// Options that the choice of another one gives a meaning. What is as it always is, or 0, nobody asked
// for.
static bool check_meanings(struct vv_context *ctx, const struct vv_settings *s) {
    struct vv_settings usual = {.model = ""};
    vv_settings_usual(&usual);
    const struct {
        bool is_meant, is_asked;
        const char *option, *choice, *names;
    } options[] = {
        {is(s->optimiser, "sgd"), s->momentum != 0 && s->momentum != usual.momentum, "--momentum",
         "--optimiser", "sgd"},
        {is(s->optimiser, "adamw"), s->weight_decay != 0 && s->weight_decay != usual.weight_decay,
         "--weight-decay", "--optimiser", "adamw"},
        {is(s->lr_schedule, "step"), s->lr_step != usual.lr_step, "--lr-step", "--lr-schedule", "step"},
        {has_gamma(s), s->lr_gamma != usual.lr_gamma, "--lr-gamma", "--lr-schedule",
         "step or exponential"},
        {has_gamma(s) || is(s->lr_schedule, "cosine"), s->lr_floor != usual.lr_floor, "--lr-floor",
         "--lr-schedule", "cosine, step or exponential"},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].is_asked && !options[i].is_meant)
            return vv_fail(ctx, VV_USAGE, "%s belongs to %s %s; leave it out, or give that, too",
                           options[i].option, options[i].choice, options[i].names);
    return true;
}

static bool check_schedule(struct vv_context *ctx, const struct vv_settings *s) {
    const uint64_t horizon = vv_schedule_horizon(s);
    if (s->lr_floor > s->lr)
        return vv_fail(ctx, VV_USAGE, "--lr-floor %.10g is above --lr %.10g; take a lower floor",
                       s->lr_floor, s->lr);
    if (s->lr_warmup && s->lr_warmup >= horizon)
        return vv_fail(ctx, VV_USAGE,
                       "--lr-warmup %u: the schedule has %llu steps in all; take fewer, or more "
                       "--schedule-epochs",
                       s->lr_warmup, (unsigned long long)horizon);
    return true;
}

bool vv_optimisation_check(struct vv_context *ctx, const struct vv_settings *s) {
    const uint64_t images = (uint64_t)vv_schedule_group(s) * s->batch;
    if (vv_schedule_group(s) > 1 && images > s->train_count)
        return vv_fail(ctx, VV_USAGE,
                       "--accumulate %u: so many batches of %u are more than the set, which has %u "
                       "images; take --accumulate %u or less",
                       s->accumulate, s->batch, s->train_count, s->train_count / s->batch);
    return check_names(ctx, s) && check_meanings(ctx, s) && check_schedule(ctx, s);
}
