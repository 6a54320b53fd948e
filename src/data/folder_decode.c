#include "folder_decode.h"

#include "picture.h"
#include "resize.h"
#include "size.h"
#include "workers.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// Pictures that are decoded at the same time take so much together, however many threads there are; one
// that takes more is decoded alone. One of 12 million pixels takes a fourteenth of it.
#define TOGETHER (UINT64_C(1) << 29)

struct vv_folder_sight {
    uint64_t bytes;          // that decoding takes, at most
    uint32_t height, width;  // after cropping
    unsigned char channels;
    bool broken;
};

// What went wrong, whichever thread met it first: the lowest pictures' words are kept.
struct vv_folder_notes {
    pthread_mutex_t lock;
    struct note {
        uint32_t index;
        struct vv_context said;
    } named[VV_NAMED_MOST], fatal;
    uint32_t named_count, count;
    bool is_fatal;
};

// ---- Notes ----

static void keep_named(struct vv_folder_notes *n, uint32_t index, const struct vv_context *said) {
    uint32_t at = n->named_count;
    while (at > 0 && n->named[at - 1].index > index) at--;
    if (at == VV_NAMED_MOST) return;
    if (n->named_count < VV_NAMED_MOST) n->named_count++;
    memmove(&n->named[at + 1], &n->named[at], (n->named_count - 1 - at) * sizeof n->named[0]);
    n->named[at] = (struct note){index, *said};
}

// Returns whether it goes on.
static bool note(struct vv_folder_decoding *d, uint32_t index, const struct vv_context *said) {
    struct vv_folder_notes *n = d->notes;
    const bool fatal = said->status != VV_BAD_DATA || d->reading->strict;
    (void)pthread_mutex_lock(&n->lock);
    if (!fatal) {
        d->sight[index].broken = true;
        n->count++;
        keep_named(n, index, said);
    } else if (!n->is_fatal || index < n->fatal.index) {
        n->is_fatal = true;
        n->fatal = (struct note){index, *said};
    }
    (void)pthread_mutex_unlock(&n->lock);
    return !fatal;
}

static bool is_well(struct vv_folder_decoding *d) {
    const struct vv_context *said = &d->notes->fatal.said;
    d->broken = d->notes->count;
    if (d->ctx->status != VV_OK) return false;  // stopped
    return !d->notes->is_fatal || vv_fail(d->ctx, said->status, "%s", said->error);
}

void vv_folder_warn(const struct vv_folder_decoding *d) {
    const struct vv_folder_notes *n = d->notes;
    for (uint32_t i = 0; i < n->named_count; i++)
        vv_say(d->ctx, VV_LOG_WARNING, "%s; it is left out", n->named[i].said.error);
    if (n->count > n->named_count)
        vv_say(d->ctx, VV_LOG_WARNING, "%s: %u more broken pictures are left out", d->plan->folder,
               n->count - n->named_count);
}

// Some picture of each part has to be left.
static bool some_are_left(struct vv_folder_decoding *d) {
    const struct vv_folder_plan *plan = d->plan;
    for (uint32_t part = 0, at = 0; part < 2; at += plan->count[part++]) {
        uint32_t whole = 0;
        for (uint32_t i = 0; i < plan->count[part]; i++) whole += !d->sight[at + i].broken;
        if (whole || !plan->count[part]) continue;
        const struct vv_folder_notes *n = d->notes;
        const struct note *first = &n->named[0];
        for (uint32_t i = 0; i < n->named_count && first->index < at; i++) first = &n->named[i];
        return vv_fail(d->ctx, VV_BAD_DATA,
                       "%s: no picture to %s on is whole, of %u; of one of them is said: %s",
                       plan->folder, part ? "test" : "train", plan->count[part], first->said.error);
    }
    return true;
}

// ---- Sizes ----

static struct vv_resize resize_of(const struct vv_folder_decoding *d) {
    const struct vv_reading *r = d->reading;
    struct vv_resize how = {.height = d->height, .width = d->width, .fit = r->fit, .crop = r->crop};
    const unsigned char *b = r->background;
    memcpy(how.background, b, 3);
    if (d->channels == 1) how.background[0] = (unsigned char)vv_picture_grey(b[0], b[1], b[2]);
    return how;
}

static bool measure_one(void *user, uint32_t index) {
    struct vv_folder_decoding *d = user;
    struct vv_folder_sight *sight = &d->sight[index];
    struct vv_context quiet;
    struct vv_picture picture;
    vv_context_init(&quiet);
    if (!vv_picture_measure(&quiet, d->plan->picture[index]->path, &picture))
        return note(d, index, &quiet);
    const struct vv_resize how = {.crop = d->reading->crop};
    vv_resize_size(&how, &picture, &sight->height, &sight->width);
    sight->bytes = (uint64_t)picture.height * picture.width * (3 + picture.beside);
    sight->channels = (unsigned char)picture.channels;
    return true;
}

// All of one size, or the first two that differ are named.
static bool agree(struct vv_folder_decoding *d, uint32_t total) {
    const struct vv_folder_sight *first = NULL;
    const char *name = NULL;
    for (uint32_t i = 0; i < total; i++) {
        const struct vv_folder_sight *sight = &d->sight[i];
        if (sight->broken) continue;
        if (!first) {
            first = sight;
            name = d->plan->picture[i]->path;
        }
        if (sight->height != first->height || sight->width != first->width)
            return vv_fail(
                d->ctx, VV_BAD_DATA,
                "%s is of %ux%u%s, but %s of %ux%u; give a size for all, such as --size 64x64", name,
                first->height, first->width, d->reading->crop ? " when cropped" : " (height x width)",
                d->plan->picture[i]->path, sight->height, sight->width);
    }
    assert(first);  // some_are_left
    d->height = first->height;
    d->width = first->width;
    return true;
}

bool vv_folder_measure(struct vv_context *ctx, struct vv_folder_plan *plan,
                       const struct vv_reading *reading, struct vv_folder_decoding *d) {
    const uint32_t total = plan->count[0] + plan->count[1];
    *d = (struct vv_folder_decoding){.ctx = ctx,
                                     .plan = plan,
                                     .reading = reading,
                                     .height = reading->height,
                                     .width = reading->width,
                                     .channels = reading->channels};
    d->sight = vv_alloc(ctx, total, sizeof *d->sight);
    d->notes = vv_alloc(ctx, 1, sizeof *d->notes);
    if (d->notes) (void)pthread_mutex_init(&d->notes->lock, NULL);
    if (plan->label) d->label = vv_alloc(ctx, total, sizeof *d->label);
    if (!d->sight || !d->notes || (plan->label && !d->label)) return false;
    vv_work(ctx, reading->threads, total, measure_one, d);
    if (!is_well(d) || !some_are_left(d)) return false;
    if (!d->height && !agree(d, total)) return false;
    if (d->channels) return true;
    d->channels = 1;
    for (uint32_t i = 0; i < total; i++)
        if (!d->sight[i].broken && d->sight[i].channels != 1) d->channels = 3;
    return true;
}

// ---- Pixels ----

struct task {
    struct vv_folder_decoding *d;
    struct vv_shelf *shelf;
    struct vv_resize how;
    struct vv_budget memory;
};

static bool decode(const struct task *task, uint32_t index) {
    struct vv_folder_decoding *d = task->d;
    const uint32_t part = index >= d->plan->count[0];
    struct vv_context quiet;
    struct vv_picture picture;
    vv_context_init(&quiet);
    if (!vv_picture_read(&quiet, d->plan->picture[index]->path, d->channels, d->reading->background,
                         &picture))
        return note(d, index, &quiet);
    unsigned char *pixels = vv_alloc(&quiet, task->shelf->stride, 1);
    bool ok = pixels && vv_resize(&quiet, &task->how, &picture, pixels);
    vv_picture_finish(&picture);
    if (ok &&
        !vv_shelf_put(&quiet, task->shelf, part, part ? index - d->plan->count[0] : index, pixels)) {
        ok = false;
        atomic_store(&d->shelf_failed, true);
    }
    free(pixels);
    return ok || note(d, index, &quiet);
}

static bool decode_one(void *user, uint32_t index) {
    struct task *task = user;
    const struct vv_folder_sight *sight = &task->d->sight[index];
    if (sight->broken) return true;
    const uint64_t bytes = sight->bytes + task->shelf->stride;
    vv_budget_take(&task->memory, bytes);
    const bool ok = decode(task, index);
    vv_budget_return(&task->memory, bytes);
    return ok;
}

// Closes the gaps that broken pictures leave.
static bool close_gaps(struct vv_folder_decoding *d, struct vv_shelf *shelf) {
    const struct vv_folder_plan *plan = d->plan;
    uint32_t kept = 0;
    for (uint32_t part = 0, i = 0; part < 2; part++) {
        d->count[part] = 0;
        for (uint32_t k = 0; k < plan->count[part]; k++, i++) {
            if (d->sight[i].broken) continue;
            if (d->count[part] != k && !vv_shelf_move(d->ctx, shelf, part, k, d->count[part])) {
                atomic_store(&d->shelf_failed, shelf->in_file);
                return false;
            }
            if (plan->label) d->label[kept] = plan->label[i];
            kept++;
            d->count[part]++;
        }
    }
    return true;
}

bool vv_folder_decode(struct vv_folder_decoding *d, struct vv_shelf *shelf) {
    struct task task = {.d = d, .shelf = shelf, .how = resize_of(d)};
    atomic_store(&d->shelf_failed, false);
    d->notes->is_fatal = false;
    vv_budget_init(&task.memory, TOGETHER);
    vv_work(d->ctx, d->reading->threads, d->plan->count[0] + d->plan->count[1], decode_one, &task);
    vv_budget_finish(&task.memory);
    return is_well(d) && some_are_left(d) && close_gaps(d, shelf);
}

void vv_folder_decoding_finish(struct vv_folder_decoding *d) {
    if (d->notes) (void)pthread_mutex_destroy(&d->notes->lock);
    free(d->notes);
    free(d->sight);
    free(d->label);
}
