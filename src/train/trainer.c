#include "trainer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "augment.h"
#include "clock.h"
#include "feed.h"
#include "noise.h"
#include "norm.h"
#include "objective.h"
#include "order.h"
#include "schedule.h"
#include "size.h"
#include "statistics.h"
#include "training.h"
#include "view.h"

// A pass over a set: its pictures, its clock, table and log, and two programs: one for full batches, one
// for the last, smaller batch (NULL when there is none).
struct pass {
    struct vv_feed feed;
    struct vv_state *clock, *table, *log;
    uint32_t count, batch, steps, stream;
    struct vv_tape tape[2];
    struct vv_program *program[2];
    struct vv_program *watched[2];  // with a profile: the same tapes again
    bool ran[2];
};

struct vv_trainer_parts {
    struct vv_state *grads;
    struct vv_statistics statistics;  // of a model with running ones
    struct pass train, test;
    struct vv_step_row *rows;  // of an epoch's table
    float *log;                // of an epoch
    uint32_t *order;           // of its pictures
};

enum { RECON, KL, LOG_COLUMNS };  // as vv_record has them
enum { NOT_LOGGED = 0xff };       // each byte of a number that no step wrote: a NaN that no sum is

static uint32_t batch_of(const struct pass *pass, bool last) {
    assert(pass->batch > 0);
    return last ? pass->count % pass->batch : pass->batch;
}

// States that a pass owns. Both passes of a trainer fit one set of host buffers.
static bool add_states(struct vv_store *store, struct pass *pass, const char *name) {
    char text[3][32];
    static const char *const parts[3] = {"clock", "table", "log"};
    for (uint32_t i = 0; i < 3; i++) (void)snprintf(text[i], sizeof text[i], "%s.%s", name, parts[i]);
    pass->steps = pass->feed.steps;
    pass->clock = vv_store_add(store, text[0], VV_U32, vv_shape1(VV_CLOCK_WORDS));
    pass->table = vv_store_add(store, text[1], VV_U32, vv_shape2(pass->steps, VV_ROW_WORDS));
    pass->log = vv_store_add(store, text[2], VV_F32, vv_shape2(pass->steps, LOG_COLUMNS));
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
    struct pass *train = &trainer->parts->train, *test = &trainer->parts->test;
    train->count = set->train.count;
    test->count = set->test.count;
    if (test->batch > test->count) test->batch = test->count;
    const uint32_t batches[2] = {train->batch, test->batch};
    return vv_feeds_init(&train->feed, &test->feed, trainer->exec, set, batches, memory) &&
           add_states(trainer->exec->store, train, "train") &&
           add_states(trainer->exec->store, test, "test") && add_test_data(trainer);
}

// The pictures that are trained on, changed as --augment says (vv_settings_check has read it before).
static vv_ref append_changes(struct vv_tape *t, const struct vv_trainer *trainer, vv_ref clock,
                             vv_ref x) {
    const struct vv_settings *s = &trainer->settings;
    struct vv_augment augment;
    if (!vv_augment_parse(trainer->ctx, s->augment, &augment) || vv_augment_is_none(&augment)) return x;
    return vv_augmented(t, x, clock, s->height, s->width, s->channels, &augment, s->seed);
}

// What both passes begin with: the next row of the table, a batch x, noise.
static vv_ref append_batch(struct vv_tape *t, const struct vv_trainer *trainer, const struct pass *pass,
                           uint32_t batch, vv_ref clock, vv_ref *eps) {
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
static void build_step(struct vv_trainer *trainer, const struct pass *pass, struct vv_tape *t,
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

static void build_test(struct vv_trainer *trainer, const struct pass *pass, struct vv_tape *t,
                       uint32_t batch) {
    struct vv_pass model;
    vv_ref eps;
    if (!begin_model(trainer, &model, t)) return;
    vv_ref clock = vv_use(t, pass->clock);
    vv_ref x = append_batch(t, trainer, pass, batch, clock, &eps);
    struct vv_elbo e = vv_elbo_append(&model, x, eps);
    (void)vv_record(t, vv_use(t, pass->log), e.recon, e.kl, clock, false);
}

typedef void (*build_fn)(struct vv_trainer *, const struct pass *, struct vv_tape *, uint32_t batch);

static bool compile_pass(struct vv_trainer *trainer, struct pass *pass, build_fn build,
                         const char *const names[2], FILE *print) {
    for (uint32_t last = 0; last < 2; last++) {
        uint32_t batch = batch_of(pass, last);
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

static bool write_start(struct vv_trainer *trainer) {
    struct vv_trainer_parts *parts = trainer->parts;
    struct vv_exec *exec = trainer->exec;
    uint32_t steps = parts->train.steps > parts->test.steps ? parts->train.steps : parts->test.steps;
    parts->rows = vv_alloc(trainer->ctx, steps, sizeof *parts->rows);
    parts->log = vv_alloc(trainer->ctx, (uint64_t)steps * LOG_COLUMNS, sizeof *parts->log);
    parts->order = vv_alloc(trainer->ctx, parts->train.count, sizeof *parts->order);
    float *flat = vv_alloc(trainer->ctx, trainer->model.length, sizeof *flat);
    bool ok = parts->rows && parts->log && parts->order && flat && vv_exec_realize(exec);
    if (ok) {
        vv_model_initialise(&trainer->model, trainer->settings.seed, flat);
        const uint32_t batches[2] = {batch_of(&parts->train, false), batch_of(&parts->train, true)};
        ok = vv_exec_write(exec, trainer->params, 0, flat, trainer->params->bytes) &&
             vv_statistics_write(&parts->statistics, exec, &trainer->model, batches);
    }
    free(flat);
    return ok;
}

// Parameters, moments, gradients.
static bool add_flat_states(struct vv_trainer *trainer) {
    struct vv_store *store = trainer->exec->store;
    struct vv_trainer_parts *parts = trainer->parts;
    struct vv_weights weights;
    const struct vv_shape flat = vv_shape1((uint32_t)trainer->model.length);
    if (!vv_weights_add(store, &trainer->model, &weights)) return false;
    trainer->params = weights.params;
    trainer->running = weights.running;
    trainer->m = vv_store_add(store, "adam.m", VV_F32, flat);
    trainer->v = vv_store_add(store, "adam.v", VV_F32, flat);
    parts->grads = vv_store_add(store, "grads", VV_F32, flat);
    return trainer->m && trainer->v && parts->grads &&
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
    parts->train = (struct pass){.batch = settings->batch, .stream = VV_STREAM_TRAIN};
    const uint32_t test_batch = vv_schedule_test_batch(settings, exec->limits.max_storage_range);
    parts->test = (struct pass){.batch = test_batch, .stream = VV_STREAM_TEST};
    if (!add_flat_states(trainer)) return false;
    if (!add_passes(trainer, set, options ? options->data_memory : 0)) return false;
    trainer->steps = parts->train.steps;
    static const char *const train_names[2] = {"train", "train, last batch"};
    static const char *const test_names[2] = {"test", "test, last batch"};
    if (print) vv_limits_print(&exec->limits, exec->description, print);
    return write_start(trainer) &&
           compile_pass(trainer, &parts->train, build_step, train_names, print) &&
           compile_pass(trainer, &parts->test, build_test, test_names, print);
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
    say_streamed(trainer, &parts->train.feed, "train");
    say_streamed(trainer, &parts->test.feed, "test");
    return (!parts->test.feed.slots ||
            vv_exec_write(trainer->exec, trainer->test_data, 0, vv_images_data(&set->test),
                          trainer->test_data->bytes)) &&
           vv_feed_load(&parts->train.feed, &set->train) && vv_feed_load(&parts->test.feed, &set->test);
}

bool vv_trainer_profile(struct vv_trainer *trainer, struct vv_profile *profile) {
    struct pass *pass = &trainer->parts->train;
    for (uint32_t last = 0; last < 2; last++) {
        if (!pass->program[last]) continue;
        pass->watched[last] = vv_profile_compile(profile, &pass->tape[last]);
        if (!pass->watched[last]) return false;
    }
    trainer->profile = profile;
    return true;
}

static void finish_pass(struct vv_trainer *trainer, struct pass *pass) {
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
        free(parts->order);
        free(parts);
    }
    vv_model_finish(&trainer->model);
    vv_normalization_finish(&trainer->normalization);
    *trainer = (struct vv_trainer){0};
}

// Puts an epoch's table on the device, and the clock at step `first`, from which on its pictures come;
// marks the log as not written.
static bool begin(struct vv_trainer *trainer, uint32_t first) {
    struct vv_trainer_parts *parts = trainer->parts;
    struct pass *pass = &parts->train;
    const uint32_t epoch = trainer->position.epoch;
    vv_order_shuffle(trainer->settings.seed, epoch, parts->order, pass->count);
    vv_schedule_fill(&trainer->settings, epoch, parts->rows);
    memset(parts->log, NOT_LOGGED, pass->log->bytes);
    const struct vv_clock clock = {.next = first, .bad_step = VV_NO_BAD_STEP};
    return vv_feed_begin(&pass->feed, parts->order, first) &&
           vv_exec_write(trainer->exec, pass->table, 0, parts->rows, pass->table->bytes) &&
           vv_exec_write(trainer->exec, pass->log, 0, parts->log, pass->log->bytes) &&
           vv_exec_write(trainer->exec, pass->clock, 0, &clock, sizeof clock);
}

static bool is_logged(const float row[LOG_COLUMNS]) {
    static const unsigned char mark[sizeof(float)] = {NOT_LOGGED, NOT_LOGGED, NOT_LOGGED, NOT_LOGGED};
    for (uint32_t i = 0; i < LOG_COLUMNS; i++)
        if (memcmp(&row[i], mark, sizeof mark) == 0) return false;
    return true;
}

// Adds the losses of the steps [position.step, done), which have landed, to the sums. The sums are taken
// in order of the steps, so that they do not depend on when this is called. Steps in flight are not
// waited for: a step writes no log once the latch is set, and this tells which one set it.
static bool collect(struct vv_trainer *trainer, uint32_t done) {
    struct pass *pass = &trainer->parts->train;
    struct vv_position *at = &trainer->position;
    float *log = trainer->parts->log;
    const uint64_t row = LOG_COLUMNS * sizeof *log;
    if (done == at->step) return true;
    if (!vv_exec_peek(trainer->exec, pass->log, at->step * row, log, (done - at->step) * row))
        return false;
    for (; at->step < done && is_logged(log); log += LOG_COLUMNS, at->step++) {
        at->partial.recon += (double)log[RECON];
        at->partial.kl += (double)log[KL];
    }
    if (at->step == done) return true;
    trainer->diverged = true;
    return vv_fail(
        trainer->ctx, VV_FAILED,
        "the loss or its gradient is too large or not a finite number at step %u of epoch %u; the "
        "weights are those of the step before; try a smaller --lr",
        at->step + 1, at->epoch + 1);
}

static double loss_so_far(const struct vv_trainer *trainer) {
    const struct vv_position *at = &trainer->position;
    const struct vv_settings *s = &trainer->settings;
    uint64_t images = (uint64_t)at->step * s->batch;
    if (images > s->train_count) images = s->train_count;
    return images ? (at->partial.recon + at->partial.kl) / (double)images : 0;
}

// How fast steps go, by when submissions were seen to land.
struct pace {
    uint32_t first, size;          // step of the epoch; steps of the last submission
    double started, landed, told;  // times: the first landing, the last, the last report
    double seconds;                // of a step; 0: not known yet
};

// How many steps the next submission holds. It grows slowly: one time may be an accident.
static uint32_t chunk_size(const struct vv_trainer *trainer, const struct pace *pace) {
    const uint32_t most = 512, growth = 8;
    if (pace->seconds == 0) return 1;
    double size = trainer->submission_seconds / pace->seconds;
    if (size > (double)pace->size * growth) size = pace->size * growth;
    return size < 1 ? 1 : size > most ? most : (uint32_t)size;
}

// Into how many submissions a single step is cut: as many as can be until it is known to be short.
static uint32_t parts_of(const struct vv_trainer *trainer, const struct pace *pace) {
    const double parts = ceil(pace->seconds / trainer->submission_seconds);
    return pace->seconds == 0 || parts > 1e6 ? VV_ALL_PARTS : (uint32_t)parts;
}

static bool submit(struct vv_trainer *trainer, struct vv_program *program, struct pace *pace,
                   uint32_t steps) {
    pace->size = steps;
    return steps == 1 ? vv_exec_submit_parts(trainer->exec, program, parts_of(trainer, pace))
                      : vv_exec_submit(trainer->exec, program, steps);
}

// Steps [position.step, end) of an epoch, sent off as submission `number`.
struct sent {
    uint64_t number;
    uint32_t end;
};

// Waits for a submission, takes its losses, and a few times a second reports. The first landing tells no
// time: its step compiles kernels.
static bool land(struct vv_trainer *trainer, const struct vv_hooks *hooks, struct pace *pace,
                 const struct sent *sent) {
    const double report_every = 0.25;
    const uint32_t from = trainer->position.step;
    if (!vv_exec_land(trainer->exec, sent->number)) return false;
    vv_feed_land(&trainer->parts->train.feed, sent->end);
    if (!collect(trainer, sent->end)) return false;
    if (sent->end == from) return true;
    const double now = vv_now();
    if (pace->started == 0)
        pace->started = now;
    else
        pace->seconds = fmax((now - pace->landed) / (sent->end - from), 1e-6);
    pace->landed = now;
    if (!hooks->progress || pace->seconds == 0 || now - pace->told < report_every) return true;
    pace->told = now;
    hooks->progress(hooks->user, sent->end, trainer->steps, loss_so_far(trainer), now - pace->started,
                    sent->end - pace->first);
    return true;
}

// With a profile: which program computes the next steps, and how many of the *n.
static bool choose_program(struct vv_trainer *trainer, bool last, uint32_t *n,
                           struct vv_program **program) {
    struct pass *pass = &trainer->parts->train;
    enum vv_profile_kind kind;
    *program = pass->program[last];
    if (!trainer->profile) return true;
    if (!vv_profile_next(trainer->profile, !pass->ran[last], n, &kind)) return false;
    pass->ran[last] = true;
    if (kind == VV_WATCHED) *program = pass->watched[last];
    return true;
}

// What is made now is no part of the steps that a profile times.
static bool be_idle(struct vv_trainer *trainer, const struct vv_hooks *hooks) {
    if (!hooks->idle) return true;
    if (trainer->profile && !vv_profile_pause(trainer->profile)) return false;
    return hooks->idle(hooks->user);
}

// Two submissions are in flight: while one is waited for, the next runs.
static bool run_steps(struct vv_trainer *trainer, const struct vv_hooks *hooks, uint32_t until) {
    struct pass *pass = &trainer->parts->train;
    const uint32_t full = pass->count / pass->batch;  // steps of full batches
    struct sent before, now = {.end = trainer->position.step};
    struct pace pace = {.first = now.end + 1};
    while (now.end < until && !(hooks->stop && hooks->stop(hooks->user))) {
        const bool last = now.end >= full;
        const uint32_t end = last || until < full ? until : full, wanted = chunk_size(trainer, &pace);
        uint32_t n = vv_feed_take(&pass->feed, now.end, wanted < end - now.end ? wanted : end - now.end);
        struct vv_program *program;
        if (!choose_program(trainer, last, &n, &program)) return false;
        if (!submit(trainer, program, &pace, n)) return false;
        before = now;
        now = (struct sent){trainer->exec->submitted, now.end + n};
        const bool begun = pace.started != 0;
        if (!land(trainer, hooks, &pace, &before)) return false;
        if (!begun && pace.started != 0 && !be_idle(trainer, hooks)) return false;
    }
    if (trainer->profile && !vv_profile_pause(trainer->profile)) return false;
    return land(trainer, hooks, &pace, &now);
}

enum vv_outcome vv_trainer_epoch(struct vv_trainer *trainer, const struct vv_hooks *hooks,
                                 struct vv_losses *train) {
    struct pass *pass = &trainer->parts->train;
    struct vv_position *at = &trainer->position;
    const uint32_t until = hooks->until && hooks->until < pass->steps ? hooks->until : pass->steps;
    const bool ok = begin(trainer, at->step) && run_steps(trainer, hooks, until);
    vv_feed_end(&pass->feed);
    if (!ok) return VV_EPOCH_FAILED;
    if (at->step < pass->steps) return VV_EPOCH_STOPPED;
    *train = (struct vv_losses){at->partial.recon / pass->count, at->partial.kl / pass->count};
    *at = (struct vv_position){.epoch = at->epoch + 1};
    return VV_EPOCH_DONE;
}

// One by one, and cut: a submission stays short on any device. What was sent before the last step has
// landed, so that its pictures may go.
static bool run_test(struct vv_trainer *trainer, struct pass *pass) {
    uint64_t before = trainer->exec->submitted;
    for (uint32_t done = 0; done < pass->steps; done++) {
        struct vv_program *program = pass->program[done >= pass->count / pass->batch];
        (void)vv_feed_take(&pass->feed, done, 1);
        if (!vv_exec_submit_parts(trainer->exec, program, VV_ALL_PARTS)) return false;
        if (!vv_exec_land(trainer->exec, before)) return false;
        vv_feed_land(&pass->feed, done);
        before = trainer->exec->submitted;
    }
    return vv_exec_wait(trainer->exec);
}

bool vv_trainer_test(struct vv_trainer *trainer, struct vv_losses *test) {
    struct vv_trainer_parts *parts = trainer->parts;
    struct pass *pass = &parts->test;
    struct vv_exec *exec = trainer->exec;
    const struct vv_clock clock = {.bad_step = VV_NO_BAD_STEP};
    for (uint32_t i = 0; i < pass->steps; i++)
        parts->rows[i] = (struct vv_step_row){.first = i * pass->batch, .step = trainer->position.epoch};
    const bool ok = vv_exec_write(exec, pass->table, 0, parts->rows, pass->table->bytes) &&
                    vv_exec_write(exec, pass->clock, 0, &clock, sizeof clock) &&
                    vv_feed_begin(&pass->feed, NULL, 0) && run_test(trainer, pass);
    vv_feed_end(&pass->feed);
    if (!ok || !vv_exec_read(exec, pass->log, 0, parts->log, pass->log->bytes)) return false;
    struct vv_losses sum = {0, 0};
    for (uint32_t i = 0; i < pass->steps; i++) {
        sum.recon += (double)parts->log[i * LOG_COLUMNS + RECON];
        sum.kl += (double)parts->log[i * LOG_COLUMNS + KL];
    }
    *test = (struct vv_losses){sum.recon / pass->count, sum.kl / pass->count};
    return true;
}

const struct vv_plan *vv_trainer_plan(const struct vv_trainer *trainer) {
    const struct pass *pass = &trainer->parts->train;
    return vv_program_plan(trainer->exec, pass->program[0] ? pass->program[0] : pass->program[1]);
}
