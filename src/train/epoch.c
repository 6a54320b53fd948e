// Epochs: the table and the order go in, submissions run, losses come out.
#include <math.h>
#include <string.h>

#include "clock.h"
#include "optimisation.h"
#include "order.h"
#include "parts.h"
#include "schedule.h"

enum { NOT_LOGGED = 0xff };  // each byte of a number that no step wrote: a NaN that no sum is

// Puts an epoch's table on the device, and the clock at step `first`, from which on its pictures come;
// marks the log as not written.
static bool begin(struct vv_trainer *trainer, uint32_t first) {
    struct vv_trainer_parts *parts = trainer->parts;
    struct vv_sweep *pass = &parts->train;
    const uint32_t epoch = trainer->position.epoch;
    vv_order_shuffle(trainer->settings.seed, epoch, parts->order, pass->count);
    vv_schedule_fill(&trainer->settings, epoch, ldexp(1, -(int)trainer->position.rollbacks),
                     parts->rows);
    memset(parts->log, NOT_LOGGED, pass->log->bytes);
    const struct vv_clock clock = {.next = first, .bad_step = VV_NO_BAD_STEP};
    return vv_feed_begin(&pass->feed, parts->order, first) &&
           vv_exec_write(trainer->exec, pass->table, 0, parts->rows, pass->table->bytes) &&
           vv_exec_write(trainer->exec, pass->log, 0, parts->log, pass->log->bytes) &&
           vv_exec_write(trainer->exec, pass->clock, 0, &clock, sizeof clock);
}

static bool is_logged(const float row[VV_LOG_COLUMNS]) {
    static const unsigned char mark[sizeof(float)] = {NOT_LOGGED, NOT_LOGGED, NOT_LOGGED, NOT_LOGGED};
    for (uint32_t i = 0; i < VV_LOG_COLUMNS; i++)
        if (memcmp(&row[i], mark, sizeof mark) == 0) return false;
    return true;
}

// What the KL divergence cost in the steps [position.step, done); 0 where the tape has a constant
// weight.
static bool peek_costs(struct vv_trainer *trainer, uint32_t done) {
    const struct vv_state *log = trainer->parts->kl.log;
    float *costs = trainer->parts->costs;
    const uint64_t from = trainer->position.step * sizeof *costs, bytes = done * sizeof *costs - from;
    if (log) return vv_exec_peek(trainer->exec, log, from, costs, bytes);
    memset(costs, 0, bytes);
    return true;
}

// Adds the losses of the steps [position.step, done), which have landed, to the sums. The sums are taken
// in order of the steps, so that they do not depend on when this is called. Steps in flight are not
// waited for: a step writes no log once the latch is set, and this tells which one set it. Of a group
// that is not sound no batch counts: the weights are those before it.
static bool collect(struct vv_trainer *trainer, uint32_t done) {
    struct vv_sweep *pass = &trainer->parts->train;
    struct vv_position *at = &trainer->position;
    float *log = trainer->parts->log;
    const uint64_t row = VV_LOG_COLUMNS * sizeof *log;
    if (done == at->step) return true;
    if (!vv_exec_peek(trainer->exec, pass->log, at->step * row, log, (done - at->step) * row) ||
        !peek_costs(trainer, done))
        return false;
    const float *cost = trainer->parts->costs;
    for (; at->step < done && is_logged(log); log += VV_LOG_COLUMNS, at->step++, cost++) {
        if (vv_schedule_begins(&trainer->settings, at->step)) trainer->parts->whole = *at;
        at->partial.recon += (double)log[VV_LOG_RECON];
        at->partial.kl += (double)log[VV_LOG_KL];
        at->partial.cost += (double)*cost;
    }
    if (at->step == done) return true;
    const uint32_t bad = at->step + 1;
    if (!vv_schedule_begins(&trainer->settings, at->step)) *at = trainer->parts->whole;
    trainer->diverged = true;
    return vv_fail(
        trainer->ctx, VV_FAILED,
        "the loss or its gradient is too large or not a finite number at step %u of epoch %u; the "
        "weights are those of the step before; try a smaller --lr",
        bad, at->epoch + 1);
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
    struct vv_sweep *pass = &trainer->parts->train;
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

// How many of `n` steps from `begin` on are sent off, so that a submission ends with a group where that
// is no longer than it.
static uint32_t whole_groups(const struct vv_trainer *trainer, uint32_t begin, uint32_t n) {
    const uint32_t group = vv_schedule_group(&trainer->settings), left = group - begin % group;
    return n > left ? left + (n - left) / group * group : n;
}

// Steps of the optimiser from the run's beginning to row `row` of this epoch, which begins a group.
static uint64_t steps_until(const struct vv_trainer *trainer, uint32_t row) {
    const struct vv_settings *s = &trainer->settings;
    return (uint64_t)trainer->position.epoch * vv_schedule_groups(s) + row / vv_schedule_group(s);
}

// How far from row `begin` on steps are sent off before the next save that is known of, at most to
// `end`.
static uint32_t until_save(const struct vv_trainer *trainer, const struct vv_hooks *hooks,
                           uint32_t begin, uint32_t end) {
    if (!hooks->save || !hooks->save_steps) return end;
    const uint64_t steps = hooks->save_steps - steps_until(trainer, begin) % hooks->save_steps;
    const uint32_t group = vv_schedule_group(&trainer->settings), row = begin - begin % group;
    return steps < ((uint64_t)end - row + group - 1) / group ? row + (uint32_t)steps * group : end;
}

static bool is_save_due(const struct vv_trainer *trainer, const struct vv_hooks *hooks, uint32_t row) {
    return (hooks->save_steps && steps_until(trainer, row) % hooks->save_steps == 0) ||
           (hooks->due && hooks->due(hooks->user));
}

// Before row `now->end`, if that is the time: lets what is in flight land and saves it. What this takes
// is no time of a step.
static bool save_between(struct vv_trainer *trainer, const struct vv_hooks *hooks, struct pace *pace,
                         const struct sent *now) {
    if (!hooks->save || now->end < pace->first || !vv_schedule_begins(&trainer->settings, now->end) ||
        !is_save_due(trainer, hooks, now->end))
        return true;
    if (!land(trainer, hooks, pace, now)) return false;
    if (trainer->profile && !vv_profile_pause(trainer->profile)) return false;
    const bool ok = hooks->save(hooks->user);
    pace->landed = vv_now();
    return ok;
}

static bool is_stopped(const struct vv_trainer *trainer, const struct vv_hooks *hooks, uint32_t row) {
    return vv_schedule_begins(&trainer->settings, row) && hooks->stop && hooks->stop(hooks->user);
}

// Two submissions are in flight: while one is waited for, the next runs. It ends between two groups.
static bool run_steps(struct vv_trainer *trainer, const struct vv_hooks *hooks, uint32_t until) {
    struct vv_sweep *pass = &trainer->parts->train;
    const uint32_t full = pass->count / pass->batch;  // steps of full batches
    struct sent before, now = {.end = trainer->position.step};
    struct pace pace = {.first = now.end + 1};
    bool idle = false;
    while (now.end < until && !is_stopped(trainer, hooks, now.end)) {
        if (!save_between(trainer, hooks, &pace, &now)) return false;
        const bool last = now.end >= full;
        const uint32_t end = until_save(trainer, hooks, now.end, last || until < full ? until : full);
        const uint32_t wanted = chunk_size(trainer, &pace), left = end - now.end;
        const uint32_t most = whole_groups(trainer, now.end, wanted < left ? wanted : left);
        uint32_t n = vv_feed_take(&pass->feed, now.end, most);
        struct vv_program *program;
        if (!choose_program(trainer, last, &n, &program)) return false;
        if (!submit(trainer, program, &pace, n)) return false;
        before = now;
        now = (struct sent){trainer->exec->submitted, now.end + n};
        if (!land(trainer, hooks, &pace, &before)) return false;
        if (idle || pace.started == 0) continue;
        idle = true;
        if (!be_idle(trainer, hooks)) return false;
    }
    if (trainer->profile && !vv_profile_pause(trainer->profile)) return false;
    return land(trainer, hooks, &pace, &now);
}

// Of sums over the images.
static struct vv_losses means_of(const struct vv_trainer *trainer, const struct vv_losses *sum,
                                 uint32_t count) {
    const struct vv_kl_rule *rule = &trainer->parts->kl;
    const double kl = sum->kl / count;
    return (struct vv_losses){
        .recon = sum->recon / count, .kl = kl, .cost = rule->log ? sum->cost / count : rule->beta * kl};
}

// To the end of the epoch, or to the group's end at which `until` steps are done.
static enum vv_outcome run_epoch(struct vv_trainer *trainer, const struct vv_hooks *hooks,
                                 struct vv_losses *train) {
    struct vv_sweep *pass = &trainer->parts->train;
    struct vv_position *at = &trainer->position;
    uint32_t until = hooks->until && hooks->until < pass->steps ? hooks->until : pass->steps;
    while (!vv_schedule_begins(&trainer->settings, until)) until++;
    const bool ok = begin(trainer, at->step) && run_steps(trainer, hooks, until);
    vv_feed_end(&pass->feed);
    if (!ok) return VV_EPOCH_FAILED;
    if (at->step < pass->steps) return VV_EPOCH_STOPPED;
    *train = means_of(trainer, &at->partial, pass->count);
    trainer->parts->trained = *at;
    *at = (struct vv_position){.epoch = at->epoch + 1, .rollbacks = at->rollbacks};
    return VV_EPOCH_DONE;
}

// After a step that was not sound: the weights of the epoch's beginning, and half the learning rate.
static bool roll_back(struct vv_trainer *trainer) {
    struct vv_position *at = &trainer->position;
    char why[sizeof trainer->ctx->error];
    memcpy(why, trainer->ctx->error, sizeof why);
    vv_clear(trainer->ctx);
    if (!vv_exec_wait(trainer->exec) || !vv_trainer_go_back(trainer)) return false;
    *at = (struct vv_position){.epoch = at->epoch, .rollbacks = at->rollbacks + 1};
    trainer->diverged = false;
    why[strcspn(why, ";")] = '\0';
    vv_say(trainer->ctx, VV_LOG_WARNING,
           "%s: going back to the beginning of that epoch, with the learning rate times %.4g (%u of %d "
           "times)",
           why, ldexp(1, -(int)at->rollbacks), at->rollbacks, VV_MOST_ROLLBACKS);
    return true;
}

// Not where the epoch's first step failed: there is nothing to go back to, and that step would fail
// again.
static bool can_roll_back(const struct vv_trainer *trainer) {
    return strcmp(trainer->settings.on_nan, "rollback") == 0 && trainer->diverged &&
           trainer->position.step > 0 && trainer->position.rollbacks < VV_MOST_ROLLBACKS;
}

enum vv_outcome vv_trainer_epoch(struct vv_trainer *trainer, const struct vv_hooks *hooks,
                                 struct vv_losses *train) {
    const bool keeps = strcmp(trainer->settings.on_nan, "rollback") == 0;
    if (keeps && trainer->position.step == 0 && !vv_trainer_remember(trainer)) return VV_EPOCH_FAILED;
    for (;;) {
        const enum vv_outcome outcome = run_epoch(trainer, hooks, train);
        if (outcome != VV_EPOCH_FAILED || !can_roll_back(trainer)) return outcome;
        if (!roll_back(trainer)) return VV_EPOCH_FAILED;
    }
}

// One by one, and cut: a submission stays short on any device. What was sent before the last step has
// landed, so that its pictures may go.
static enum vv_outcome run_test(struct vv_trainer *trainer, const struct vv_hooks *hooks,
                                struct vv_sweep *pass) {
    uint64_t before = trainer->exec->submitted;
    bool stopped = false;
    for (uint32_t done = 0; done < pass->steps; done++) {
        stopped = hooks->stop && hooks->stop(hooks->user);
        if (stopped) break;
        struct vv_program *program = pass->program[done >= pass->count / pass->batch];
        (void)vv_feed_take(&pass->feed, done, 1);
        if (!vv_exec_submit_parts(trainer->exec, program, VV_ALL_PARTS)) return VV_EPOCH_FAILED;
        if (!vv_exec_land(trainer->exec, before)) return VV_EPOCH_FAILED;
        vv_feed_land(&pass->feed, done);
        before = trainer->exec->submitted;
    }
    if (!vv_exec_wait(trainer->exec)) return VV_EPOCH_FAILED;
    return stopped ? VV_EPOCH_STOPPED : VV_EPOCH_DONE;
}

static bool begin_test(struct vv_trainer *trainer) {
    struct vv_trainer_parts *parts = trainer->parts;
    struct vv_sweep *pass = &parts->test;
    struct vv_exec *exec = trainer->exec;
    const struct vv_clock clock = {.bad_step = VV_NO_BAD_STEP};
    for (uint32_t i = 0; i < pass->steps; i++)
        parts->rows[i] = (struct vv_step_row){.first = i * pass->batch, .step = trainer->position.epoch};
    return vv_exec_write(exec, pass->table, 0, parts->rows, pass->table->bytes) &&
           vv_exec_write(exec, pass->clock, 0, &clock, sizeof clock) &&
           vv_latents_begin(&trainer->latents, exec) && vv_feed_begin(&pass->feed, NULL, 0);
}

static bool end_test(struct vv_trainer *trainer, struct vv_losses *test) {
    const struct vv_trainer_parts *parts = trainer->parts;
    const struct vv_sweep *pass = &parts->test;
    struct vv_exec *exec = trainer->exec;
    if (!vv_exec_read(exec, pass->log, 0, parts->log, pass->log->bytes) ||
        !vv_latents_end(&trainer->latents, exec, pass->count))
        return false;
    struct vv_losses sum = {0};
    for (uint32_t i = 0; i < pass->steps; i++) {
        sum.recon += (double)parts->log[i * VV_LOG_COLUMNS + VV_LOG_RECON];
        sum.kl += (double)parts->log[i * VV_LOG_COLUMNS + VV_LOG_KL];
    }
    *test = means_of(trainer, &sum, pass->count);
    if (vv_kl_is_weighed(&trainer->settings)) {
        const struct vv_kl_step step = vv_trainer_kl(trainer);
        const struct vv_latents *l = &trainer->latents;
        test->cost = vv_kl_cost(&trainer->settings, &step, l->kl, l->count);
    }
    return true;
}

static enum vv_outcome try_test(struct vv_trainer *trainer, const struct vv_hooks *hooks,
                                struct vv_losses *test) {
    struct vv_sweep *pass = &trainer->parts->test;
    const enum vv_outcome outcome =
        begin_test(trainer) ? run_test(trainer, hooks, pass) : VV_EPOCH_FAILED;
    vv_feed_end(&pass->feed);
    if (outcome != VV_EPOCH_DONE) return outcome;
    return end_test(trainer, test) ? VV_EPOCH_DONE : VV_EPOCH_FAILED;
}

enum vv_outcome vv_trainer_epoch_test(struct vv_trainer *trainer, const struct vv_hooks *hooks,
                                      struct vv_losses *test) {
    const enum vv_outcome outcome = try_test(trainer, hooks, test);
    if (outcome == VV_EPOCH_STOPPED) trainer->position = trainer->parts->trained;
    return outcome;
}

bool vv_trainer_test(struct vv_trainer *trainer, struct vv_losses *test) {
    return try_test(trainer, &(struct vv_hooks){0}, test) == VV_EPOCH_DONE;
}

struct vv_kl_step vv_trainer_kl(const struct vv_trainer *trainer) {
    const struct vv_position *at = &trainer->position;
    const struct vv_settings *s = &trainer->settings;
    const uint64_t done = (uint64_t)at->epoch * vv_schedule_groups(s) + at->step / vv_schedule_group(s);
    return vv_kl_schedule(s, done ? done - 1 : 0);
}
