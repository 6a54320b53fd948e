#include "checkpoint.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "kept_vocabulary.h"
#include "likelihood.h"
#include "normalization.h"
#include "safetensors.h"
#include "size.h"
#include "tensors.h"

static const char checkpoint_format[] = "vkvae-checkpoint-1";

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

void vv_metadata_add(struct vv_metadata *m, const char *key, const char *value) {
    assert(m->count < VV_METADATA_MOST);
    m->list[m->count++] = (struct vv_meta){key, value};
}

void vv_checkpoint_describe(const struct vv_model *model, struct vv_metadata *m) {
    const struct vv_model_size *size = &model->size;
    const uint32_t numbers[] = {size->height, size->width,  size->channels,
                                size->latent, size->blocks, size->tokens};
    static const char *const keys[] = {"height", "width", "channels"};
    *m = (struct vv_metadata){.count = 0};
    for (uint32_t i = 0; i < 6; i++)
        (void)snprintf(m->text[i], sizeof m->text[i], "%" PRIu32, numbers[i]);
    vv_metadata_add(m, "model", model->kind);
    for (uint32_t i = 0; i < 3; i++) vv_metadata_add(m, keys[i], m->text[i]);
    if (size->stages) {
        print_list(size->stage, size->stages, m->widths, sizeof m->widths);
        vv_metadata_add(m, "stages", m->widths);
        vv_metadata_add(m, "upsample", size->upsample);
        vv_metadata_add(m, "norm", size->norm);
        if (size->blocks) vv_metadata_add(m, "blocks", m->text[4]);
    } else {
        print_list(size->hidden, size->layers, m->widths, sizeof m->widths);
        vv_metadata_add(m, "hidden", m->widths);
    }
    vv_metadata_add(m, "latent", m->text[3]);
    vv_metadata_add(m, "activation", size->activation);
    // Files of version 0.1.0 say none.
    if (strcmp(size->likelihood, vv_likelihood_find(NULL)->name) != 0)
        vv_metadata_add(m, "likelihood", size->likelihood);
    if (size->tokens) vv_metadata_add(m, "token_count", m->text[5]);
    if (size->sigma[0]) vv_metadata_add(m, "sigma", size->sigma);
}

bool vv_checkpoint_save(struct vv_context *ctx, const char *path, const struct vv_checkpoint *c) {
    struct vv_named named = {0};
    struct vv_metadata model, meta = {.count = 0};
    char ema[32];
    vv_checkpoint_describe(&c->model, &model);
    vv_metadata_add(&meta, "format", checkpoint_format);
    for (uint32_t i = 0; i < model.count; i++)
        vv_metadata_add(&meta, model.list[i].key, model.list[i].value);
    if (c->is_autoencoder) vv_metadata_add(&meta, "objective", "ae");
    if (c->ema > 0) {
        (void)snprintf(ema, sizeof ema, "%.15g", c->ema);
        vv_metadata_add(&meta, "ema", ema);
    }
    if (c->normalization.count) vv_metadata_add(&meta, vv_normalization_key, c->normalization.kind);
    if (c->vocabulary.kind)
        vv_metadata_add(&meta, vv_vocabulary_key, vv_tokens_names[c->vocabulary.kind]);
    struct vv_tensor *list = NULL;
    bool ok = vv_named_make(ctx, &c->model, c->params, c->running, c->batches, &named);
    if (ok)
        list = vv_alloc(ctx, (uint64_t)named.count + VV_NORMALIZATION_TENSORS + VV_VOCABULARY_TENSORS,
                        sizeof *list);
    if (list) {
        memcpy(list, named.list, named.count * sizeof *list);
        uint32_t count = vv_normalization_save(&c->normalization, list, named.count);
        count = vv_vocabulary_save(&c->vocabulary, list, count);
        ok = vv_safetensors_write(ctx, path, NULL, list, count, meta.list, meta.count);
    }
    ok = ok && list;
    free(list);
    vv_named_finish(&named);
    return ok;
}

bool vv_checkpoint_take(struct vv_trainer *trainer, struct vv_checkpoint *checkpoint) {
    const struct vv_model *model = &trainer->model;
    float *flat = vv_alloc(trainer->ctx, model->length + model->statistics, sizeof *flat);
    if (!flat) return false;
    const struct vv_weights weights = vv_trainer_weights(trainer);
    *checkpoint = (struct vv_checkpoint){.model = *model,
                                         .params = flat,
                                         .running = flat + model->length,
                                         .batches = steps_done(trainer),
                                         .ema = trainer->ema ? trainer->settings.ema : 0,
                                         .normalization = trainer->normalization,
                                         .is_autoencoder = vv_is_autoencoder(&trainer->settings),
                                         .vocabulary = trainer->vocabulary};
    return vv_exec_read(trainer->exec, weights.params, 0, flat, weights.params->bytes) &&
           (!weights.running || vv_exec_read(trainer->exec, weights.running, 0, checkpoint->running,
                                             weights.running->bytes));
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
    if (vv_safetensors_meta(file, "token_count") &&
        !read_number(ctx, path, file, "token_count", 65536, &size.tokens))
        return false;
    const char *sigma = vv_safetensors_meta(file, "sigma");
    if (sigma) (void)snprintf(size.sigma, sizeof size.sigma, "%s", sigma);
    struct vv_context inner;
    vv_context_init(&inner);
    return vv_model_make(&inner, kind ? kind : "", size, model) ||
           vv_fail(ctx, VV_BAD_DATA, "%s: its model cannot be made: %s", path, inner.error);
}

bool vv_checkpoint_read(struct vv_context *ctx, const char *path, struct vv_checkpoint *checkpoint) {
    struct vv_safetensors file = {0};
    *checkpoint = (struct vv_checkpoint){0};
    const bool ok =
        vv_safetensors_read_checked(ctx, path, VV_SAVE_LIMIT, &file) &&
        vv_format_check(ctx, path, &file, checkpoint_format) &&
        read_model(ctx, path, &file, &checkpoint->model) &&
        vv_named_read(ctx, path, &file, &checkpoint->model, &checkpoint->params, &checkpoint->running) &&
        vv_normalization_read(ctx, path, &file, &checkpoint->model.size, &checkpoint->normalization) &&
        vv_vocabulary_read(ctx, path, &file, &checkpoint->model.size, &checkpoint->vocabulary);
    const char *objective = ok ? vv_safetensors_meta(&file, "objective") : NULL;  // none: of a VAE
    checkpoint->is_autoencoder = objective && strcmp(objective, "ae") == 0;
    const char *ema = ok ? vv_safetensors_meta(&file, "ema") : NULL;
    checkpoint->ema = ema ? strtod(ema, NULL) : 0;
    if (ok) checkpoint->batches = vv_named_batches(&file, &checkpoint->model);
    vv_safetensors_finish(&file);
    if (!ok) vv_checkpoint_finish(checkpoint);
    return ok;
}

void vv_checkpoint_finish(struct vv_checkpoint *checkpoint) {
    vv_model_finish(&checkpoint->model);
    free(checkpoint->params);
    free(checkpoint->running);
    vv_normalization_finish(&checkpoint->normalization);
    vv_vocabulary_finish(&checkpoint->vocabulary);
    *checkpoint = (struct vv_checkpoint){0};
}
