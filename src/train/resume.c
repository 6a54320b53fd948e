#include "resume.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "optimisation.h"
#include "optimiser.h"
#include "safetensors.h"
#include "schedule.h"
#include "size.h"
#include "tensors.h"

static const char resume_format[] = "vkvae-resume-1";

// ---- Which tensors ----

// A state's name in a save, or, `begun`, that of what it was at the epoch's beginning. false: a run of
// these settings has no such state (running statistics are the model's affair).
static bool name_of(const struct vv_settings *s, enum vv_kept which, bool begun,
                    char name[VV_KEPT_NAME]) {
    const struct vv_optimiser *o = vv_optimiser_of(s);
    const bool averages = s->ema > 0;
    const char *const names[VV_KEPT_STATES] = {
        "params",  o ? o->m : NULL,         o ? o->v : NULL,
        "running", averages ? "ema" : NULL, averages ? "ema.running" : NULL};
    if (!names[which]) return false;
    (void)snprintf(name, VV_KEPT_NAME, "%s%s", begun ? "begun." : "", names[which]);
    return true;
}

static bool is_statistics(enum vv_kept which) {
    return which == VV_KEPT_RUNNING || which == VV_KEPT_EMA_RUNNING;
}

// ---- Writing ----

// A state's values, or those that it had at the epoch's beginning, as a save has them.
static bool read_state(struct vv_trainer *trainer, enum vv_kept which, bool begun, float *saved) {
    const struct vv_state *s = vv_trainer_kept(trainer, which);
    const float *known = begun ? vv_trainer_begun(trainer, which) : NULL;
    float *flat = vv_alloc(trainer->ctx, s->bytes / sizeof *flat, sizeof *flat);
    if (!flat) return false;
    bool ok = true;
    if (known)
        memcpy(flat, known, s->bytes);
    else
        ok = vv_exec_read(trainer->exec, s, 0, flat, s->bytes);
    if (is_statistics(which))
        memcpy(saved, flat, s->bytes);
    else
        vv_flat_save(&trainer->model, flat, saved);
    free(flat);
    return ok;
}

static bool add_state(struct vv_trainer *trainer, struct vv_save *save, enum vv_kept which, bool begun) {
    const struct vv_state *s = vv_trainer_kept(trainer, which);
    if (!s || (begun && !vv_trainer_begun(trainer, which))) return true;
    const uint32_t i = which + (begun ? VV_KEPT_STATES : 0);
    float *values = save->values[i] = vv_alloc(trainer->ctx, s->bytes / sizeof *values, sizeof *values);
    const bool named = name_of(&trainer->settings, which, begun, save->name[i]);
    assert(named);
    if (!named || !values || !read_state(trainer, which, begun, values)) return false;
    save->list[save->count++] = vv_tensor_of(save->name[i], VV_DTYPE_F32, s->shape, values);
    return true;
}

// A tensor has no dimension of 0: what there is none of is not there.
static bool add_history(struct vv_trainer *trainer, const struct vv_metrics *metrics,
                        struct vv_save *save) {
    uint32_t columns;
    if (!metrics->count) return true;
    save->rows = vv_metrics_pack(trainer->ctx, metrics, &columns);
    if (!save->rows) return false;
    save->list[save->count++] =
        vv_tensor_of("metrics", VV_DTYPE_F64, vv_shape2(metrics->count, columns), save->rows);
    if (!metrics->kl) return true;
    const uint64_t count = (uint64_t)metrics->count * metrics->latent;
    save->kl = vv_alloc(trainer->ctx, count, sizeof *save->kl);
    if (!save->kl) return false;
    memcpy(save->kl, metrics->kl, count * sizeof *save->kl);
    save->list[save->count++] = vv_tensor_of("kl_per_latent", VV_DTYPE_F32,
                                             vv_shape2(metrics->count, metrics->latent), save->kl);
    return true;
}

// Files of version 0.1.0 have the weights and their moments first, and what came later behind the rest.
static bool fill(struct vv_trainer *trainer, const struct vv_metrics *metrics, struct vv_save *save) {
    bool ok = true;
    for (enum vv_kept i = VV_KEPT_PARAMS; ok && i < VV_KEPT_RUNNING; i++)
        ok = add_state(trainer, save, i, false);
    save->list[save->count++] = vv_tensor_of("progress", VV_DTYPE_U64, vv_shape1(2), save->numbers);
    save->list[save->count++] = vv_tensor_of("partial", VV_DTYPE_F64, vv_shape1(2), save->partial);
    ok = ok && add_history(trainer, metrics, save);
    for (enum vv_kept i = VV_KEPT_RUNNING; ok && i < VV_KEPT_STATES; i++)
        ok = add_state(trainer, save, i, false);
    if (vv_kl_is_weighed(&trainer->settings))
        save->list[save->count++] =
            vv_tensor_of("partial.cost", VV_DTYPE_F64, vv_shape1(1), &save->partial[2]);
    if (save->numbers[2])
        save->list[save->count++] =
            vv_tensor_of("rollbacks", VV_DTYPE_U64, vv_shape1(1), &save->numbers[2]);
    for (enum vv_kept i = VV_KEPT_PARAMS; ok && i < VV_KEPT_STATES; i++)
        ok = add_state(trainer, save, i, true);
    return ok;
}

bool vv_save_take(struct vv_save *save, struct vv_trainer *trainer, const struct vv_metrics *metrics) {
    const struct vv_position *at = &trainer->position;
    *save = (struct vv_save){.position = *at,
                             .numbers = {at->epoch, at->step, at->rollbacks},
                             .partial = {at->partial.recon, at->partial.kl, at->partial.cost}};
    save->settings = vv_settings_print(trainer->ctx, &trainer->settings);
    return save->settings && fill(trainer, metrics, save);
}

bool vv_save_write(const struct vv_save *save, struct vv_context *ctx, const char *path,
                   const char *previous) {
    const struct vv_meta meta[] = {{"format", resume_format}, {"settings", save->settings}};
    return vv_safetensors_write(ctx, path, previous, save->list, save->count, meta, 2);
}

void vv_save_finish(struct vv_save *save) {
    for (size_t i = 0; i < sizeof save->values / sizeof *save->values; i++) free(save->values[i]);
    free(save->rows);
    free(save->kl);
    free(save->settings);
    *save = (struct vv_save){.count = 0};
}

// ---- Reading ----

// A tensor's elements, copied; false when it is not there as `count` elements of `dtype`.
static bool copy_tensor(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                        const char *name, enum vv_dtype dtype, uint64_t bytes, void *out) {
    const struct vv_tensor *tensor = vv_safetensors_find(file, name);
    if (!tensor || tensor->dtype != dtype || vv_tensor_bytes(tensor) != bytes)
        return vv_fail(ctx, VV_BAD_DATA,
                       "%s: the tensor '%s' is missing or not %s of %" PRIu64
                       " bytes; restore it from a copy, or start again",
                       path, name,
                       dtype == VV_DTYPE_F32   ? "F32"
                       : dtype == VV_DTYPE_F64 ? "F64"
                                               : "U64",
                       bytes);
    memcpy(out, tensor->data, bytes);
    return true;
}

// One of `length` or `statistics` elements.
static bool read_kept(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                      struct vv_resume *r, enum vv_kept which, bool begun) {
    char name[VV_KEPT_NAME];
    const uint64_t count = is_statistics(which) ? r->statistics : r->length;
    float **values = begun ? &r->begun[which] : &r->kept[which];
    if (!name_of(&r->settings, which, begun, name) || (is_statistics(which) && !count)) return true;
    *values = vv_alloc(ctx, count, sizeof **values);
    return *values && copy_tensor(ctx, path, file, name, VV_DTYPE_F32, count * sizeof **values, *values);
}

// In the midst of an epoch that may have to be begun again, that beginning, too.
static bool read_states(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                        struct vv_resume *r) {
    const bool begun = strcmp(r->settings.on_nan, "rollback") == 0 && r->position.step;
    const struct vv_tensor *params = vv_safetensors_find(file, "params"),
                           *running = vv_safetensors_find(file, "running");
    r->length = params ? vv_tensor_bytes(params) / sizeof(float) : 0;
    r->statistics = running ? vv_tensor_bytes(running) / sizeof(float) : 0;
    for (enum vv_kept i = VV_KEPT_PARAMS; i < VV_KEPT_STATES; i++)
        if (!read_kept(ctx, path, file, r, i, false) ||
            (begun && !read_kept(ctx, path, file, r, i, true)))
            return false;
    return true;
}

static bool read_rollbacks(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                           uint32_t *rollbacks) {
    uint64_t number = 0;
    if (vv_safetensors_find(file, "rollbacks") &&
        !copy_tensor(ctx, path, file, "rollbacks", VV_DTYPE_U64, sizeof number, &number))
        return false;
    if (number > VV_MOST_ROLLBACKS)
        return vv_fail(ctx, VV_BAD_DATA,
                       "%s: the tensor 'rollbacks' tells of %" PRIu64
                       ", at most %d; restore it from a copy, or start again",
                       path, number, VV_MOST_ROLLBACKS);
    *rollbacks = (uint32_t)number;
    return true;
}

// Of each epoch; runs of version 0.1.0 have none of the latents.
static bool read_metrics(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                         struct vv_resume *r) {
    const uint32_t rows = r->position.epoch, latent = r->settings.latent;
    const struct vv_tensor *tensor = vv_safetensors_find(file, "metrics");
    const uint64_t row = tensor ? vv_tensor_bytes(tensor) / rows : 0, columns = row / sizeof(double);
    if (!tensor || tensor->dtype != VV_DTYPE_F64 || columns < VV_METRIC_FIRST_COLUMNS ||
        columns > VV_METRIC_COLUMNS || vv_tensor_bytes(tensor) != columns * rows * sizeof(double))
        return vv_fail(
            ctx, VV_BAD_DATA,
            "%s: the tensor 'metrics' is missing or not of the %u epochs done; restore it from a "
            "copy, or start again",
            path, rows);
    double *numbers = vv_alloc(ctx, rows * columns, sizeof *numbers);
    if (numbers) memcpy(numbers, tensor->data, vv_tensor_bytes(tensor));
    const bool ok = numbers && vv_metrics_unpack(ctx, numbers, rows, (uint32_t)columns, &r->metrics);
    free(numbers);
    if (!ok || !vv_safetensors_find(file, "kl_per_latent")) return ok;
    const uint64_t count = (uint64_t)rows * latent;
    r->metrics.latent = latent;
    r->metrics.kl = vv_alloc(ctx, count, sizeof *r->metrics.kl);
    return r->metrics.kl && copy_tensor(ctx, path, file, "kl_per_latent", VV_DTYPE_F32,
                                        count * sizeof *r->metrics.kl, r->metrics.kl);
}

static bool read_history(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                         struct vv_resume *r) {
    uint64_t progress[2];
    double partial[3] = {0};
    if (!copy_tensor(ctx, path, file, "progress", VV_DTYPE_U64, sizeof progress, progress) ||
        !copy_tensor(ctx, path, file, "partial", VV_DTYPE_F64, 2 * sizeof *partial, partial) ||
        (vv_kl_is_weighed(&r->settings) &&
         !copy_tensor(ctx, path, file, "partial.cost", VV_DTYPE_F64, sizeof *partial, &partial[2])))
        return false;
    if (progress[0] > UINT32_MAX || progress[1] > UINT32_MAX)
        return vv_fail(ctx, VV_BAD_DATA,
                       "%s: the tensor 'progress' tells of epoch %" PRIu64 ", step %" PRIu64
                       ", each at most %u; restore it from a copy, or start again",
                       path, progress[0], progress[1], UINT32_MAX);
    r->position = (struct vv_position){.epoch = (uint32_t)progress[0],
                                       .step = (uint32_t)progress[1],
                                       .partial = {partial[0], partial[1], partial[2]}};
    if (!read_rollbacks(ctx, path, file, &r->position.rollbacks)) return false;
    return r->position.epoch == 0 || read_metrics(ctx, path, file, r);
}

bool vv_resume_read(struct vv_context *ctx, const char *path, struct vv_resume *resume) {
    *resume = (struct vv_resume){0};
    struct vv_safetensors file = {0};
    bool ok = vv_safetensors_read_checked(ctx, path, VV_SAVE_LIMIT, &file) &&
              vv_format_check(ctx, path, &file, resume_format);
    const char *settings = ok ? vv_safetensors_meta(&file, "settings") : NULL;
    ok = ok && vv_settings_parse(ctx, path, settings ? settings : "", &resume->settings) &&
         read_history(ctx, path, &file, resume) && read_states(ctx, path, &file, resume);
    vv_safetensors_finish(&file);
    if (!ok) vv_resume_finish(resume);
    return ok;
}

void vv_resume_finish(struct vv_resume *resume) {
    for (uint32_t i = 0; i < VV_KEPT_STATES; i++) {
        free(resume->kept[i]);
        free(resume->begun[i]);
    }
    vv_metrics_finish(&resume->metrics);
    *resume = (struct vv_resume){0};
}

bool vv_resume_check(struct vv_context *ctx, const struct vv_resume *resume, const char *folder,
                     const struct vv_model *model, uint32_t steps) {
    const bool fits = resume->length == model->length && resume->statistics == model->statistics &&
                      vv_schedule_begins(&resume->settings, resume->position.step);
    return (fits && resume->position.step <= steps) ||
           vv_fail(ctx, VV_BAD_DATA,
                   "%s: the save in it is of %" PRIu64
                   " parameters at step %u of an epoch, but its settings make %" PRIu64
                   " and %u steps; restore it from a copy, or start again",
                   folder, resume->length + resume->statistics, resume->position.step,
                   model->length + model->statistics, steps);
}

// From a save's order to the device's; the caller frees it.
static float *flat_of(const struct vv_trainer *trainer, enum vv_kept which, const float *saved) {
    const uint64_t bytes = vv_trainer_kept(trainer, which)->bytes;
    float *flat = vv_alloc(trainer->ctx, bytes / sizeof *flat, sizeof *flat);
    if (flat && is_statistics(which))
        memcpy(flat, saved, bytes);
    else if (flat)
        vv_flat_load(&trainer->model, saved, flat);
    return flat;
}

bool vv_resume_apply(const struct vv_resume *resume, struct vv_trainer *trainer, const char *folder) {
    if (!vv_resume_check(trainer->ctx, resume, folder, &trainer->model, trainer->steps)) return false;
    trainer->position = resume->position;
    for (enum vv_kept i = VV_KEPT_PARAMS; i < VV_KEPT_STATES; i++) {
        const struct vv_state *s = vv_trainer_kept(trainer, i);
        if (!s) continue;
        float *flat = flat_of(trainer, i, resume->kept[i]);
        const bool ok = flat && vv_exec_write(trainer->exec, s, 0, flat, s->bytes);
        free(flat);
        if (!ok) return false;
        float *begun = resume->begun[i] ? flat_of(trainer, i, resume->begun[i]) : NULL;
        if (resume->begun[i] && !begun) return false;
        vv_trainer_set_begun(trainer, i, begun);
    }
    return true;
}
