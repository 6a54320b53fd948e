#include "checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activation.h"
#include "file.h"
#include "safetensors.h"
#include "size.h"

// Larger than any model that fits a device of today.
static const uint64_t file_limit = (uint64_t)1 << 36;

static const char checkpoint_format[] = "vkvae-checkpoint-1", resume_format[] = "vkvae-resume-1";

static struct vv_tensor tensor_of(const char *name, enum vv_dtype dtype, struct vv_shape shape,
                                  const void *data) {
    struct vv_tensor tensor = {.name = name, .dtype = dtype, .rank = shape.rank, .data = data};
    memcpy(tensor.dim, shape.dim, sizeof tensor.dim);
    return tensor;
}

// "512,256"
static void print_hidden(const struct vv_model_size *size, char *text, size_t room) {
    size_t used = 0;
    for (uint32_t i = 0; i < size->layers && used < room; i++) {
        const int n = snprintf(text + used, room - used, "%s%" PRIu32, i ? "," : "", size->hidden[i]);
        used += n > 0 ? (size_t)n : 0;
    }
}

bool vv_checkpoint_write(struct vv_trainer *trainer, const char *path) {
    const struct vv_model *model = &trainer->model;
    const struct vv_settings *s = &trainer->settings;
    float *flat = vv_alloc(trainer->ctx, model->length, sizeof *flat);
    if (!flat) return false;
    bool ok = vv_exec_read(trainer->exec, trainer->params, 0, flat, trainer->params->bytes);
    struct vv_tensor tensors[VV_MAX_PARAMETERS];
    for (uint32_t i = 0; i < model->parameter_count; i++) {
        const struct vv_parameter *p = &model->parameter[i];
        tensors[i] = tensor_of(p->name, VV_DTYPE_F32, p->shape, flat + p->offset);
    }
    const uint32_t numbers[] = {s->height, s->width, s->channels, s->latent};
    char text[4][16], hidden[VV_MAX_HIDDEN * 8];
    for (uint32_t i = 0; i < 4; i++) (void)snprintf(text[i], sizeof text[i], "%" PRIu32, numbers[i]);
    print_hidden(&model->size, hidden, sizeof hidden);
    const struct vv_meta meta[] = {
        {"format", checkpoint_format}, {"model", model->kind},
        {"height", text[0]},           {"width", text[1]},
        {"channels", text[2]},         {"hidden", hidden},
        {"latent", text[3]},           {"activation", model->size.activation}};
    ok = ok && vv_safetensors_write(trainer->ctx, path, NULL, tensors, model->parameter_count, meta,
                                    sizeof meta / sizeof *meta);
    free(flat);
    return ok;
}

static bool check_format(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                         const char *format) {
    const char *found = vv_safetensors_meta(file, "format");
    if (found && strcmp(found, format) == 0) return true;
    return vv_fail(
        ctx, VV_BAD_DATA,
        "%s: its format is '%.60s', expected '%s'; name a run's folder, or restore the file from a "
        "copy",
        path, found ? found : "unknown", format);
}

static bool read_number(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                        const char *key, uint32_t most, uint32_t *value) {
    const char *text = vv_safetensors_meta(file, key);
    char *end = NULL;
    unsigned long number = text && *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;
    if (!end || *end || number < 1 || number > most)
        return vv_fail(
            ctx, VV_BAD_DATA,
            "%s: '%s' in its metadata is '%.60s', expected 1 to %u; restore it from a copy, or "
            "start again",
            path, key, text ? text : "missing", most);
    *value = (uint32_t)number;
    return true;
}

// "400" or "512,256".
static bool read_hidden(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                        struct vv_model_size *size) {
    const char *text = vv_safetensors_meta(file, "hidden"), *at = text ? text : "";
    const uint32_t most = 65536;
    bool ok = true;
    for (size->layers = 0; ok && size->layers < VV_MAX_HIDDEN; at++) {
        char *end = NULL;
        const unsigned long width = *at >= '0' && *at <= '9' ? strtoul(at, &end, 10) : 0;
        ok = end && (*end == ',' || !*end) && width >= 1 && width <= most;
        if (ok) size->hidden[size->layers++] = (uint32_t)width;
        if (!ok || !*end) break;
        at = end;
        ok = size->layers < VV_MAX_HIDDEN;
    }
    return ok || vv_fail(ctx, VV_BAD_DATA,
                         "%s: 'hidden' in its metadata is '%.60s', expected 1 to %u, up to %d of them; "
                         "restore it from a copy, or start again",
                         path, text ? text : "missing", most, VV_MAX_HIDDEN);
}

// Before memory is asked for: what the metadata promise may be far more than the file holds.
static bool check_parameters(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                             const struct vv_model *model) {
    for (uint32_t i = 0; i < model->parameter_count; i++) {
        const struct vv_parameter *p = &model->parameter[i];
        const struct vv_tensor *found = vv_safetensors_find(file, p->name);
        struct vv_tensor want = tensor_of(p->name, VV_DTYPE_F32, p->shape, NULL);
        char shape[VV_SHAPE_TEXT];
        if (!found || found->dtype != want.dtype || found->rank != want.rank ||
            memcmp(found->dim, want.dim, want.rank * sizeof *want.dim) != 0)
            return vv_fail(
                ctx, VV_BAD_DATA,
                "%s: the tensor '%s' is missing or not F32 %s, as if of another model; restore it "
                "from a copy, or start again",
                path, p->name, vv_shape_print(p->shape, shape));
    }
    return true;
}

static float *copy_parameters(struct vv_context *ctx, const struct vv_safetensors *file,
                              const struct vv_model *model) {
    float *flat = vv_alloc(ctx, model->length, sizeof *flat);
    for (uint32_t i = 0; flat && i < model->parameter_count; i++) {
        const struct vv_parameter *p = &model->parameter[i];
        memcpy(flat + p->offset, vv_safetensors_find(file, p->name)->data,
               vv_shape_count(p->shape) * sizeof *flat);
    }
    return flat;
}

bool vv_pixels_check(struct vv_context *ctx, const char *path, uint64_t pixels) {
    const uint32_t most = UINT32_MAX / 4;
    return pixels <= most || vv_fail(ctx, VV_BAD_DATA,
                                     "%s: a picture cannot have %" PRIu64
                                     " numbers, only up to %u; restore it from a copy, or start again",
                                     path, pixels, most);
}

bool vv_checkpoint_read(struct vv_context *ctx, const char *path, struct vv_model *model,
                        uint32_t picture[3], float **flat) {
    struct vv_safetensors file = {0};
    struct vv_model_size size = {0};
    *flat = NULL;
    bool ok = vv_safetensors_read_checked(ctx, path, file_limit, &file) &&
              check_format(ctx, path, &file, checkpoint_format) &&
              read_number(ctx, path, &file, "height", 65536, &picture[0]) &&
              read_number(ctx, path, &file, "width", 65536, &picture[1]) &&
              read_number(ctx, path, &file, "channels", 4, &picture[2]) &&
              read_hidden(ctx, path, &file, &size) &&
              read_number(ctx, path, &file, "latent", 4096, &size.latent);
    uint64_t pixels = ok ? (uint64_t)picture[0] * picture[1] * picture[2] : 0;
    ok = ok && vv_pixels_check(ctx, path, pixels);
    size.pixels = (uint32_t)pixels;
    const char *kind = ok ? vv_safetensors_meta(&file, "model") : NULL;
    size.activation = ok ? vv_safetensors_meta(&file, "activation") : NULL;
    if (!size.activation) size.activation = vv_activation_name(0);  // files of version 0.1.0 say none
    struct vv_context inner;
    vv_context_init(&inner);
    if (ok && !vv_model_make(&inner, kind ? kind : "", size, model))
        ok = vv_fail(ctx, VV_BAD_DATA, "%s: its model cannot be made: %s", path, inner.error);
    ok = ok && check_parameters(ctx, path, &file, model);
    if (ok) *flat = copy_parameters(ctx, &file, model);
    ok = ok && *flat;
    vv_safetensors_finish(&file);
    if (!ok) {
        free(*flat);
        *flat = NULL;
    }
    return ok;
}

bool vv_resume_write(struct vv_trainer *trainer, const struct vv_metrics *metrics, const char *path,
                     const char *previous) {
    struct vv_exec *exec = trainer->exec;
    const uint64_t n = trainer->model.length, bytes = trainer->params->bytes;
    char *settings = vv_settings_print(trainer->ctx, &trainer->settings);
    float *flat = vv_alloc(trainer->ctx, 3 * n, sizeof *flat);
    bool ok = settings && flat && vv_exec_read(exec, trainer->params, 0, flat, bytes) &&
              vv_exec_read(exec, trainer->m, 0, flat + n, bytes) &&
              vv_exec_read(exec, trainer->v, 0, flat + 2 * n, bytes);
    const struct vv_position *at = &trainer->position;
    const uint64_t progress[2] = {at->epoch, at->step};
    const double partial[2] = {at->partial.recon, at->partial.kl};
    const struct vv_shape whole = vv_shape1((uint32_t)n);
    const struct vv_tensor tensors[] = {
        tensor_of("params", VV_DTYPE_F32, whole, flat),
        tensor_of("adam.m", VV_DTYPE_F32, whole, flat + n),
        tensor_of("adam.v", VV_DTYPE_F32, whole, flat + 2 * n),
        tensor_of("progress", VV_DTYPE_U64, vv_shape1(2), progress),
        tensor_of("partial", VV_DTYPE_F64, vv_shape1(2), partial),
        tensor_of("metrics", VV_DTYPE_F64, vv_shape2(metrics->count, VV_METRIC_COLUMNS), metrics->rows),
    };
    // Before the first epoch ends there is no history, and a tensor has no dimension of 0.
    const uint32_t count = sizeof tensors / sizeof *tensors - (metrics->count == 0);
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
    float **parts[3] = {&r->params, &r->m, &r->v};
    static const char *const names[3] = {"params", "adam.m", "adam.v"};
    for (uint32_t i = 0; i < 3; i++) {
        *parts[i] = vv_alloc(ctx, r->length, sizeof(float));
        if (!*parts[i] ||
            !copy_tensor(ctx, path, file, names[i], VV_DTYPE_F32, r->length * sizeof(float), *parts[i]))
            return false;
    }
    return true;
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
    bool ok = vv_safetensors_read_checked(ctx, path, file_limit, &file) &&
              check_format(ctx, path, &file, resume_format);
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
    vv_metrics_finish(&resume->metrics);
    *resume = (struct vv_resume){0};
}

bool vv_resume_check(struct vv_context *ctx, const struct vv_resume *resume, const char *folder,
                     uint64_t length, uint32_t steps) {
    return (resume->length == length && resume->position.step < steps) ||
           vv_fail(ctx, VV_BAD_DATA,
                   "%s: the save in it is of %" PRIu64
                   " parameters at step %u of an epoch, but its settings make %" PRIu64
                   " and %u steps; restore it from a copy, or start again",
                   folder, resume->length, resume->position.step, length, steps);
}

bool vv_resume_apply(const struct vv_resume *resume, struct vv_trainer *trainer, const char *folder) {
    if (!vv_resume_check(trainer->ctx, resume, folder, trainer->model.length, trainer->steps))
        return false;
    trainer->position = resume->position;
    const uint64_t bytes = trainer->params->bytes;
    return vv_exec_write(trainer->exec, trainer->params, 0, resume->params, bytes) &&
           vv_exec_write(trainer->exec, trainer->m, 0, resume->m, bytes) &&
           vv_exec_write(trainer->exec, trainer->v, 0, resume->v, bytes);
}
