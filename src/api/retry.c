#include "retry.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void vv_retry_init(struct vv_retry *again, const vkvae_train_options *options) {
    *again = (struct vv_retry){.options = *options, .most = options->retries};
}

void vv_retry_note(struct vv_retry *again, const struct vv_session *s) {
    if (s->exec && s->exec->most_bytes > again->most_bytes) again->most_bytes = s->exec->most_bytes;
    if (!s->begun) return;
    again->begun = true;
    again->saved = s->run.saved;
    again->folder = s->run.folder;
    again->save = s->run.save;
    again->epochs = s->settings.epochs;
    (void)snprintf(again->device, sizeof again->device, "%s", s->exec->description);
}

// Drivers that reset a card take a while, in which it cannot be opened. False: the user does not want to
// wait.
static bool wait_a_while(const struct vv_session *s) {
    const struct timespec tenth = {.tv_nsec = 100000000};
    for (int i = 0; i < 20; i++) {
        if (s->options->stop && s->options->stop(s->options->user)) return false;
        (void)nanosleep(&tenth, NULL);
    }
    return true;
}

// The run itself knows what it was begun with, as `--resume` takes it. Where nothing is saved, what lies
// in the folder is this run's own.
static void choose_options(struct vv_retry *again) {
    vkvae_train_options *o = &again->options;
    if (again->begun) o->on_start = NULL;
    if (again->begun && o->out && !again->saved) o->force = true;
    if (!again->saved || o->resume) return;
    o->resume = again->folder;
    o->out = NULL;
    o->force = o->autotune = false;
    o->device.kernels = NULL;
    if (!o->train_images) o->data = NULL;
    o->patience = 0;
    o->epochs = again->epochs;
}

bool vv_retry_next(struct vv_retry *again, struct vv_session *s) {
    struct vv_context *ctx = s->ctx;
    const bool absent = again->done > 0 && ctx->status == VV_NO_DEVICE;
    char from[64] = "the beginning";
    if (again->done == again->most || !(ctx->lost || absent) || (absent && !wait_a_while(s)))
        return false;
    again->done++;
    if (again->saved && again->save.step)
        (void)snprintf(from, sizeof from, "epoch %u, step %u", again->save.epoch + 1, again->save.step);
    else if (again->saved)
        (void)snprintf(from, sizeof from, "the end of epoch %u", again->save.epoch);
    vv_say(ctx, VV_LOG_WARNING, "%.700s: opening the device anew, to go on from %s (%u of %u times)",
           ctx->error, from, again->done, again->most);
    choose_options(again);
    again->lock = s->run.lock;
    s->run.lock = (struct vv_lock){0};
    return true;
}

void vv_retry_tell(const struct vv_retry *again, struct vv_context *ctx) {
    const struct vv_position *save = &again->save;
    char step[48] = "";
    if (!again->begun || !again->folder) return;
    if (save->step) (void)snprintf(step, sizeof step, " and step %u of the next", save->step);
    if (again->saved)
        vv_fail_also(ctx, "; the run is saved up to epoch %u%s: vkvae train --resume %s --epochs %u",
                     save->epoch, step, again->folder, again->epochs);
    else
        vv_fail_also(ctx, "; nothing of the run in %s is saved yet: begin it again with --force",
                     again->folder);
}

bool vv_retry_same(const struct vv_retry *again, const struct vv_exec *exec) {
    if (!again->begun || strcmp(again->device, exec->description) == 0) return true;
    return vv_fail(
        exec->ctx, VV_NO_DEVICE,
        "%.200s was lost and is not there again, and on %.200s the last bits may be others: see "
        "that it is back, or go on there with --resume",
        again->device, exec->description);
}
