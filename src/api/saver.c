#include "saver.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "file.h"

static void write_files(struct vv_saver *s) {
    s->ok = vv_lock_check(&s->ctx, &s->lock) &&
            vv_checkpoint_save(&s->ctx, s->path[VV_SAVE_CHECKPOINT], &s->checkpoint) &&
            vv_lock_check(&s->ctx, &s->lock) &&
            vv_save_write(&s->save, &s->ctx, s->path[VV_SAVE_RESUME],
                          s->keep ? s->path[VV_SAVE_PREVIOUS] : NULL);
    atomic_store(&s->failed, !s->ok);
}

static void *run(void *saver) {
    write_files(saver);
    return NULL;
}

static void forget(struct vv_saver *s) {
    free(s->checkpoint.params);
    s->checkpoint = (struct vv_checkpoint){0};
    vv_save_finish(&s->save);
    for (uint32_t i = 0; i < 3; i++) {
        free(s->path[i]);
        s->path[i] = NULL;
    }
}

static bool name_files(struct vv_saver *s, struct vv_context *ctx, const char *folder,
                       const char *const names[3]) {
    bool ok = true;
    for (uint32_t i = 0; ok && i < 3; i++) ok = (s->path[i] = vv_path_join(ctx, folder, names[i]));
    return ok;
}

bool vv_saver_begin(struct vv_saver *s, struct vv_trainer *trainer, const struct vv_metrics *metrics,
                    const char *folder, const char *const names[3], bool keep) {
    vv_context_init(&s->ctx);
    s->keep = keep;
    atomic_store(&s->failed, false);
    s->busy = name_files(s, trainer->ctx, folder, names) &&
              vv_checkpoint_take(trainer, &s->checkpoint) && vv_save_take(&s->save, trainer, metrics);
    if (!s->busy) {
        forget(s);
        return false;
    }
    s->last = vv_now();
    s->threaded = pthread_create(&s->thread, NULL, run, s) == 0;
    return true;
}

bool vv_saver_has_failed(const struct vv_saver *s) {
    return s->busy && atomic_load(&s->failed);
}

bool vv_saver_wait(struct vv_saver *s, struct vv_context *ctx, struct vv_position *position) {
    if (!s->busy) return true;
    s->busy = false;
    if (s->threaded)
        (void)pthread_join(s->thread, NULL);
    else
        write_files(s);
    if (s->ok) *position = s->save.position;
    forget(s);
    return s->ok || vv_fail(ctx, s->ctx.status, "%s", s->ctx.error);
}

static bool parse_digits(const char *text, size_t digits, uint64_t *number) {
    *number = 0;
    for (size_t i = 0; i < digits; i++) *number = 10 * *number + (uint64_t)(text[i] - '0');
    return digits > 0 && digits < 10 && *number > 0;
}

bool vv_save_every_parse(struct vv_context *ctx, const char *text, struct vv_save_every *every) {
    static const char units[] = "smh";
    static const double seconds[] = {1, 60, 3600};
    uint64_t number;
    *every = (struct vv_save_every){0};
    if (!text || !*text || strcmp(text, "none") == 0) return true;
    const size_t digits = strspn(text, "0123456789");
    const char *unit = text[digits] ? strchr(units, text[digits]) : NULL;
    const bool timed = unit && !text[digits + 1];
    if (!parse_digits(text, digits, &number) || (text[digits] && !timed))
        return vv_fail(
            ctx, VV_USAGE,
            "--save-every %.60s: expected a number of steps, or a time in seconds, minutes or "
            "hours with s, m or h behind it, of at most 9 digits; say 500, 10m or none",
            text);
    if (timed)
        every->seconds = (double)number * seconds[unit - units];
    else
        every->steps = number;
    return true;
}
