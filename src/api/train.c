#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "collapse.h"
#include "file.h"
#include "handle.h"
#include "how.h"
#include "profiler.h"
#include "reporting.h"
#include "retry.h"
#include "room.h"
#include "session.h"
#include "set.h"
#include "size.h"

void vkvae_train_defaults(vkvae_train_options *options) {
    *options = (vkvae_train_options){
        .model = "mlp",
        .shapes = vv_shapes_public(&vv_shapes_default),
        .reading = vv_reading_usual,
        .latent = 20,
        .batch = 128,
        .epochs = 10,
        .lr = 1e-3,
        .momentum = 0.9,
        .weight_decay = 0.01,
        .accumulate = 1,
        .seed = 42,
        .beta = 1,
        .capacity_steps = 10000,
        .capacity_gamma = 1000,
    };
}

static bool check_options(struct vv_session *s) {
    const vkvae_train_options *o = s->options;
    if ((o->train_images == NULL) != (o->test_images == NULL))
        return vv_fail(s->ctx, VV_USAGE,
                       "%s are given alone; give train_images and test_images together",
                       o->train_images ? "train_images" : "test_images");
    if (o->resume && o->out)
        return vv_fail(
            s->ctx, VV_USAGE,
            "--out %s: the run in %s that --resume goes on with is written where it is; leave "
            "--out out",
            o->out, o->resume);
    if (!vv_profile_check(s->ctx, o) || !vv_board_check(s->ctx, o->tensorboard)) return false;
    if (o->autotune && vv_is_reference(o->device.device))
        return vv_fail(s->ctx, VV_USAGE,
                       "--autotune: the reference device has no kernels to choose; leave it out");
    if (o->autotune && (o->resume || (o->device.kernels && strcmp(o->device.kernels, "auto") != 0)))
        return vv_fail(s->ctx, VV_USAGE, "--autotune chooses the kernels, and so does %s; leave one out",
                       o->resume ? "the run that is continued" : "--kernels");
    if (o->report && !o->out && !o->resume)
        return vv_fail(s->ctx, VV_USAGE,
                       "--report: the run is written nowhere; name its folder with --out");
    if (o->report && !vv_report_check(s->ctx, "--report")) return false;
    struct vv_save_every every;
    if (!vv_save_every_parse(s->ctx, o->save_every, &every)) return false;
    if (o->save_every && !o->out && !o->resume)
        return vv_fail(s->ctx, VV_USAGE,
                       "--save-every: the run is written nowhere; name its folder with --out");
    s->run.resumed = o->resume != NULL;
    s->run.force = o->force;
    const char *folder = o->resume ? o->resume : o->out;
    return !folder || vv_run_claim(&s->run, s->ctx, folder);
}

bool vv_session_settle(struct vv_session *s) {
    return check_options(s) && vv_session_take(s);
}

// The device, and the step that is trained there; meanwhile the pictures are read.
static bool make_ready(struct vv_session *s) {
    const vkvae_train_options *o = s->options;
    vkvae_device_options device = o->device;
    device.minimum_limits |= s->asked.minimum_limits;
    // No Vulkan device has the bytes of the reference: its runs go on there, unless another is asked
    // for.
    if (o->resume && !device.device && strcmp(s->settings.kernels, "reference") == 0)
        device.device = "reference";
    s->exec = vv_open_same(&s->store, &device, o->resume ? s->settings.kernels : NULL,
                           vv_retry_device(s->again));
    if (!s->exec || !vv_session_choose_kernels(s)) return false;
    const bool profiled = o->profile || o->trace;
    const struct vv_trainer_options options = {.print = o->print_tape, .data_memory = o->data_memory};
    if (!vv_trainer_init(&s->trainer, s->exec, &s->settings, &s->set, &options)) return false;
    vv_profile_init(&s->profile, s->exec, o->trace != NULL);
    return !profiled || vv_trainer_profile(&s->trainer, &s->profile);
}

// What is wrong with the set is told first. Sizes that are not those of the continued run could fail in
// other ways before: they are looked at here, too.
bool vv_session_begin(struct vv_session *s) {
    vv_loader_start(&s->loader, &s->set, &s->drawn);
    const bool alike = vv_session_alike(s);
    const bool ready = alike && make_ready(s);
    return vv_session_load(s) && ready &&
           vv_trainer_load(&s->trainer, &s->set, s->settings.data_checksum);
}

// What is told of the set, which is given back before the first step.
static void note_set(struct vv_session *s) {
    s->classes = vv_set_classes(&s->set);
    s->skipped = s->set.skipped;
    (void)snprintf(s->normalize, sizeof s->normalize, "%s", s->set.normalization.kind);
}

// As asked for now, or else as before, unless that is nothing that could have been asked for.
static void settle_saves(struct vv_session *s) {
    struct vv_context quiet;
    vv_context_init(&quiet);
    const char *text = s->options->save_every ? s->options->save_every : s->asked.save_every;
    struct vv_save_every *every = &s->save_every;
    if (vv_save_every_parse(&quiet, text, every) && (every->steps || every->seconds > 0))
        s->run.save_every = text;
}

static bool set_up(struct vv_session *s) {
    const vkvae_train_options *o = s->options;
    if (!vv_session_begin(s)) return false;
    if (s->trainer.profile) s->peak = vv_profile_peak(s->exec);  // now that nothing else runs
    note_set(s);
    vv_dataset_finish(&s->set);
    if (o->resume && !vv_resume_apply(&s->resume, &s->trainer, o->resume)) return false;
    const char *folder = o->resume ? o->resume : o->out;
    // Kept where nothing else is asked for now, since the config.json is written anew.
    const char *before = s->asked.device[0] ? s->asked.device : NULL;
    s->run.device = o->device.device ? o->device.device : before;
    s->run.minimum_limits = o->device.minimum_limits || s->asked.minimum_limits;
    settle_saves(s);
    if (!vv_room_check(&s->run, &s->trainer, folder) || !vv_run_open(&s->run, &s->trainer, folder))
        return false;
    s->run.saved = o->resume != NULL;
    s->run.save = s->trainer.position;
    s->run.metrics = s->resume.metrics;
    s->resume.metrics = (struct vv_metrics){0};
    s->begun = vv_board_open(&s->run.board, &s->trainer, o->tensorboard);
    return s->begun;
}

// A run is a function of its settings, its pictures and its device: what is not as in the run that is
// to be repeated is told before it is waited for.
static void compare_with_repeated(const struct vv_session *s) {
    const vkvae_record *r = &s->options->repeated;
    if (r->data_checksum && r->data_checksum != s->settings.data_checksum)
        vv_say(s->ctx, VV_LOG_WARNING,
               "%s does not hold the pictures that the recorded run was trained on (checksum %u, not "
               "%u): this run's files will differ from its; for the same ones name that set with --data",
               s->settings.data, s->settings.data_checksum, r->data_checksum);
    if (r->device && strcmp(r->device, s->exec->description) != 0)
        vv_say(s->ctx, VV_LOG_WARNING,
               "the recorded run was trained on %.200s, not on %.200s: this run's files may differ from "
               "its; for the same ones take that device with --device",
               r->device, s->exec->description);
    if (r->version && strcmp(r->version, vkvae_version()) != 0)
        vv_say(
            s->ctx, VV_LOG_WARNING,
            "the recorded run is of vkvae %.60s, not %s: this run's files may differ from its; for the "
            "same ones take that version",
            r->version, vkvae_version());
}

// "256,64", of a list that a 0 ends.
static void print_widths(const uint32_t list[VV_MAX_HIDDEN], char text[VV_MAX_HIDDEN * 12]) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < VV_MAX_HIDDEN && list[i]; i++)
        used += (size_t)snprintf(text + used, VV_MAX_HIDDEN * 12 - used, "%s%u", i ? "," : "", list[i]);
}

static uint64_t count_parameters(const struct vv_model *model) {
    uint64_t count = 0;
    for (uint32_t i = 0; i < model->parameter_count; i++)
        count += vv_shape_count(model->parameter[i].shape);
    return count;
}

static void tell_start(const struct vv_session *s) {
    const struct vv_settings *t = &s->settings;
    const struct vv_plan *plan = vv_trainer_plan(&s->trainer);
    const enum vv_tokens tokens = s->trainer.vocabulary.kind;
    char widths[VV_MAX_HIDDEN * 12];
    print_widths(t->stages[0] ? t->stages : t->hidden, widths);
    const vkvae_start start = {.folder = s->run.folder,
                               .data = t->data,
                               .device = s->exec->description,
                               .kernels = t->kernels,
                               .tuning = t->tuning,
                               .height = t->height,
                               .width = t->width,
                               .channels = t->channels,
                               .train_count = t->train_count,
                               .test_count = t->test_count,
                               .data_checksum = t->data_checksum,
                               .classes = s->classes,
                               .skipped = s->skipped,
                               .normalize = s->normalize,
                               .tokens = tokens ? vv_tokens_names[tokens] : "",
                               .token_count = t->tokens,
                               .model = t->model,
                               .activation = t->activation,
                               .likelihood = s->trainer.model.size.likelihood,
                               .binarize = *t->binarize ? t->binarize : "none",
                               .sigma = s->trainer.model.size.sigma,
                               .no_likelihood = !vv_model_is_density(t->likelihood),
                               .precision = *t->precision ? t->precision : "fp32",
                               .widths = widths,
                               .latent = t->latent,
                               .parameters = count_parameters(&s->trainer.model),
                               .arena_bytes = plan->arena_bytes,
                               .arena_unshared_bytes = plan->unshared_bytes,
                               .state_bytes = plan->state_bytes,
                               .epoch = s->trainer.position.epoch,
                               .epochs = t->epochs,
                               .steps = s->trainer.steps};
    if (!s->again || !s->again->begun) compare_with_repeated(s);
    if (s->options->on_start) s->options->on_start(s->options->user, &start);
}

static bool ask_stop(void *user) {
    const struct vv_session *s = user;
    return s->options->stop && s->options->stop(s->options->user);
}

// What the pictures need is made while the first steps run, so that the first one does not wait for it,
// and so early that what does not fit is known before it is waited for.
static bool prepare(void *user) {
    struct vv_session *s = user;
    vv_give_back();  // what reading and compiling took
    return vv_run_prepare(&s->run, &s->trainer);
}

static bool is_save_due(void *user) {
    const struct vv_session *s = user;
    const double every = s->save_every.seconds;
    return vv_saver_has_failed(&s->run.saver) || (every > 0 && vv_now() - s->run.saver.last >= every);
}

static bool save(void *user) {
    struct vv_session *s = user;
    return vv_run_save_beside(&s->run, &s->trainer);
}

static void tell_progress(void *user, uint32_t step, uint32_t steps, double loss, double seconds,
                          uint32_t fresh) {
    const struct vv_session *s = user;
    if (!s->options->on_progress) return;
    const double per_step = fresh ? seconds / fresh : 0;
    const uint32_t epoch = s->trainer.position.epoch + 1, epochs = s->settings.epochs;
    const vkvae_progress progress = {
        .epoch = epoch,
        .epochs = epochs,
        .step = step,
        .steps = steps,
        .loss = loss,
        .images_per_second = per_step > 0 ? s->settings.batch / per_step : 0,
        .seconds_left = per_step * ((double)(steps - step) + (double)(epochs - epoch) * steps),
    };
    s->options->on_progress(s->options->user, &progress);
}

static vkvae_losses to_public(const struct vv_session *s, struct vv_losses l) {
    const double loss = l.recon + l.kl;
    return (vkvae_losses){loss, l.recon, l.kl, loss * vv_settings_bits(&s->settings)};
}

// The epoch's row of the history.
static bool add_metrics(struct vv_session *s, const struct vv_losses *train,
                        const struct vv_losses *test) {
    const struct vv_trainer *t = &s->trainer;
    const struct vv_kl_step kl = vv_trainer_kl(t);
    const bool differs = vv_kl_differs(&s->settings);
    const double none = (double)NAN;
    const struct vv_metrics_row row = {
        .epoch = t->position.epoch,
        .step = (double)((uint64_t)t->position.epoch * t->steps),
        .train_recon = train->recon,
        .train_kl = train->kl,
        .test_recon = test->recon,
        .test_kl = test->kl,
        .active_units = t->latents.count ? t->latents.active : none,
        .kl_weight = differs ? kl.weight : none,
        .capacity = s->settings.capacity > 0 ? kl.capacity : none,
        .train_objective = differs ? train->recon + train->cost : none,
        .test_objective = differs ? test->recon + test->cost : none,
    };
    return vv_metrics_add(s->ctx, &s->run.metrics, &row, t->latents.kl, t->latents.count);
}

// Behind the save: what was learnt goes first. A picture of an earlier epoch that is no more what it was
// does not end the training.
static bool write_report(struct vv_session *s, const vkvae_profile *profile) {
    if (!s->options->report || vv_report_write(s->ctx, s->run.folder, NULL, VV_REPORT_EPOCHS, profile))
        return true;
    if (s->ctx->status != VV_BAD_DATA || s->ctx->unread) return false;
    vv_say(s->ctx, VV_LOG_WARNING, "%.900s; report.html is as it was", s->ctx->error);
    vv_clear(s->ctx);
    return true;
}

// The files, the report of an epoch that is trained and tested.
static bool write_epoch(struct vv_session *s, struct vv_losses train, struct vv_losses test,
                        double train_seconds, double test_seconds, uint64_t images) {
    struct vv_trainer *t = &s->trainer;
    const double rate = train_seconds > 0 ? (double)images / train_seconds : 0;
    double sigma;
    if (!vv_trainer_sigma(t, &sigma)) return false;
    const uint64_t step = (uint64_t)t->position.epoch * t->steps;
    if (!add_metrics(s, &train, &test)) return false;
    vv_collapse_warn(s->ctx, &s->settings, &s->run.metrics);
    if (!vv_run_prepare(&s->run, t)) return false;
    if (!vv_run_write_epoch(&s->run, t, train_seconds, test_seconds, rate) || !write_report(s, NULL))
        return false;
    s->result.train = to_public(s, train);
    s->result.test = to_public(s, test);
    const struct vv_kl_step kl = vv_trainer_kl(t);
    const vkvae_epoch epoch = {.epoch = t->position.epoch,
                               .epochs = s->settings.epochs,
                               .step = step,
                               .train = s->result.train,
                               .test = s->result.test,
                               .sigma = sigma,
                               .train_seconds = train_seconds,
                               .test_seconds = test_seconds,
                               .images_per_second = rate,
                               .weighed = vv_kl_differs(&s->settings),
                               .train_objective = train.recon + train.cost,
                               .test_objective = test.recon + test.cost,
                               .kl_weight = kl.weight,
                               .kl_capacity = kl.capacity,
                               .latent = t->latents.count,
                               .active_units = t->latents.active,
                               .kl_per_latent = t->latents.kl};
    if (s->options->on_epoch) s->options->on_epoch(s->options->user, &epoch);
    return true;
}

// What is left of an epoch of which the steps from `first` on were trained in this time. A test that is
// stopped, and what comes after it, is for the run that goes on from there.
static enum vv_outcome end_epoch(struct vv_session *s, const struct vv_hooks *hooks,
                                 struct vv_losses train, double train_seconds, uint32_t first) {
    const uint64_t count = s->settings.train_count, before = (uint64_t)first * s->settings.batch;
    const uint64_t images = before < count ? count - before : 0;  // the last batch may be smaller
    struct vv_losses test;
    const double start = vv_now();
    const enum vv_outcome outcome = vv_trainer_epoch_test(&s->trainer, hooks, &test);
    if (outcome != VV_EPOCH_DONE) return outcome;
    return write_epoch(s, train, test, train_seconds, vv_now() - start, images) ? VV_EPOCH_DONE
                                                                                : VV_EPOCH_FAILED;
}

// Whether --patience is at its end: of a run that is continued, too.
static bool is_stuck(struct vv_session *s) {
    const struct vv_metrics *m = &s->run.metrics;
    const uint32_t best = vv_metrics_best(m), patience = s->settings.patience;
    if (!patience || m->count < best + patience || s->trainer.position.step) return false;
    s->result.early = true;
    if (best)
        vv_say(s->ctx, VV_LOG_INFO,
               "stopped early: the test loss of epoch %u, %.2f, was the lowest for %u epochs%s", best,
               m->rows[best - 1].test_recon + m->rows[best - 1].test_kl, m->count - best,
               vv_run_has_best(&s->run, s->ctx) ? "; best.safetensors has its weights" : "");
    else
        vv_say(s->ctx, VV_LOG_INFO, "stopped early: no test loss was finite for %u epochs", m->count);
    return true;
}

// What was good until a step that was not: told with the failure where it cannot be.
static void save_sound(struct vv_session *s) {
    const struct vv_context failure = *s->ctx;
    vv_clear(s->ctx);
    const bool saved = vv_run_save(&s->run, &s->trainer);
    const struct vv_context second = *s->ctx;
    *s->ctx = failure;
    if (!saved) vv_fail_also(s->ctx, "; what was good until then could not be saved: %s", second.error);
}

static bool run_epochs(struct vv_session *s) {
    struct vv_trainer *t = &s->trainer;
    tell_start(s);
    const struct vv_hooks hooks = {.user = s,
                                   .stop = ask_stop,
                                   .idle = prepare,
                                   .save = s->run.folder ? save : NULL,
                                   .save_steps = s->save_every.steps,
                                   .due = is_save_due,
                                   .progress = tell_progress};
    s->run.saver.last = vv_now();
    if (t->position.epoch >= s->settings.epochs)
        vv_say(s->ctx, VV_LOG_INFO,
               "nothing to do: the run has done its %u epochs; ask for more with --epochs",
               t->position.epoch);
    if (s->options->resume && !vv_run_complete(&s->run, t)) return false;
    while (t->position.epoch < s->settings.epochs && !is_stuck(s)) {
        const double start = vv_now();
        const uint32_t first = t->position.step;
        struct vv_losses train;
        enum vv_outcome outcome = vv_trainer_epoch(t, &hooks, &train);
        if (outcome == VV_EPOCH_FAILED) {
            if (t->diverged) save_sound(s);
            return false;
        }
        if (outcome == VV_EPOCH_DONE) outcome = end_epoch(s, &hooks, train, vv_now() - start, first);
        if (outcome == VV_EPOCH_FAILED) return false;
        if (outcome == VV_EPOCH_STOPPED) {
            s->result.stopped = true;
            return vv_run_save(&s->run, t);
        }
        // A stop that came during the writing: all is saved already.
        s->result.stopped = t->position.epoch < s->settings.epochs && ask_stop(s);
        if (s->result.stopped) return true;
    }
    return true;
}

// Of a run that was continued and stopped before that, what it had done.
static void note_end(struct vv_session *s) {
    const bool begun = s->begun;
    const struct vv_settings *t = &s->settings;
    const struct vv_position *at = begun ? &s->trainer.position : &s->resume.position;
    const uint32_t steps = begun      ? s->trainer.steps
                           : t->batch ? (t->train_count + t->batch - 1) / t->batch
                                      : 0;
    s->result.epochs = at->epoch;
    s->result.wanted_epochs = t->epochs;
    s->result.best_epoch = vv_metrics_best(begun ? &s->run.metrics : &s->resume.metrics);
    s->result.steps = (uint64_t)at->epoch * steps + at->step;
}

void vv_session_finish(struct vv_session *s) {
    vv_run_close(&s->run);
    vv_trainer_finish(&s->trainer);
    vv_profile_finish(&s->profile);
    vv_exec_destroy(s->exec);
    vv_tuning_finish(&s->tuning);
    vv_resume_finish(&s->resume);
    vv_dataset_finish(&s->set);
    vv_store_finish(&s->store);
}

// The page once more, with the profile in it; and then what was asked for.
static void report_profile(void *user, const vkvae_profile *profile) {
    struct vv_session *s = user;
    (void)write_report(s, profile);
    if (s->options->on_profile) s->options->on_profile(s->options->user, profile);
}

static bool tell_profile(struct vv_session *s) {
    vkvae_train_options options = *s->options;
    options.on_profile = report_profile;
    options.user = s;
    return !s->trainer.profile ||
           (vv_profile_tell(&s->profile, &s->peak, &options) && s->ctx->status == VV_OK);
}

// From the options to the end of the run.
static bool attempt(struct vv_session *s, struct vv_retry *again) {
    s->again = again->done ? again : NULL;
    s->options = &again->options;
    s->run.lock = again->lock;
    again->lock = (struct vv_lock){0};
    vv_store_init(&s->store, s->ctx);
    s->ctx->stop = s->again ? NULL : ask_stop;  // a run that has begun saves before it stops
    s->ctx->stop_user = s;
    const bool settled = vv_session_settle(s);
    s->ctx->stop = NULL;  // from here on the trainer asks
    const bool ok = settled && set_up(s) && run_epochs(s) && tell_profile(s);
    (void)vv_run_saved(&s->run, s->ctx);
    vv_retry_note(again, s);
    return ok;
}

vkvae_status vkvae_train(vkvae *v, const vkvae_train_options *options, vkvae_train_result *result) {
    struct vv_session s = {.ctx = &v->ctx};
    struct vv_retry again;
    vv_retry_init(&again, options);
    vv_clear(s.ctx);
    bool ok = attempt(&s, &again);
    while (!ok && vv_retry_next(&again, &s)) {
        vv_session_finish(&s);
        vv_clear(&v->ctx);  // what the lost device answered until then, too
        s = (struct vv_session){.ctx = &v->ctx};
        ok = attempt(&s, &again);
    }
    if (!ok && !s.trainer.diverged) vv_retry_tell(&again, s.ctx);  // else the run has said what to do
    if (s.ctx->status == VV_STOPPED) {
        vv_clear(s.ctx);
        ok = s.result.stopped = true;
    }
    note_end(&s);
    s.result.device_bytes = again.most_bytes;
    s.result.retries = again.done;
    vv_session_finish(&s);
    if (result) *result = s.result;
    return vv_result(s.ctx, ok && s.ctx->status == VV_OK);
}
