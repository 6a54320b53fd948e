#include "resume.h"

#include <inttypes.h>
#include <stdlib.h>

#include "safetensors.h"
#include "size.h"
#include "tensors.h"

static const char resume_format[] = "vkvae-resume-1";

// Reads the flat state s as a save has it.
static bool read_flat(struct vv_trainer *trainer, const struct vv_state *s, float *room, float *saved) {
    if (!vv_exec_read(trainer->exec, s, 0, room, s->bytes)) return false;
    vv_flat_save(&trainer->model, room, saved);
    return true;
}

bool vv_resume_write(struct vv_trainer *trainer, const struct vv_metrics *metrics, const char *path,
                     const char *previous) {
    struct vv_exec *exec = trainer->exec;
    const uint64_t n = trainer->model.length, statistics = trainer->model.statistics;
    char *settings = vv_settings_print(trainer->ctx, &trainer->settings);
    float *flat = vv_alloc(trainer->ctx, 4 * n + statistics, sizeof *flat), *running = flat + 4 * n;
    bool ok =
        settings && flat && read_flat(trainer, trainer->params, flat + 3 * n, flat) &&
        read_flat(trainer, trainer->m, flat + 3 * n, flat + n) &&
        read_flat(trainer, trainer->v, flat + 3 * n, flat + 2 * n) &&
        (!trainer->running || vv_exec_read(exec, trainer->running, 0, running, trainer->running->bytes));
    const struct vv_position *at = &trainer->position;
    const uint64_t progress[2] = {at->epoch, at->step};
    const double partial[2] = {at->partial.recon, at->partial.kl};
    const struct vv_shape whole = vv_shape1((uint32_t)n);
    struct vv_tensor tensors[7] = {
        vv_tensor_of("params", VV_DTYPE_F32, whole, flat),
        vv_tensor_of("adam.m", VV_DTYPE_F32, whole, flat + n),
        vv_tensor_of("adam.v", VV_DTYPE_F32, whole, flat + 2 * n),
        vv_tensor_of("progress", VV_DTYPE_U64, vv_shape1(2), progress),
        vv_tensor_of("partial", VV_DTYPE_F64, vv_shape1(2), partial),
    };
    uint32_t count = 5;  // a tensor has no dimension of 0: what there is none of is not there
    if (metrics->count)
        tensors[count++] = vv_tensor_of("metrics", VV_DTYPE_F64,
                                        vv_shape2(metrics->count, VV_METRIC_COLUMNS), metrics->rows);
    if (statistics)
        tensors[count++] =
            vv_tensor_of("running", VV_DTYPE_F32, vv_shape1((uint32_t)statistics), running);
    const struct vv_meta meta[] = {{"format", resume_format}, {"settings", settings}};
    ok = ok && vv_safetensors_write(trainer->ctx, path, previous, tensors, count, meta, 2);
    free(flat);
    free(settings);
    return ok;
}

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

static bool read_moments(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                         struct vv_resume *r) {
    const struct vv_tensor *tensor = vv_safetensors_find(file, "params");
    r->length = tensor ? vv_tensor_bytes(tensor) / sizeof(float) : 0;
    const struct vv_tensor *running = vv_safetensors_find(file, "running");
    r->statistics = running ? vv_tensor_bytes(running) / sizeof(float) : 0;
    float **parts[3] = {&r->params, &r->m, &r->v};
    static const char *const names[3] = {"params", "adam.m", "adam.v"};
    for (uint32_t i = 0; i < 3; i++) {
        *parts[i] = vv_alloc(ctx, r->length, sizeof(float));
        if (!*parts[i] ||
            !copy_tensor(ctx, path, file, names[i], VV_DTYPE_F32, r->length * sizeof(float), *parts[i]))
            return false;
    }
    if (!running) return true;
    const uint64_t bytes = r->statistics * sizeof(float);
    r->running = vv_alloc(ctx, r->statistics, sizeof(float));
    return r->running && copy_tensor(ctx, path, file, "running", VV_DTYPE_F32, bytes, r->running);
}

static bool read_history(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                         struct vv_resume *r) {
    uint64_t progress[2];
    double partial[2];
    if (!copy_tensor(ctx, path, file, "progress", VV_DTYPE_U64, sizeof progress, progress) ||
        !copy_tensor(ctx, path, file, "partial", VV_DTYPE_F64, sizeof partial, partial))
        return false;
    if (progress[0] > UINT32_MAX || progress[1] > UINT32_MAX)
        return vv_fail(ctx, VV_BAD_DATA,
                       "%s: the tensor 'progress' tells of epoch %" PRIu64 ", step %" PRIu64
                       ", each at most %u; restore it from a copy, or start again",
                       path, progress[0], progress[1], UINT32_MAX);
    r->position =
        (struct vv_position){(uint32_t)progress[0], (uint32_t)progress[1], {partial[0], partial[1]}};
    const uint32_t rows = r->position.epoch;
    r->metrics = (struct vv_metrics){.count = rows, .room = rows};
    if (rows == 0) return true;
    const struct vv_tensor *tensor = vv_safetensors_find(file, "metrics");
    const uint64_t bytes = (uint64_t)rows * sizeof *r->metrics.rows;
    if (!tensor || vv_tensor_bytes(tensor) != bytes)  // before so much memory is asked for
        return vv_fail(
            ctx, VV_BAD_DATA,
            "%s: the tensor 'metrics' is missing or not of the %u epochs done; restore it from a "
            "copy, or start again",
            path, rows);
    r->metrics.rows = vv_alloc(ctx, rows, sizeof *r->metrics.rows);
    return r->metrics.rows &&
           copy_tensor(ctx, path, file, "metrics", VV_DTYPE_F64, bytes, r->metrics.rows);
}

bool vv_resume_read(struct vv_context *ctx, const char *path, struct vv_resume *resume) {
    *resume = (struct vv_resume){0};
    struct vv_safetensors file = {0};
    bool ok = vv_safetensors_read_checked(ctx, path, VV_SAVE_LIMIT, &file) &&
              vv_format_check(ctx, path, &file, resume_format);
    const char *settings = ok ? vv_safetensors_meta(&file, "settings") : NULL;
    ok = ok && vv_settings_parse(ctx, path, settings ? settings : "", &resume->settings) &&
         read_moments(ctx, path, &file, resume) && read_history(ctx, path, &file, resume);
    vv_safetensors_finish(&file);
    if (!ok) vv_resume_finish(resume);
    return ok;
}

void vv_resume_finish(struct vv_resume *resume) {
    free(resume->params);
    free(resume->m);
    free(resume->v);
    free(resume->running);
    vv_metrics_finish(&resume->metrics);
    *resume = (struct vv_resume){0};
}

bool vv_resume_check(struct vv_context *ctx, const struct vv_resume *resume, const char *folder,
                     const struct vv_model *model, uint32_t steps) {
    const bool fits = resume->length == model->length && resume->statistics == model->statistics;
    return (fits && resume->position.step < steps) ||
           vv_fail(ctx, VV_BAD_DATA,
                   "%s: the save in it is of %" PRIu64
                   " parameters at step %u of an epoch, but its settings make %" PRIu64
                   " and %u steps; restore it from a copy, or start again",
                   folder, resume->length + resume->statistics, resume->position.step,
                   model->length + model->statistics, steps);
}

bool vv_resume_apply(const struct vv_resume *resume, struct vv_trainer *trainer, const char *folder) {
    const struct vv_model *model = &trainer->model;
    if (!vv_resume_check(trainer->ctx, resume, folder, model, trainer->steps)) return false;
    trainer->position = resume->position;
    float *flat = vv_alloc(trainer->ctx, model->length, sizeof *flat);
    if (!flat) return false;
    const struct vv_state *states[] = {trainer->params, trainer->m, trainer->v};
    const float *saved[] = {resume->params, resume->m, resume->v};
    bool ok = true;
    for (uint32_t i = 0; ok && i < 3; i++) {
        vv_flat_load(model, saved[i], flat);
        ok = vv_exec_write(trainer->exec, states[i], 0, flat, states[i]->bytes);
    }
    free(flat);
    return ok && (!trainer->running || vv_exec_write(trainer->exec, trainer->running, 0, resume->running,
                                                     trainer->running->bytes));
}
