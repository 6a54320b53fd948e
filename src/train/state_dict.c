#include "state_dict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "size.h"
#include "tensors.h"

enum { NAME = 96 };

// ---- Numbers ----

// IEEE 754's binary16, exactly.
static float half_of(uint32_t bits) {
    const uint32_t exponent = bits >> 10 & 31, mantissa = bits & 1023;
    const float sign = bits >> 15 ? -1.0F : 1.0F;
    if (exponent == 31) return mantissa ? (float)NAN : sign * (float)INFINITY;
    if (exponent == 0) return sign * ldexpf((float)mantissa, -24);
    return sign * ldexpf((float)(1024 + mantissa), (int)exponent - 25);
}

static float number_of(const struct vv_tensor *t, uint64_t i) {
    const unsigned char *at = t->data;
    uint32_t word = 0;
    double wide;
    float number;
    switch (t->dtype) {
    case VV_DTYPE_F64:
        memcpy(&wide, at + 8 * i, sizeof wide);
        return (float)wide;
    case VV_DTYPE_F16:
        memcpy(&word, at + 2 * i, 2);
        return half_of(word);
    default:  // BF16: the upper half of a float
        memcpy(&word, at + 2 * i, 2);
        word <<= 16;
        memcpy(&number, &word, sizeof number);
        return number;
    }
}

static bool is_other_float(const struct vv_tensor *t) {
    return t->dtype == VV_DTYPE_F64 || t->dtype == VV_DTYPE_F16 || t->dtype == VV_DTYPE_BF16;
}

static bool convert(struct vv_state_dict *d, struct vv_tensor *t) {
    uint64_t count = 1;
    for (uint32_t i = 0; i < t->rank; i++) count *= t->dim[i];
    float *values = vv_arena_alloc(&d->arena, count + 1, sizeof *values);
    if (!values) return false;
    for (uint64_t i = 0; i < count; i++) values[i] = number_of(t, i);
    t->dtype = VV_DTYPE_F32;
    t->data = values;
    d->converted++;
    return true;
}

// ---- Which model ----

// NULL where there is none of that rank, or where it is empty.
static const struct vv_tensor *find_tensor(const struct vv_state_dict *d, uint32_t rank,
                                           const char *format, ...) VV_PRINTF(3, 4);
static const struct vv_tensor *find_tensor(const struct vv_state_dict *d, uint32_t rank,
                                           const char *format, ...) {
    char name[NAME];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(name, sizeof name, format, args);
    va_end(args);
    const struct vv_tensor *t = vv_safetensors_find(&d->file, name);
    return t && t->rank == rank && vv_tensor_bytes(t) > 0 ? t : NULL;
}

static uint32_t share(uint32_t all, uint32_t each) {
    return each && all % each == 0 ? all / each : 0;
}

// The layers are counted by their names: with N hidden ones the heads are fc(N+1)1 and fc(N+1)2, and the
// last is fc(2N+2).
static bool recognise_mlp(struct vv_state_dict *d) {
    struct vv_model_size *s = &d->size;
    const struct vv_tensor *last = NULL, *mu = NULL;
    uint32_t n = 0;
    while (!last && ++n <= VV_MAX_HIDDEN) {
        mu = find_tensor(d, 2, "fc%u1.weight", n + 1);
        if (mu && find_tensor(d, 2, "fc%u2.weight", n + 1) &&
            !find_tensor(d, 2, "fc%u.weight", 2 * n + 3))
            last = find_tensor(d, 2, "fc%u.weight", 2 * n + 2);
    }
    if (!last) return false;
    s->layers = n;
    s->latent = mu->dim[0];
    for (uint32_t i = 0; i < n; i++) {
        const struct vv_tensor *t = find_tensor(d, 2, "fc%u.weight", i + 1);
        if (!t) return false;
        s->hidden[i] = t->dim[0];
        if (i == 0) s->pixels = t->dim[1];
    }
    d->outputs = share(last->dim[0], s->pixels);
    return true;
}

static const char *norm_of(const struct vv_state_dict *d, const char *name) {
    return find_tensor(d, 1, "%s.running_mean", name) ? "batch"
           : find_tensor(d, 1, "%s.weight", name)     ? "group"
                                                      : "none";
}

static void recognise_stages(struct vv_state_dict *d) {
    const struct vv_tensor *t;
    struct vv_model_size *s = &d->size;
    while (s->stages < VV_MAX_HIDDEN && (t = find_tensor(d, 4, "encoder.%u.0.weight", s->stages)))
        s->stage[s->stages++] = t->dim[0];
}

static bool recognise_conv(struct vv_state_dict *d) {
    struct vv_model_size *s = &d->size;
    const struct vv_tensor *first = find_tensor(d, 4, "encoder.0.0.weight"),
                           *mu = find_tensor(d, 2, "fc_mu.weight");
    recognise_stages(d);
    if (!first || !mu) return false;
    s->channels = first->dim[1];
    s->latent = mu->dim[0];
    s->norm = norm_of(d, "encoder.0.1");
    const bool nearest = !find_tensor(d, 4, "final_layer.0.weight");
    s->upsample = vv_model_upsamplings[nearest];
    const bool none = strcmp(s->norm, "none") == 0;
    const struct vv_tensor *last = find_tensor(d, 4, "final_layer.%d.weight", nearest + (none ? 2 : 3));
    if (!last) return false;
    d->outputs = share(last->dim[0], s->channels);
    return true;
}

static bool recognise_resnet(struct vv_state_dict *d) {
    struct vv_model_size *s = &d->size;
    const struct vv_tensor *stem = find_tensor(d, 4, "stem.weight"),
                           *mu = find_tensor(d, 2, "fc_mu.weight"),
                           *last = find_tensor(d, 4, "final_conv.weight");
    recognise_stages(d);
    if (!stem || !mu || !last) return false;
    s->channels = stem->dim[1];
    s->latent = mu->dim[0];
    s->norm = norm_of(d, "encoder_norm");
    while (s->blocks < VV_MAX_BLOCKS && find_tensor(d, 4, "encoder.0.%u.conv1.weight", s->blocks + 1))
        s->blocks++;
    s->upsample = vv_model_upsamplings[!find_tensor(d, 4, "decoder.0.%u.weight", s->blocks)];
    d->outputs = share(last->dim[0], s->channels);
    return s->blocks > 0;
}

static const struct {
    const char *kind, *mark;  // of all models, that one alone has it, looked for in this order
    bool (*recognise)(struct vv_state_dict *d);
} models[] = {{"resnet", "stem.weight", recognise_resnet},
              {"conv", "encoder.0.0.weight", recognise_conv},
              {"mlp", "fc1.weight", recognise_mlp}};

static bool recognise(struct vv_context *ctx, struct vv_state_dict *d) {
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        if (!vv_safetensors_find(&d->file, models[i].mark)) continue;
        d->kind = models[i].kind;
        return models[i].recognise(d) ||
               vv_fail(ctx, VV_BAD_DATA,
                       "%s: has a tensor '%s', but not all the others of a model %s; name them as "
                       "docs/formats.md does",
                       d->path, models[i].mark, d->kind);
    }
    return vv_fail(ctx, VV_BAD_DATA,
                   "%s: is no state dict of a model here: it has none of fc1.weight (mlp), "
                   "encoder.0.0.weight (conv) and stem.weight (resnet); name its tensors as "
                   "docs/formats.md does",
                   d->path);
}

// What our own files say beside.
static void read_metadata(struct vv_state_dict *d) {
    static const char *const keys[] = {"height", "width", "channels"};
    struct vv_model_size *s = &d->size;
    uint32_t *const numbers[] = {&s->height, &s->width, &s->channels};
    const char *sigma = vv_safetensors_meta(&d->file, "sigma"),
               *objective = vv_safetensors_meta(&d->file, "objective");
    for (int i = 0; i < 3; i++) {
        const char *text = vv_safetensors_meta(&d->file, keys[i]);
        const unsigned long number = text ? strtoul(text, NULL, 10) : 0;
        if (number >= 1 && number <= 65536 && !*numbers[i]) *numbers[i] = (uint32_t)number;
    }
    s->activation = vv_safetensors_meta(&d->file, "activation");
    s->likelihood = vv_safetensors_meta(&d->file, "likelihood");
    if (sigma) (void)snprintf(s->sigma, sizeof s->sigma, "%s", sigma);
    d->is_autoencoder = objective && strcmp(objective, "ae") == 0;
}

bool vv_state_dict_read(struct vv_context *ctx, const char *path, struct vv_state_dict *d) {
    *d = (struct vv_state_dict){.path = path};
    vv_arena_init(&d->arena, ctx);
    bool ok = vv_safetensors_read(ctx, path, VV_SAVE_LIMIT, &d->file);
    for (uint32_t i = 0; ok && i < d->file.count; i++)
        if (is_other_float(&d->file.tensors[i])) ok = convert(d, &d->file.tensors[i]);
    ok = ok && recognise(ctx, d);
    if (ok) read_metadata(d);
    return ok;
}

void vv_state_dict_finish(struct vv_state_dict *d) {
    vv_safetensors_finish(&d->file);
    if (d->arena.ctx) vv_arena_finish(&d->arena);
    *d = (struct vv_state_dict){.path = NULL};
}

// ---- A model's weights ----

static bool check_tensor(struct vv_context *ctx, const struct vv_state_dict *d,
                         const struct vv_model *model, const char *name, struct vv_shape want) {
    const struct vv_model_size *s = &model->size;
    const struct vv_tensor *t = vv_safetensors_find(&d->file, name);
    char wanted[VV_SHAPE_TEXT], found[VV_SHAPE_TEXT];
    if (!t)
        return vv_fail(ctx, VV_BAD_DATA,
                       "%s: has no tensor '%s', as the model %s that its others tell of does; name "
                       "them as docs/formats.md does",
                       d->path, name, model->kind);
    struct vv_shape have = {.rank = t->rank};
    memcpy(have.dim, t->dim, sizeof have.dim);
    if (t->dtype != VV_DTYPE_F32)
        return vv_fail(ctx, VV_BAD_DATA, "%s: the tensor '%s' holds whole numbers; save it as floats",
                       d->path, name);
    if (t->rank == want.rank && memcmp(t->dim, want.dim, want.rank * sizeof *want.dim) == 0) return true;
    return vv_fail(ctx, VV_BAD_DATA,
                   "%s: the tensor '%s' is %s, and for pictures of %ux%ux%u it would be %s; give "
                   "the size that the model is of (--size, --channels), or its own pictures (--data)",
                   d->path, name, vv_shape_print(have, found), s->height, s->width, s->channels,
                   vv_shape_print(want, wanted));
}

static const char *const buffers[] = {"running_mean", "running_var", "num_batches_tracked"};

static bool is_of_model(const struct vv_model *model, const char *name) {
    if (strncmp(name, "data.", 5) == 0 || strcmp(name, "log_sigma") == 0) return true;
    for (uint32_t i = 0; i < model->parameter_count; i++)
        if (strcmp(name, model->parameter[i].name) == 0) return true;
    for (uint32_t i = 0; i < 3 * model->running_count; i++) {
        char full[NAME];
        (void)snprintf(full, sizeof full, "%s.%s", model->running[i / 3].name, buffers[i % 3]);
        if (strcmp(name, full) == 0) return true;
    }
    return false;
}

bool vv_state_dict_check(struct vv_context *ctx, const struct vv_state_dict *d,
                         const struct vv_model *model) {
    char name[NAME];
    for (uint32_t i = 0; i < model->parameter_count; i++) {
        const struct vv_parameter *p = &model->parameter[i];
        if (strcmp(p->name, "log_sigma") == 0 && !vv_safetensors_find(&d->file, p->name)) continue;
        if (!check_tensor(ctx, d, model, p->name, p->shape)) return false;
    }
    for (uint32_t i = 0; i < model->running_count; i++)
        for (int k = 0; k < 2; k++) {
            (void)snprintf(name, sizeof name, "%s.%s", model->running[i].name, buffers[k]);
            if (!check_tensor(ctx, d, model, name, vv_shape1(model->running[i].channels))) return false;
        }
    for (uint32_t i = 0; i < d->file.count; i++)
        if (!is_of_model(model, d->file.tensors[i].name))
            return vv_fail(ctx, VV_BAD_DATA,
                           "%s: the tensor '%.80s' is none of a %s such as the others tell of; leave it "
                           "out, or name it as docs/formats.md does",
                           d->path, d->file.tensors[i].name, model->kind);
    return true;
}

// As a tensor in a checkpoint, as metadata in an export; else that of a new model.
static float log_sigma_of(const struct vv_state_dict *d, float otherwise) {
    const char *text = vv_safetensors_meta(&d->file, "log_sigma");
    const double value = text ? strtod(text, NULL) : (double)otherwise;
    return isfinite(value) ? (float)value : otherwise;
}

bool vv_state_dict_load(struct vv_context *ctx, const struct vv_state_dict *d, struct vv_checkpoint *c) {
    const struct vv_model *model = &c->model;
    c->params = vv_alloc(ctx, model->length, sizeof *c->params);
    if (model->statistics) c->running = vv_alloc(ctx, model->statistics, sizeof *c->running);
    if (!c->params || (model->statistics && !c->running)) return false;
    vv_model_initialise(model, 0, c->params);  // for a log_sigma that is missing
    for (uint32_t i = 0; i < model->parameter_count; i++) {
        const struct vv_parameter *p = &model->parameter[i];
        const struct vv_tensor *t = vv_safetensors_find(&d->file, p->name);
        if (t)
            vv_parameter_load(p, t->data, c->params);
        else
            c->params[p->offset] = log_sigma_of(d, c->params[p->offset]);
    }
    for (uint32_t i = 0; i < 2 * model->running_count; i++) {
        const struct vv_running *r = &model->running[i / 2];
        char name[NAME];
        (void)snprintf(name, sizeof name, "%s.%s", r->name, buffers[i % 2]);
        memcpy(c->running + r->offset + (i % 2 ? r->channels : 0),
               vv_safetensors_find(&d->file, name)->data, r->channels * sizeof *c->running);
    }
    c->batches = vv_named_batches(&d->file, model);
    c->is_autoencoder = d->is_autoencoder;
    return true;
}
