// The tapes of a training step and of a step of the test.
#include <math.h>

#include "augment.h"
#include "compress.h"
#include "kl_schedule.h"
#include "noise.h"
#include "norm.h"
#include "objective.h"
#include "optimiser.h"
#include "parts.h"
#include "sigma.h"
#include "training.h"
#include "view.h"

enum { LEAST_HALVED = 256 };  // elements of a value; fewer save nothing in an arena of 256-byte ranges

// The pictures that are trained on, changed as --augment says (vv_settings_check has read it before).
static vv_ref append_changes(struct vv_tape *t, const struct vv_trainer *trainer, vv_ref clock,
                             vv_ref x) {
    const struct vv_settings *s = &trainer->settings;
    struct vv_augment augment;
    if (!vv_augment_parse(trainer->ctx, s->augment, &augment) || vv_augment_is_none(&augment)) return x;
    return vv_augmented(t, x, clock, s->height, s->width, s->channels, &augment, s->seed);
}

// Of z, each draw of a picture behind the one before, so that the first does not depend on their number;
// NULL: z is not drawn. One draw is enough to test with.
static vv_ref append_noise(struct vv_tape *t, const struct vv_trainer *trainer,
                           const struct vv_sweep *pass, uint32_t batch, vv_ref clock) {
    const struct vv_settings *s = &trainer->settings;
    const uint32_t draws = pass->stream == VV_STREAM_TRAIN && s->samples ? s->samples : 1;
    if (vv_is_autoencoder(s)) return NULL;
    vv_ref eps = vv_noise(t, clock, batch, s->latent * draws, s->seed, pass->stream);
    if (draws > 1) eps = vv_view(t, eps, 0, vv_shape2(batch * draws, s->latent));
    return vv_name(t, eps, "eps");
}

// What both passes begin with: the next row of the table, a batch x, noise.
static vv_ref append_batch(struct vv_tape *t, const struct vv_trainer *trainer,
                           const struct vv_sweep *pass, uint32_t batch, vv_ref clock, vv_ref *eps) {
    (void)vv_advance(t, clock, vv_use(t, pass->table));
    vv_ref x = vv_gather(t, vv_use(t, pass->feed.data), vv_use(t, pass->feed.order), clock,
                         batch);  // [B,pixels]
    *eps = append_noise(t, trainer, pass, batch, clock);
    if (pass->stream == VV_STREAM_TRAIN) x = append_changes(t, trainer, clock, x);
    if (pass->stream == VV_STREAM_TRAIN &&
        vv_settings_binarize(&trainer->settings) == VV_BINARIZE_DYNAMIC)
        x = vv_binarized(t, x, clock, trainer->settings.seed);
    return vv_name(t, x, "x");
}

// With the weights that are trained, or with those that are tested.
static bool begin_model(const struct vv_trainer *trainer, struct vv_pass *model, struct vv_tape *t,
                        bool tested) {
    const struct vv_weights trained = {trainer->params, trainer->running};
    const struct vv_weights weights = tested ? vv_trainer_weights(trainer) : trained;
    return vv_pass_begin(model, t, &trainer->model, &weights);
}

// The guards; the log comes behind them, since a step that is not sound must not be in it. With
// --accumulate what was seen of this batch joins the rest of its group, and that is *grads and *seen
// then.
static void append_end_of_batch(const struct vv_trainer *trainer, struct vv_tape *t, vv_ref clock,
                                vv_ref *grads, vv_ref *seen) {
    const struct vv_trainer_parts *parts = trainer->parts;
    (void)vv_guard(t, clock, *grads, vv_optimiser_of(&trainer->settings)->limit);
    if (*seen) (void)vv_guard(t, clock, *seen, INFINITY);
    if (!parts->sum) return;
    vv_ref sum = vv_use(t, parts->sum);
    (void)vv_accumulate(t, sum, *grads, clock);
    *grads = sum;
    if (!*seen) return;
    sum = vv_use(t, parts->seen);
    (void)vv_accumulate(t, sum, *seen, clock);
    *seen = sum;
}

// What changes weights, and what is learnt beside them.
static void append_update(const struct vv_trainer *trainer, struct vv_tape *t,
                          const struct vv_pass *model, vv_ref grads, vv_ref seen) {
    vv_ref clock = model->clock;
    const struct vv_optimiser_operands o = {.params = vv_use(t, trainer->params),
                                            .grads = grads,
                                            .m = trainer->m ? vv_use(t, trainer->m) : NULL,
                                            .v = trainer->v ? vv_use(t, trainer->v) : NULL,
                                            .clock = clock};
    vv_optimiser_of(&trainer->settings)->append(t, &trainer->settings, &o);
    if (seen) (void)vv_lerp(t, model->running, seen, VV_NORM_MOMENTUM, clock);
    if (model->own_sigma)
        (void)vv_lerp(t, model->w[trainer->model.sigma_block], model->own_sigma, VV_SIGMA_MOMENTUM,
                      clock);
    if (trainer->ema) (void)vv_average(t, vv_use(t, trainer->ema), o.params, clock);
    if (trainer->ema_running)
        (void)vv_average(t, vv_use(t, trainer->ema_running), model->running, clock);
}

// A training step: losses, gradients into one flat tensor, the guards, the log, the optimiser.
static void build_step(struct vv_trainer *trainer, const struct vv_sweep *pass, struct vv_tape *t,
                       uint32_t batch) {
    struct vv_pass model;
    vv_ref eps;
    vv_ref *g = vv_arena_alloc(&t->arena, trainer->model.block_count, sizeof *g);
    t->failed = !g || !begin_model(trainer, &model, t, false);
    if (t->failed) return;
    vv_ref clock = model.clock = vv_use(t, pass->clock);
    model.training = true;
    model.seed = trainer->settings.seed;
    model.kl = &trainer->parts->kl;
    vv_ref x = append_batch(t, trainer, pass, batch, clock, &eps);
    struct vv_elbo e = vv_elbo_append_with_gradient(&model, x, eps, g);
    struct vv_state *grads = trainer->parts->grads;
    for (uint32_t i = 0; i < trainer->model.block_count; i++)
        if (g[i]) (void)vv_place(t, g[i], grads, trainer->model.block[i].offset);
    vv_ref flat = vv_use(t, grads);
    const bool last = batch != pass->batch;
    const struct vv_statistics *statistics = &trainer->parts->statistics;
    vv_ref seen = statistics->running
                      ? vv_pass_statistics(&model, statistics->moments, statistics->unbiased[last])
                      : NULL;
    append_end_of_batch(trainer, t, clock, &flat, &seen);
    if (trainer->settings.clip > 0) (void)vv_clip(t, flat, clock, trainer->settings.clip);
    (void)vv_record(t, vv_use(t, pass->log), e.recon, e.kl, clock, true);
    append_update(trainer, t, &model, flat, seen);
    struct vv_compressed done;
    if (vv_settings_halve(&trainer->settings))
        (void)vv_compress(t, model.gradient, model.gradient_end, LEAST_HALVED, &done);
}

static void build_test(struct vv_trainer *trainer, const struct vv_sweep *pass, struct vv_tape *t,
                       uint32_t batch) {
    struct vv_pass model;
    vv_ref eps;
    if (!begin_model(trainer, &model, t, true)) return;
    vv_ref clock = vv_use(t, pass->clock);
    vv_ref x = append_batch(t, trainer, pass, batch, clock, &eps);
    struct vv_elbo e = vv_elbo_append(&model, x, eps);
    if (trainer->latents.count) vv_latents_append(&trainer->latents, t, e.head);
    (void)vv_record(t, vv_use(t, pass->log), e.recon, e.kl, clock, false);
}

typedef void (*build_fn)(struct vv_trainer *, const struct vv_sweep *, struct vv_tape *, uint32_t batch);

static bool compile_pass(struct vv_trainer *trainer, struct vv_sweep *pass, build_fn build,
                         const char *const names[2], FILE *print) {
    for (uint32_t last = 0; last < 2; last++) {
        uint32_t batch = vv_sweep_batch(pass, last);
        if (batch == 0) continue;
        struct vv_tape *t = &pass->tape[last];
        vv_tape_init(t, trainer->exec->store, names[last]);
        build(trainer, pass, t, batch);
        pass->program[last] = vv_exec_compile(trainer->exec, t);
        if (!pass->program[last]) return false;
        if (print) vv_plan_print(t, vv_program_plan(trainer->exec, pass->program[last]), print);
    }
    return true;
}

bool vv_steps_compile(struct vv_trainer *trainer, FILE *print) {
    static const char *const train_names[2] = {"train", "train, last batch"};
    static const char *const test_names[2] = {"test", "test, last batch"};
    struct vv_trainer_parts *parts = trainer->parts;
    return compile_pass(trainer, &parts->train, build_step, train_names, print) &&
           compile_pass(trainer, &parts->test, build_test, test_names, print);
}
