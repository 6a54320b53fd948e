#include "kl_schedule.h"

#include <math.h>
#include <string.h>

#define CYCLE_SHARE 0.5  // of a cycle in which the weight rises: R of Fu et al. (2019)

// The share of the weight that is in force. Linear from 0 (Bowman et al. 2016, "Generating sentences
// from a continuous space", section 3.1), once or anew in each cycle (Fu et al. 2019, "Cyclical
// annealing schedule").
static double rise(const struct vv_settings *s, uint64_t step) {
    if (s->kl_warmup) return fmin((double)step / s->kl_warmup, 1);
    if (s->kl_cycle) return fmin((double)(step % s->kl_cycle) / (CYCLE_SHARE * s->kl_cycle), 1);
    return 1;
}

struct vv_kl_step vv_kl_schedule(const struct vv_settings *s, uint64_t step) {
    const double share = rise(s, step), full = s->capacity > 0 ? s->capacity_gamma : s->beta;
    const double grown = s->capacity_steps ? fmin((double)step / s->capacity_steps, 1) : 1;
    return (struct vv_kl_step){
        .weight = full * share, .capacity = s->capacity * grown, .rising = share < 1};
}

bool vv_is_autoencoder(const struct vv_settings *s) {
    return strcmp(s->objective, "ae") == 0;
}

bool vv_kl_is_weighed(const struct vv_settings *s) {
    return s->kl_warmup || s->kl_cycle || s->free_bits > 0 || s->capacity > 0;
}

bool vv_kl_differs(const struct vv_settings *s) {
    return !vv_is_autoencoder(s) && (vv_kl_is_weighed(s) || s->beta != 1);
}

double vv_kl_cost(const struct vv_settings *s, const struct vv_kl_step *step, const float *kl,
                  uint32_t count) {
    double held = 0;
    for (uint32_t j = 0; j < count; j++) held += fmax(s->free_bits, (double)kl[j]);
    return step->weight * fabs(held - step->capacity);
}

// ---- Checks ----

// The first option that is given, of those that an autoencoder has no use for.
static const char *find_foreign(const struct vv_settings *s) {
    const struct {
        bool is_given;
        const char *option;
    } options[] = {{s->samples > 1, "--samples"},     {s->beta != 1, "--beta"},
                   {s->kl_warmup, "--kl-warmup"},     {s->kl_cycle, "--kl-cycle"},
                   {s->free_bits > 0, "--free-bits"}, {s->capacity > 0, "--capacity"}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].is_given) return options[i].option;
    return NULL;
}

bool vv_kl_check(struct vv_context *ctx, const struct vv_settings *s) {
    const char *foreign = vv_is_autoencoder(s) ? find_foreign(s) : NULL;
    if (s->objective[0] && !vv_is_autoencoder(s) && strcmp(s->objective, "vae") != 0)
        return vv_fail(ctx, VV_USAGE, "no objective is called '%.15s'; there are: vae, ae",
                       s->objective);
    if (foreign)
        return vv_fail(ctx, VV_USAGE,
                       "%s: an autoencoder draws no z and has no KL divergence; leave it out, or take "
                       "--objective vae",
                       foreign);
    if (s->kl_warmup && s->kl_cycle)
        return vv_fail(ctx, VV_USAGE,
                       "--kl-warmup and --kl-cycle both let the weight of the KL divergence rise; leave "
                       "one out");
    if (s->capacity > 0 && s->beta != 1)
        return vv_fail(ctx, VV_USAGE,
                       "--beta %.10g: with --capacity the weight is that of --capacity-gamma; leave one "
                       "out",
                       s->beta);
    return true;
}
