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
    vv_context_init(&again->moved);
    (void)vv_lock_check(&again->moved, &s->run.lock);
    again->saved = s->run.saved;
    again->folder = s->run.folder;
    again->save = s->run.save;
    again->epochs = s->settings.epochs;
    (void)snprintf(again->device, sizeof again->device, "%s", s->exec->description);
}

// Drivers that reset a card take a while, in which it cannot be opened, or is lost at once. False: the
// user does not want to wait, and the call is stopped.
static bool wait_a_while(const struct vv_session *s) {
    const struct timespec tenth = {.tv_nsec = 100000000};
    for (int i = 0; i < 20; i++) {
        if (s->options->stop && s->options->stop(s->options->user)) {
            vv_clear(s->ctx);
            s->ctx->status = VV_STOPPED;
            return false;
        }
        (void)nanosleep(&tenth, NULL);
    }
    return true;
}

// Where the next attempt begins.
static void print_from(const struct vv_retry *again, const struct vv_session *s, char text[64]) {
    const struct vv_position *at = again->saved ? &again->save : &s->resume.position;
    if (!again->saved && (again->begun || !s->options->resume))
        (void)snprintf(text, 64, "the beginning");
    else if (at->step)
        (void)snprintf(text, 64, "epoch %u, step %u", at->epoch + 1, at->step);
    else
        (void)snprintf(text, 64, "the end of epoch %u", at->epoch);
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
    char from[64];
    if (again->done == again->most || !(ctx->lost || absent) || (!s->begun && !wait_a_while(s)))
        return false;
    again->done++;
    print_from(again, s, from);
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
    if (again->moved.status != VV_OK) {  // whatever else, there is nothing to go on from
        vv_clear(ctx);
        (void)vv_fail(ctx, again->moved.status, "%s", again->moved.error);
        return;
    }
    if (save->step) (void)snprintf(step, sizeof step, " and step %u of the next", save->step);
    if (again->saved)
        vv_fail_also(ctx, "; the run is saved up to epoch %u%s: vkvae train --resume %s --epochs %u",
                     save->epoch, step, again->folder, again->epochs);
    else
        vv_fail_also(ctx, "; nothing of the run in %s is saved yet: begin it again with --force",
                     again->folder);
}

const char *vv_retry_device(const struct vv_retry *again) {
    return again && again->begun ? again->device : NULL;
}
