#include "room.h"

#include <stdio.h>

#include "file.h"
#include "size.h"

// "1.5 MiB"
struct amount {
    char text[32];
};

static struct amount print_amount(uint64_t bytes) {
    struct amount a;
    const double mib = (double)bytes / (1 << 20);
    (void)snprintf(a.text, sizeof a.text,
                   mib < 1    ? "%.1f KiB"
                   : mib < 10 ? "%.1f MiB"
                              : "%.0f MiB",
                   mib < 1 ? 1024 * mib : mib);
    return a;
}

// Tensors alone, so that it is surely no more than what is written.
struct saves {
    uint64_t checkpoint, resume;
};

static struct saves measure_saves(const struct vv_trainer *trainer) {
    struct saves saves = {.checkpoint =
                              (trainer->model.length + trainer->model.statistics) * sizeof(float)};
    for (enum vv_kept i = VV_KEPT_PARAMS; i < VV_KEPT_STATES; i++) {
        const struct vv_state *s = vv_trainer_kept(trainer, i);
        if (s) saves.resume += s->bytes;
    }
    return saves;
}

// Of an epoch, about: a byte a number, of samples, originals and reconstructions, and as much again for
// being drawn larger; text is as short.
static uint64_t guess_pictures(const struct vv_settings *s) {
    const uint64_t drawn = VV_SHOWN_SAMPLES + 2 * VV_SHOWN_RECONSTRUCTIONS, rest = UINT64_C(1) << 14;
    return drawn * s->height * s->width * s->channels + rest;
}

static uint64_t saturated(uint64_t a, uint64_t b, uint64_t c) {
    uint64_t product, sum;
    return vv_mul_u64(a, b, &product) && vv_add_u64(product, c, &sum) ? sum : UINT64_MAX;
}

bool vv_room_check(const struct vv_run *run, const struct vv_trainer *trainer, const char *folder) {
    const struct vv_settings *s = &trainer->settings;
    struct vv_context *ctx = trainer->ctx, quiet;
    struct vv_run_files there = {0};
    uint64_t room;
    if (!folder || !vv_disk_room(ctx, folder, &room)) return ctx->status == VV_OK;
    vv_context_init(&quiet);
    if ((run->resumed || run->force) && !vv_run_scan(&quiet, folder, &there)) there.bytes = 0;
    const struct saves saves = measure_saves(trainer);
    const bool best = s->keep_best || s->patience;
    // Where there are saves already, one is written beside them before it takes the place of one.
    const uint64_t larger = saves.checkpoint > saves.resume ? saves.checkpoint : saves.resume;
    const uint64_t first = run->resumed ? larger : saves.checkpoint * (1 + best) + saves.resume;
    const uint64_t now = room + (run->resumed ? 0 : there.bytes);
    if (now < first)
        return vv_fail(ctx, VV_FAILED,
                       "%s: its disk has room for %s, and the first save takes %s; make room there, or "
                       "take another disk",
                       folder, print_amount(now).text, print_amount(first).text);
    const uint64_t all =
        saturated(guess_pictures(s), s->epochs, saves.checkpoint * (1 + best) + 3 * saves.resume);
    if (room + there.bytes < all)
        vv_say(
            ctx, VV_LOG_WARNING,
            "%s: its disk has room for %s, and saves and pictures of %u epochs may take %s; make room "
            "there before the run stops for want of it",
            folder, print_amount(room + there.bytes).text, s->epochs, print_amount(all).text);
    return true;
}
