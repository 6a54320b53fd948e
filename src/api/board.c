#include "board.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "schedule.h"

bool vv_board_check(struct vv_context *ctx, const char *folder) {
    // What is there and is no folder is told of before a run's folder is made, or emptied.
    if (folder && vv_events_are_there()) return !vv_path_exists(folder) || vv_folder_create(ctx, folder);
    if (!folder) return true;
    return vv_fail(ctx, VV_USAGE,
                   "--tensorboard: this vkvae was built without libprotobuf-c; install that "
                   "(scripts/setup.sh does) and build again, or leave it out");
}

bool vv_board_open(struct vv_board *board, const struct vv_trainer *trainer, const char *folder) {
    const struct vv_position *at = &trainer->position;
    if (!folder) return true;
    board->open = true;
    // The step of an epoch's end is told of by its event: from the next one on all is to come.
    const uint64_t done = (uint64_t)at->epoch * trainer->steps;
    return vv_events_open(trainer->ctx, folder, done ? done + 1 : 0, &board->events);
}

void vv_board_close(struct vv_board *board) {
    if (board->open) vv_events_close(&board->events);
    board->open = false;
}

// What an event is made of.
struct telling {
    struct vv_event_value values[24];
    uint32_t count;
    unsigned char *png[2];  // owned
};

// Of what there is none, nothing is told; of what is not finite, that.
static void tell(struct telling *t, const char *tag, bool known, double value) {
    if (known)
        t->values[t->count++] =
            (struct vv_event_value){.tag = tag, .kind = VV_EVENT_SCALAR, .scalar = value};
}

static void tell_numbers(struct telling *t, const char *tag, const float *numbers, uint32_t count) {
    if (count)
        t->values[t->count++] = (struct vv_event_value){
            .tag = tag, .kind = VV_EVENT_HISTOGRAM, .numbers = numbers, .count = count};
}

static bool tell_picture(struct telling *t, struct vv_context *ctx, const char *tag, const char *path,
                         unsigned char **png) {
    const uint64_t most = UINT64_C(1) << 29;
    struct vv_event_value value = {.tag = tag, .kind = VV_EVENT_PICTURE};
    if (!path) return true;
    if (!vv_file_read(ctx, path, most, png, &value.size)) return false;
    value.png = *png;
    t->values[t->count++] = value;
    return true;
}

// Of the last step before position, as the table of steps had it.
static double rate_of(const struct vv_trainer *t) {
    const uint64_t step = (uint64_t)t->position.epoch * vv_schedule_groups(&t->settings);
    return vv_schedule_rate(&t->settings, step ? step - 1 : 0) * ldexp(1, -(int)t->position.rollbacks);
}

static void tell_scalars(struct telling *t, const struct vv_trainer *trainer,
                         const struct vv_metrics_row *r, double images_per_second) {
    tell(t, "loss/train", true, r->train_recon + r->train_kl);
    tell(t, "loss/test", true, r->test_recon + r->test_kl);
    tell(t, "recon/train", true, r->train_recon);
    tell(t, "recon/test", true, r->test_recon);
    tell(t, "kl/train", true, r->train_kl);
    tell(t, "kl/test", true, r->test_kl);
    const bool weighed = vv_kl_differs(&trainer->settings);
    tell(t, "objective/train", weighed, r->train_objective);
    tell(t, "objective/test", weighed, r->test_objective);
    tell(t, "kl_weight", weighed, r->kl_weight);
    tell(t, "capacity", trainer->settings.capacity > 0, r->capacity);
    tell(t, "learning_rate", true, rate_of(trainer));
    tell(t, "active_units", trainer->latents.count > 0, trainer->latents.active);
    tell(t, "images_per_second", images_per_second > 0, images_per_second);
}

bool vv_board_write(struct vv_board *board, const struct vv_trainer *trainer,
                    const struct vv_metrics *metrics, const char *const pictures[2],
                    double images_per_second) {
    const struct vv_latents *l = &trainer->latents;
    const struct vv_metrics_row *row = &metrics->rows[metrics->count - 1];
    struct telling t = {.count = 0};
    if (!board->open) return true;
    tell_scalars(&t, trainer, row, images_per_second);
    tell_numbers(&t, "latents/mu", l->mean, l->count);
    tell_numbers(&t, "latents/kl", l->kl, l->count);
    const bool ok = tell_picture(&t, trainer->ctx, "pictures/reconstruction", pictures[0], &t.png[0]) &&
                    tell_picture(&t, trainer->ctx, "pictures/samples", pictures[1], &t.png[1]) &&
                    vv_events_write(&board->events, (uint64_t)row->step, t.values, t.count);
    free(t.png[0]);
    free(t.png[1]);
    return ok;
}
