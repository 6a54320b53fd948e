// The tapes of a training step and of a step of the test.
#include <math.h>

#include "augment.h"
#include "noise.h"
#include "norm.h"
#include "objective.h"
#include "parts.h"
#include "schedule.h"
#include "training.h"
#include "view.h"

// The pictures that are trained on, changed as --augment says (vv_settings_check has read it before).
static vv_ref append_changes(struct vv_tape *t, const struct vv_trainer *trainer, vv_ref clock,
                             vv_ref x) {
    const struct vv_settings *s = &trainer->settings;
    struct vv_augment augment;
    if (!vv_augment_parse(trainer->ctx, s->augment, &augment) || vv_augment_is_none(&augment)) return x;
    return vv_augmented(t, x, clock, s->height, s->width, s->channels, &augment, s->seed);
}

// What both passes begin with: the next row of the table, a batch x, noise.
static vv_ref append_batch(struct vv_tape *t, const struct vv_trainer *trainer,
                           const struct vv_sweep *pass, uint32_t batch, vv_ref clock, vv_ref *eps) {
    (void)vv_advance(t, clock, vv_use(t, pass->table));
    vv_ref x = vv_gather(t, vv_use(t, pass->feed.data), vv_use(t, pass->feed.order), clock,
                         batch);  // [B,pixels]
    *eps = vv_noise(t, clock, batch, trainer->settings.latent, trainer->settings.seed, pass->stream);
    (void)vv_name(t, *eps, "eps");
    if (pass->stream == VV_STREAM_TRAIN) x = append_changes(t, trainer, clock, x);
    return vv_name(t, x, "x");
}

static bool begin_model(const struct vv_trainer *trainer, struct vv_pass *model, struct vv_tape *t) {
    const struct vv_weights weights = {trainer->params, trainer->running};
    return vv_pass_begin(model, t, &trainer->model, &weights);
}

// A training step: losses, gradients into one flat tensor, the guards, behind them the log (a step that
// is not sound must not be in it), Adam.
static void build_step(struct vv_trainer *trainer, const struct vv_sweep *pass, struct vv_tape *t,
                       uint32_t batch) {
    struct vv_pass model;
    vv_ref eps;
    vv_ref *g = vv_arena_alloc(&t->arena, trainer->model.block_count, sizeof *g);
    t->failed = !g || !begin_model(trainer, &model, t);
    if (t->failed) return;
    vv_ref clock = model.clock = vv_use(t, pass->clock);
    model.training = true;
    model.seed = trainer->settings.seed;
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
    (void)vv_guard(t, clock, flat, VV_GRADIENT_LIMIT);
    if (seen) (void)vv_guard(t, clock, seen, INFINITY);
    (void)vv_record(t, vv_use(t, pass->log), e.recon, e.kl, clock, true);
    (void)vv_adam(t, vv_use(t, trainer->params), flat, vv_use(t, trainer->m), vv_use(t, trainer->v),
                  clock, VV_ADAM_BETA1, VV_ADAM_BETA2, VV_ADAM_EPSILON);
    if (seen) (void)vv_lerp(t, model.running, seen, VV_NORM_MOMENTUM, clock);
}

static void build_test(struct vv_trainer *trainer, const struct vv_sweep *pass, struct vv_tape *t,
                       uint32_t batch) {
    struct vv_pass model;
    vv_ref eps;
    if (!begin_model(trainer, &model, t)) return;
    vv_ref clock = vv_use(t, pass->clock);
    vv_ref x = append_batch(t, trainer, pass, batch, clock, &eps);
    struct vv_elbo e = vv_elbo_append(&model, x, eps);
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
