// Kernels by measured time: for a run that is about to be trained, and for its own sake.
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "handle.h"
#include "session.h"

static bool tune(struct vv_session *s, const vkvae_autotune_options *asked) {
    const struct vv_tuning_request request = {.options = s->options,
                                              .settings = &s->settings,
                                              .set = &s->set,
                                              .force = asked && asked->force,
                                              .on_product = asked ? asked->on_product : NULL,
                                              .user = asked ? asked->user : NULL};
    return vv_tuning_make(&s->tuning, s->exec, &request);
}

// The kernels of the run that this one repeats, where the device has them.
static void repeat_tuning(struct vv_session *s) {
    const vkvae_record *r = &s->options->repeated;
    char error[sizeof s->ctx->error];
    if (vv_tuning_reuse(&s->tuning, s->exec, "the recorded run", r->kernels ? r->kernels : "",
                        r->tuning))
        return;
    memcpy(error, s->ctx->error, sizeof error);
    vv_clear(s->ctx);
    vv_tuning_finish(&s->tuning);
    vv_say(s->ctx, VV_LOG_WARNING, "%s; this run's files may differ from its", error);
}

bool vv_session_choose_kernels(struct vv_session *s) {
    const vkvae_train_options *o = s->options;
    struct vv_settings *t = &s->settings;
    const bool reference = strcmp(s->exec->kernels, "reference") == 0;
    bool ok = true;
    if (o->autotune)
        ok = tune(s, NULL);
    else if (o->resume && !o->device.kernels)
        ok = vv_tuning_reuse(&s->tuning, s->exec, o->resume, t->kernels, t->tuning);
    else if (!o->resume && o->repeated.tuning && !reference)
        repeat_tuning(s);
    if (ok) (void)snprintf(t->kernels, sizeof t->kernels, "%s", s->exec->kernels);
    if (ok) vv_tuning_save(&s->tuning, t);
    return ok;
}

void vkvae_autotune_defaults(vkvae_autotune_options *options) {
    *options = (vkvae_autotune_options){.force = false};
    vkvae_train_defaults(&options->train);
}

// The best of some short stretches of training; 0 where an epoch has too few steps.
static bool time_steps(struct vv_session *s, double *seconds, double *loss) {
    enum { STRETCH = 8 };
    struct vv_trainer *t = &s->trainer;
    const double end = vv_now() + 1.5;
    struct vv_losses unused;
    *seconds = *loss = 0;
    const struct vv_trainer_options options = {.data_memory = s->options->data_memory};
    if (!vv_trainer_init(t, s->exec, &s->settings, &s->set, &options) ||
        !vv_trainer_load(t, &s->set, s->settings.data_checksum))
        return false;
    for (uint32_t done = 0; done + STRETCH < t->steps && (done < 2 * STRETCH || vv_now() < end);
         done += STRETCH) {
        const struct vv_hooks hooks = {.until = done + STRETCH};
        const double start = vv_now();
        if (vv_trainer_epoch(t, &hooks, &unused) == VV_EPOCH_FAILED) return false;
        if (!done)
            *loss = (t->position.partial.recon + t->position.partial.kl) /
                    ((double)STRETCH * s->settings.batch);
        const double now = (vv_now() - start) / STRETCH;
        if (done && (*seconds <= 0 || now < *seconds)) *seconds = now;  // the first compiles kernels
    }
    return true;
}

static void describe_tuning(const struct vv_session *s, vkvae_autotune_result *r) {
    const struct vv_run_tuning *t = &s->tuning;
    (void)snprintf(r->device, sizeof r->device, "%s", s->exec->description);
    (void)snprintf(r->kernels, sizeof r->kernels, "%s", s->exec->kernels);
    (void)snprintf(r->cache, sizeof r->cache, "%s", t->path ? t->path : "");
    vv_tuning_key_print(&t->key, r->key, sizeof r->key);
    r->lanes = s->exec->limits.subgroup_size;
    r->products = t->jobs.count;
    r->measured = t->measured;
    r->seconds = t->seconds;
    for (uint32_t i = 0; i < t->jobs.count; i++) {
        const struct vv_measured *m = vv_measurements_find(&t->known, &t->jobs.list[i].product);
        for (uint32_t j = 0; m && j < m->count; j++) r->wrong += m->candidates[j].wrong;
    }
}

vkvae_status vkvae_autotune(vkvae *v, const vkvae_autotune_options *options,
                            vkvae_autotune_result *result) {
    vkvae_train_options train = options->train;
    vkvae_autotune_result found = {.lanes = 0};
    train.autotune = true;
    train.out = NULL;
    struct vv_session s = {.ctx = &v->ctx, .options = &train};
    vv_clear(s.ctx);
    vv_store_init(&s.store, s.ctx);
    bool ok = vv_session_settle(&s);
    if (ok) {  // the set is all there before time is measured
        vv_loader_start(&s.loader, &s.set, &s.drawn);
        ok = vv_session_load(&s);
    }
    if (ok) s.exec = vv_open_device(&s.store, &train.device, NULL);
    ok = s.exec && tune(&s, options) && time_steps(&s, &found.step_seconds, &found.step_loss);
    if (ok) describe_tuning(&s, &found);
    vv_session_finish(&s);
    if (result) *result = found;
    return vv_result(s.ctx, ok && s.ctx->status == VV_OK);
}
