#include "checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "likelihood.h"
#include "normalization.h"
#include "safetensors.h"
#include "size.h"
#include "tensors.h"

// Larger than any model that fits a device of today.
static const uint64_t file_limit = (uint64_t)1 << 36;

static const char checkpoint_format[] = "vkvae-checkpoint-1", resume_format[] = "vkvae-resume-1";

static uint64_t steps_done(const struct vv_trainer *trainer) {
    return (uint64_t)trainer->position.epoch * trainer->steps + trainer->position.step;
}

// "512,256"
static void print_list(const uint32_t *numbers, uint32_t count, char *text, size_t room) {
    size_t used = 0;
    for (uint32_t i = 0; i < count && used < room; i++) {
        const int n = snprintf(text + used, room - used, "%s%" PRIu32, i ? "," : "", numbers[i]);
        used += n > 0 ? (size_t)n : 0;
    }
}

// ---- The model's size, as metadata ----

struct metadata {
    struct vv_meta list[24];
    uint32_t count;
    char text[5][16], widths[VV_MAX_HIDDEN * 8];
};

static void add_meta(struct metadata *m, const char *key, const char *value) {
    m->list[m->count++] = (struct vv_meta){key, value};
}

static void describe_model(const struct vv_settings *s, const struct vv_model *model,
                           struct metadata *m) {
    const struct vv_model_size *size = &model->size;
    const uint32_t numbers[] = {s->height, s->width, s->channels, size->latent, size->blocks};
    static const char *const keys[] = {"height", "width", "channels"};
    *m = (struct metadata){.count = 0};
    for (uint32_t i = 0; i < 5; i++)
        (void)snprintf(m->text[i], sizeof m->text[i], "%" PRIu32, numbers[i]);
    add_meta(m, "format", checkpoint_format);
    add_meta(m, "model", model->kind);
    for (uint32_t i = 0; i < 3; i++) add_meta(m, keys[i], m->text[i]);
    if (size->stages) {
        print_list(size->stage, size->stages, m->widths, sizeof m->widths);
        add_meta(m, "stages", m->widths);
        add_meta(m, "upsample", size->upsample);
        add_meta(m, "norm", size->norm);
        if (size->blocks) add_meta(m, "blocks", m->text[4]);
    } else {
        print_list(size->hidden, size->layers, m->widths, sizeof m->widths);
        add_meta(m, "hidden", m->widths);
    }
    add_meta(m, "latent", m->text[3]);
    add_meta(m, "activation", size->activation);
    // Files of version 0.1.0 say none.
    if (strcmp(size->likelihood, vv_likelihood_find(NULL)->name) != 0)
        add_meta(m, "likelihood", size->likelihood);
}

bool vv_checkpoint_write(struct vv_trainer *trainer, const char *path) {
    const struct vv_model *model = &trainer->model;
    float *flat = vv_alloc(trainer->ctx, model->length + model->statistics, sizeof *flat);
    if (!flat) return false;
    struct vv_named named = {0};
    struct metadata meta;
    float *running = flat + model->length;
    bool ok = vv_exec_read(trainer->exec, trainer->params, 0, flat, trainer->params->bytes) &&
              (!trainer->running ||
               vv_exec_read(trainer->exec, trainer->running, 0, running, trainer->running->bytes)) &&
              vv_named_make(trainer->ctx, model, flat, running, steps_done(trainer), &named);
    describe_model(&trainer->settings, model, &meta);
    if (trainer->normalization.count) add_meta(&meta, vv_normalization_key, trainer->normalization.kind);
    struct vv_tensor *list =
        vv_alloc(trainer->ctx, named.count + VV_NORMALIZATION_TENSORS, sizeof *list);
    if (ok && list) {
        memcpy(list, named.list, named.count * sizeof *list);
        const uint32_t count = vv_normalization_save(&trainer->normalization, list, named.count);
        ok = vv_safetensors_write(trainer->ctx, path, NULL, list, count, meta.list, meta.count);
    }
    ok = ok && list;
    free(list);
    vv_named_finish(&named);
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
static bool read_list(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                      const char *key, uint32_t numbers[VV_MAX_HIDDEN], uint32_t *count) {
    const char *text = vv_safetensors_meta(file, key), *at = text ? text : "";
    const uint32_t most = 65536;
    bool ok = true;
    for (*count = 0; ok && *count < VV_MAX_HIDDEN; at++) {
        char *end = NULL;
        const unsigned long width = *at >= '0' && *at <= '9' ? strtoul(at, &end, 10) : 0;
        ok = end && (*end == ',' || !*end) && width >= 1 && width <= most;
        if (ok) numbers[(*count)++] = (uint32_t)width;
        if (!ok || !*end) break;
        at = end;
        ok = *count < VV_MAX_HIDDEN;
    }
    return ok || vv_fail(ctx, VV_BAD_DATA,
                         "%s: '%s' in its metadata is '%.60s', expected 1 to %u, up to %d of them; "
                         "restore it from a copy, or start again",
                         path, key, text ? text : "missing", most, VV_MAX_HIDDEN);
}

bool vv_pixels_check(struct vv_context *ctx, const char *path, uint64_t pixels) {
    const uint32_t most = UINT32_MAX / 4;
    return pixels <= most || vv_fail(ctx, VV_BAD_DATA,
                                     "%s: a picture cannot have %" PRIu64
                                     " numbers, only up to %u; restore it from a copy, or start again",
                                     path, pixels, most);
}

// The sizes of mlp, or those of conv and resnet, whatever the model is called.
static bool read_widths(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                        struct vv_model_size *size) {
    if (!vv_safetensors_meta(file, "stages"))
        return read_list(ctx, path, file, "hidden", size->hidden, &size->layers);
    size->upsample = vv_safetensors_meta(file, "upsample");
    size->norm = vv_safetensors_meta(file, "norm");
    return read_list(ctx, path, file, "stages", size->stage, &size->stages) &&
           (!vv_safetensors_meta(file, "blocks") ||
            read_number(ctx, path, file, "blocks", VV_MAX_BLOCKS, &size->blocks));
}

static bool read_model(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                       struct vv_model *model) {
    struct vv_model_size size = {0};
    if (!read_number(ctx, path, file, "height", 65536, &size.height) ||
        !read_number(ctx, path, file, "width", 65536, &size.width) ||
        !read_number(ctx, path, file, "channels", 4, &size.channels) ||
        !read_widths(ctx, path, file, &size) ||
        !read_number(ctx, path, file, "latent", 4096, &size.latent))
        return false;
    const uint64_t pixels = (uint64_t)size.height * size.width * size.channels;
    if (!vv_pixels_check(ctx, path, pixels)) return false;
    size.pixels = (uint32_t)pixels;
    const char *kind = vv_safetensors_meta(file, "model");
    size.activation = vv_safetensors_meta(file, "activation");  // files of version 0.1.0 say none
    size.likelihood = vv_safetensors_meta(file, "likelihood");
    struct vv_context inner;
    vv_context_init(&inner);
    return vv_model_make(&inner, kind ? kind : "", size, model) ||
           vv_fail(ctx, VV_BAD_DATA, "%s: its model cannot be made: %s", path, inner.error);
}

bool vv_checkpoint_read(struct vv_context *ctx, const char *path, struct vv_checkpoint *checkpoint) {
    struct vv_safetensors file = {0};
    *checkpoint = (struct vv_checkpoint){0};
    const bool ok =
        vv_safetensors_read_checked(ctx, path, file_limit, &file) &&
        check_format(ctx, path, &file, checkpoint_format) &&
        read_model(ctx, path, &file, &checkpoint->model) &&
        vv_named_read(ctx, path, &file, &checkpoint->model, &checkpoint->params, &checkpoint->running) &&
        vv_normalization_read(ctx, path, &file, &checkpoint->model.size, &checkpoint->normalization);
    vv_safetensors_finish(&file);
    if (!ok) vv_checkpoint_finish(checkpoint);
    return ok;
}

void vv_checkpoint_finish(struct vv_checkpoint *checkpoint) {
    vv_model_finish(&checkpoint->model);
    free(checkpoint->params);
    free(checkpoint->running);
    vv_normalization_finish(&checkpoint->normalization);
    *checkpoint = (struct vv_checkpoint){0};
}

// ---- All that a run is continued from ----

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
