#include "tensors.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "size.h"

struct vv_tensor vv_tensor_of(const char *name, enum vv_dtype dtype, struct vv_shape shape,
                              const void *data) {
    struct vv_tensor tensor = {.name = name, .dtype = dtype, .rank = shape.rank, .data = data};
    memcpy(tensor.dim, shape.dim, sizeof tensor.dim);
    return tensor;
}

// The tensors that PyTorch calls buffers, of each batch normalisation.
enum { MEAN, VARIANCE, BATCHES, BUFFERS };
static const char *const buffer_names[BUFFERS] = {"running_mean", "running_var", "num_batches_tracked"};

static void name_buffer(const struct vv_running *r, uint32_t which, char name[96]) {
    (void)snprintf(name, 96, "%s.%s", r->name, buffer_names[which]);
}

static void add_buffers(const struct vv_running *r, const float *running, struct vv_named *named) {
    static const struct vv_shape scalar = {0, {0}};
    const struct vv_shape channels = vv_shape1(r->channels);
    for (uint32_t i = 0; i < BUFFERS; i++, named->count++) {
        char *name = named->names[named->count];
        name_buffer(r, i, name);
        named->list[named->count] =
            i == BATCHES ? vv_tensor_of(name, VV_DTYPE_I64, scalar, &named->batches)
                         : vv_tensor_of(name, VV_DTYPE_F32, channels,
                                        running + r->offset + (i == VARIANCE ? r->channels : 0));
    }
}

bool vv_named_make(struct vv_context *ctx, const struct vv_model *model, const float *params,
                   const float *running, uint64_t batches, struct vv_named *named) {
    const uint64_t count = model->parameter_count + (uint64_t)BUFFERS * model->running_count;
    *named = (struct vv_named){.batches = (int64_t)batches};
    named->list = vv_alloc(ctx, count, sizeof *named->list);
    named->names = vv_alloc(ctx, count, sizeof *named->names);
    named->values = vv_alloc(ctx, model->length, sizeof *named->values);
    if (!named->list || !named->names || !named->values) return false;
    for (; named->count < model->parameter_count; named->count++) {
        const struct vv_parameter *p = &model->parameter[named->count];
        vv_parameter_save(p, params, named->values + p->offset);
        named->list[named->count] =
            vv_tensor_of(p->name, VV_DTYPE_F32, p->shape, named->values + p->offset);
    }
    for (uint32_t i = 0; i < model->running_count; i++) add_buffers(&model->running[i], running, named);
    return true;
}

void vv_named_finish(struct vv_named *named) {
    free(named->list);
    free(named->names);
    free(named->values);
    *named = (struct vv_named){0};
}

// Before memory is asked for: what the metadata promise may be far more than the file holds.
static bool check(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                  const char *name, struct vv_shape want) {
    const struct vv_tensor *found = vv_safetensors_find(file, name);
    char shape[VV_SHAPE_TEXT];
    if (found && found->dtype == VV_DTYPE_F32 && found->rank == want.rank &&
        memcmp(found->dim, want.dim, want.rank * sizeof *want.dim) == 0)
        return true;
    return vv_fail(ctx, VV_BAD_DATA,
                   "%s: the tensor '%s' is missing or not F32 %s, as if of another model; restore it "
                   "from a copy, or start again",
                   path, name, vv_shape_print(want, shape));
}

static bool check_all(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                      const struct vv_model *model) {
    char name[96];
    for (uint32_t i = 0; i < model->parameter_count; i++)
        if (!check(ctx, path, file, model->parameter[i].name, model->parameter[i].shape)) return false;
    for (uint32_t i = 0; i < model->running_count; i++)
        for (uint32_t k = 0; k < BATCHES; k++) {
            name_buffer(&model->running[i], k, name);
            if (!check(ctx, path, file, name, vv_shape1(model->running[i].channels))) return false;
        }
    return true;
}

static void copy_buffers(const struct vv_safetensors *file, const struct vv_running *r, float *running) {
    char name[96];
    for (uint32_t k = 0; k < BATCHES; k++) {
        name_buffer(r, k, name);
        assert(running);
        memcpy(running + r->offset + (k == VARIANCE ? r->channels : 0),
               vv_safetensors_find(file, name)->data, r->channels * sizeof *running);
    }
}

bool vv_named_read(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                   const struct vv_model *model, float **params, float **running) {
    *params = *running = NULL;
    if (!check_all(ctx, path, file, model)) return false;
    *params = vv_alloc(ctx, model->length, sizeof **params);
    if (model->statistics) *running = vv_alloc(ctx, model->statistics, sizeof **running);
    if (!*params || (model->statistics && !*running)) return false;
    for (uint32_t i = 0; i < model->parameter_count; i++) {
        const struct vv_parameter *p = &model->parameter[i];
        vv_parameter_load(p, vv_safetensors_find(file, p->name)->data, *params);
    }
    for (uint32_t i = 0; i < model->running_count; i++) copy_buffers(file, &model->running[i], *running);
    return true;
}

uint64_t vv_named_batches(const struct vv_safetensors *file, const struct vv_model *model) {
    char name[96];
    int64_t batches = 0;
    if (!model->running_count) return 0;
    name_buffer(&model->running[0], BATCHES, name);
    const struct vv_tensor *found = vv_safetensors_find(file, name);
    if (found && found->dtype == VV_DTYPE_I64 && vv_tensor_bytes(found) == sizeof batches)
        memcpy(&batches, found->data, sizeof batches);
    return batches > 0 ? (uint64_t)batches : 0;
}

void vv_flat_save(const struct vv_model *model, const float *flat, float *saved) {
    memset(saved, 0, model->length * sizeof *saved);
    for (uint32_t i = 0; i < model->parameter_count; i++)
        vv_parameter_save(&model->parameter[i], flat, saved + model->parameter[i].offset);
}

void vv_flat_load(const struct vv_model *model, const float *saved, float *flat) {
    memset(flat, 0, model->length * sizeof *flat);
    for (uint32_t i = 0; i < model->parameter_count; i++)
        vv_parameter_load(&model->parameter[i], saved + model->parameter[i].offset, flat);
}

bool vv_format_check(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                     const char *format) {
    const char *found = vv_safetensors_meta(file, "format");
    if (found && strcmp(found, format) == 0) return true;
    return vv_fail(
        ctx, VV_BAD_DATA,
        "%s: its format is '%.60s', expected '%s'; name a run's folder, or restore the file from a "
        "copy",
        path, found ? found : "unknown", format);
}
