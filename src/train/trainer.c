#include "trainer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "optimiser.h"
#include "parts.h"
#include "schedule.h"
#include "sigma.h"
#include "size.h"

// States that a pass owns. Both passes of a trainer fit one set of host buffers.
static bool add_states(struct vv_store *store, struct vv_sweep *pass, const char *name) {
    char text[3][32];
    static const char *const parts[3] = {"clock", "table", "log"};
    for (uint32_t i = 0; i < 3; i++) (void)snprintf(text[i], sizeof text[i], "%s.%s", name, parts[i]);
    pass->steps = pass->feed.steps;
    pass->clock = vv_store_add(store, text[0], VV_U32, vv_shape1(VV_CLOCK_WORDS));
    pass->table = vv_store_add(store, text[1], VV_U32, vv_shape2(pass->steps, VV_ROW_WORDS));
    pass->log = vv_store_add(store, text[2], VV_F32, vv_shape2(pass->steps, VV_LOG_COLUMNS));
    if (!pass->clock || !pass->table || !pass->log) return false;
    pass->log->peeked = true;
    return true;
}

// Pictures to draw reconstructions of: in a ring they would not stay.
static bool add_test_data(struct vv_trainer *trainer) {
    const struct vv_state *data = trainer->parts->test.feed.data;
    const uint32_t count = trainer->parts->test.count;
    trainer->test_data = trainer->parts->test.feed.data;
    if (!trainer->parts->test.feed.slots) return true;
    trainer->test_data =
        vv_store_add(trainer->exec->store, "test.shown", data->type,
                     vv_shape2(count < VV_TEST_SHOWN ? count : VV_TEST_SHOWN, data->shape.dim[1]));
    return trainer->test_data != NULL;
}

static bool add_passes(struct vv_trainer *trainer, const struct vv_dataset *set, uint64_t memory) {
    struct vv_sweep *train = &trainer->parts->train, *test = &trainer->parts->test;
    train->count = set->train.count;
    test->count = set->test.count;
    if (test->batch > test->count) test->batch = test->count;
    const uint32_t batches[2] = {train->batch, test->batch};
    return vv_feeds_init(&train->feed, &test->feed, trainer->exec, set, batches, memory) &&
           add_states(trainer->exec->store, train, "train") &&
           add_states(trainer->exec->store, test, "test") && add_test_data(trainer);
}
static bool start_average(struct vv_trainer *trainer) {
    const struct vv_state *s = trainer->ema_running;
    if (!s) return true;
    float *values = vv_alloc(trainer->ctx, trainer->model.statistics, sizeof *values);
    const bool ok = values && vv_exec_read(trainer->exec, trainer->running, 0, values, s->bytes) &&
                    vv_exec_write(trainer->exec, s, 0, values, s->bytes);
    free(values);
    return ok;
}

static bool write_start(struct vv_trainer *trainer) {
    struct vv_trainer_parts *parts = trainer->parts;
    struct vv_exec *exec = trainer->exec;
    uint32_t steps = parts->train.steps > parts->test.steps ? parts->train.steps : parts->test.steps;
    parts->rows = vv_alloc(trainer->ctx, steps, sizeof *parts->rows);
    parts->log = vv_alloc(trainer->ctx, (uint64_t)steps * VV_LOG_COLUMNS, sizeof *parts->log);
    parts->costs = vv_alloc(trainer->ctx, steps, sizeof *parts->costs);
    parts->order = vv_alloc(trainer->ctx, parts->train.count, sizeof *parts->order);
    float *flat = vv_alloc(trainer->ctx, trainer->model.length, sizeof *flat);
    bool ok = parts->rows && parts->log && parts->costs && parts->order && flat && vv_exec_realize(exec);
    if (ok) {
        vv_model_initialise(&trainer->model, trainer->settings.seed, flat);
        const uint32_t draws = trainer->settings.samples ? trainer->settings.samples : 1;
        const uint32_t batches[2] = {vv_sweep_batch(&parts->train, false),
                                     vv_sweep_batch(&parts->train, true)};
        ok = vv_exec_write(exec, trainer->params, 0, flat, trainer->params->bytes) &&
             (!trainer->ema || vv_exec_write(exec, trainer->ema, 0, flat, trainer->ema->bytes)) &&
             vv_statistics_write(&parts->statistics, exec, &trainer->model, batches, draws) &&
             start_average(trainer);
    }
    free(flat);
    return ok;
}

// Of the KL divergence: what watches it, and, where its weight is not a constant of the tape, that.
static bool add_kl_states(struct vv_trainer *trainer) {
    const struct vv_settings *s = &trainer->settings;
    struct vv_kl_rule *kl = &trainer->parts->kl;
    struct vv_store *store = trainer->exec->store;
    *kl = (struct vv_kl_rule){.beta = s->beta, .free = s->free_bits};
    if (!vv_is_autoencoder(s) && !vv_latents_init(&trainer->latents, store, s->latent)) return false;
    if (!vv_kl_is_weighed(s)) return true;
    kl->weights = vv_store_add(store, "kl.weights", VV_F32, vv_shape2(1, s->latent));
    kl->log = vv_store_add(store, "kl.log", VV_F32, vv_shape1(trainer->parts->train.steps));
    if (!kl->weights || !kl->log) return false;
    kl->log->peeked = true;
    return true;
}

// NULL: no name, no state.
static bool add_flat(struct vv_store *store, const char *name, struct vv_shape shape,
                     struct vv_state **state) {
    *state = name ? vv_store_add(store, name, VV_F32, shape) : NULL;
    return *state || !name;
}

// Parameters, moments, averages, gradients.
static bool add_flat_states(struct vv_trainer *trainer) {
    struct vv_store *store = trainer->exec->store;
    struct vv_trainer_parts *parts = trainer->parts;
    struct vv_weights weights;
    const struct vv_shape flat = vv_shape1((uint32_t)trainer->model.length);
    if (!vv_weights_add(store, &trainer->model, &weights)) return false;
    trainer->params = weights.params;
    trainer->running = weights.running;
    const struct vv_optimiser *o = vv_optimiser_of(&trainer->settings);
    const struct vv_shape statistics = vv_shape1((uint32_t)trainer->model.statistics);
    const bool averages = trainer->settings.ema > 0, sums = vv_schedule_group(&trainer->settings) > 1;
    return add_flat(store, o->m, flat, &trainer->m) && add_flat(store, o->v, flat, &trainer->v) &&
           add_flat(store, averages ? "ema" : NULL, flat, &trainer->ema) &&
           add_flat(store, averages && trainer->running ? "ema.running" : NULL, statistics,
                    &trainer->ema_running) &&
           add_flat(store, "grads", flat, &parts->grads) &&
           add_flat(store, sums ? "grads, added up" : NULL, flat, &parts->sum) &&
           add_flat(store, sums && trainer->running ? "moments, added up" : NULL, statistics,
                    &parts->seen) &&
           vv_statistics_add(&parts->statistics, store, &trainer->model, weights.running);
}

bool vv_trainer_init(struct vv_trainer *trainer, struct vv_exec *exec,
                     const struct vv_settings *settings, const struct vv_dataset *set,
                     const struct vv_trainer_options *options) {
    FILE *print = options ? options->print : NULL;
    *trainer = (struct vv_trainer){
        .ctx = exec->ctx, .exec = exec, .settings = *settings, .submission_seconds = 0.15};
    const struct vv_model_size size = vv_settings_model(settings);
    if (!vv_settings_check(exec->ctx, settings)) return false;
    if (!vv_model_make(exec->ctx, settings->model, size, &trainer->model)) return false;
    vv_settings_settle(&trainer->settings, &trainer->model.size);
    struct vv_trainer_parts *parts = trainer->parts = vv_alloc(exec->ctx, 1, sizeof *parts);
    if (!parts) return false;
    parts->train = (struct vv_sweep){.batch = settings->batch, .stream = VV_STREAM_TRAIN};
    const uint32_t test_batch = vv_schedule_test_batch(settings, exec->limits.max_storage_range);
    parts->test = (struct vv_sweep){.batch = test_batch, .stream = VV_STREAM_TEST};
    if (!add_flat_states(trainer)) return false;
    if (!add_passes(trainer, set, options ? options->data_memory : 0)) return false;
    if (!add_kl_states(trainer)) return false;
    trainer->steps = parts->train.steps;
    if (print) vv_limits_print(&exec->limits, exec->description, print);
    return write_start(trainer) && vv_steps_compile(trainer, print);
}

static void say_streamed(const struct vv_trainer *trainer, const struct vv_feed *feed,
                         const char *what) {
    if (!feed->slots) return;
    vv_say(trainer->ctx, VV_LOG_INFO,
           "data: the pictures to %s on, %.1f MiB, stream through %.1f MiB of the device's memory", what,
           ldexp((double)feed->row * feed->count, -20), ldexp((double)feed->data->bytes, -20));
}

bool vv_trainer_load(struct vv_trainer *trainer, struct vv_dataset *set, uint32_t checksum) {
    struct vv_trainer_parts *parts = trainer->parts;
    assert(set->train.count == parts->train.count && set->test.count == parts->test.count);
    trainer->settings.data_checksum = checksum;
    vv_normalization_finish(&trainer->normalization);
    trainer->normalization = set->normalization;
    set->normalization = (struct vv_normalization){0};
    vv_vocabulary_finish(&trainer->vocabulary);
    trainer->vocabulary = set->vocabulary;
    set->vocabulary = (struct vv_vocabulary){0};
    say_streamed(trainer, &parts->train.feed, "train");
    say_streamed(trainer, &parts->test.feed, "test");
    const struct vv_settings *s = &trainer->settings;
    const bool drawn = vv_settings_binarize(s) != VV_BINARIZE_NONE;
    const bool once = vv_settings_binarize(s) == VV_BINARIZE_STATIC;
    parts->train.feed.binarize = (struct vv_binarize){.on = once, .seed = s->seed, .half = 0};
    parts->test.feed.binarize = (struct vv_binarize){.on = drawn, .seed = s->seed, .half = 1};
    return (!parts->test.feed.slots || vv_feed_write(&parts->test.feed, &set->test, trainer->test_data,
                                                     trainer->test_data->shape.dim[0])) &&
           vv_feed_load(&parts->train.feed, &set->train) && vv_feed_load(&parts->test.feed, &set->test);
}

bool vv_trainer_profile(struct vv_trainer *trainer, struct vv_profile *profile) {
    struct vv_sweep *pass = &trainer->parts->train;
    for (uint32_t last = 0; last < 2; last++) {
        if (!pass->program[last]) continue;
        pass->watched[last] = vv_profile_compile(profile, &pass->tape[last]);
        if (!pass->watched[last]) return false;
    }
    trainer->profile = profile;
    return true;
}

static void finish_pass(struct vv_trainer *trainer, struct vv_sweep *pass) {
    vv_feed_finish(&pass->feed);
    for (uint32_t i = 0; i < 2; i++) {
        vv_program_destroy(trainer->exec, pass->program[i]);
        vv_program_destroy(trainer->exec, pass->watched[i]);
        vv_tape_finish(&pass->tape[i]);
    }
}

void vv_trainer_finish(struct vv_trainer *trainer) {
    struct vv_trainer_parts *parts = trainer->parts;
    if (parts) {
        finish_pass(trainer, &parts->train);
        finish_pass(trainer, &parts->test);
        free(parts->rows);
        free(parts->log);
        free(parts->costs);
        free(parts->order);
        for (uint32_t i = 0; i < VV_KEPT_STATES; i++) free(parts->begun[i]);
        free(parts);
    }
    vv_latents_finish(&trainer->latents);
    vv_model_finish(&trainer->model);
    vv_normalization_finish(&trainer->normalization);
    vv_vocabulary_finish(&trainer->vocabulary);
    *trainer = (struct vv_trainer){0};
}

bool vv_trainer_sigma(struct vv_trainer *trainer, double *sigma) {
    const struct vv_model *model = &trainer->model;
    float kept = 0;
    const uint64_t at = model->block[model->sigma_block].offset * sizeof kept;
    const bool ok =
        !model->sigma_block ||
        vv_exec_read(trainer->exec, vv_trainer_weights(trainer).params, at, &kept, sizeof kept);
    *sigma = vv_sigma_value(model, (double)kept);
    return ok;
}

const struct vv_plan *vv_trainer_plan(const struct vv_trainer *trainer) {
    const struct vv_sweep *pass = &trainer->parts->train;
    return vv_program_plan(trainer->exec, pass->program[0] ? pass->program[0] : pass->program[1]);
}

struct vv_weights vv_trainer_weights(const struct vv_trainer *trainer) {
    if (!trainer->ema) return (struct vv_weights){trainer->params, trainer->running};
    return (struct vv_weights){trainer->ema, trainer->ema_running};
}

struct vv_state *vv_trainer_kept(const struct vv_trainer *trainer, enum vv_kept which) {
    struct vv_state *const states[VV_KEPT_STATES] = {
        trainer->params, trainer->m, trainer->v, trainer->running, trainer->ema, trainer->ema_running};
    return states[which];
}

const float *vv_trainer_begun(const struct vv_trainer *trainer, enum vv_kept which) {
    return trainer->position.step ? trainer->parts->begun[which] : NULL;
}

void vv_trainer_set_begun(struct vv_trainer *trainer, enum vv_kept which, float *values) {
    free(trainer->parts->begun[which]);
    trainer->parts->begun[which] = values;
}

bool vv_trainer_remember(struct vv_trainer *trainer) {
    for (uint32_t i = 0; i < VV_KEPT_STATES; i++) {
        const struct vv_state *s = vv_trainer_kept(trainer, i);
        float **values = &trainer->parts->begun[i];
        if (!s) continue;
        if (!*values) *values = vv_alloc(trainer->ctx, s->bytes / sizeof **values, sizeof **values);
        if (!*values || !vv_exec_read(trainer->exec, s, 0, *values, s->bytes)) return false;
    }
    return true;
}

bool vv_trainer_go_back(struct vv_trainer *trainer) {
    for (uint32_t i = 0; i < VV_KEPT_STATES; i++) {
        const struct vv_state *s = vv_trainer_kept(trainer, i);
        if (s && !vv_exec_write(trainer->exec, s, 0, trainer->parts->begun[i], s->bytes)) return false;
    }
    return true;
}
