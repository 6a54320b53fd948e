#include "describe.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config.h"
#include "file.h"
#include "schedule.h"
#include "size.h"

void vv_describe_text(char *to, size_t size, const char *text) {
    size_t length = strlen(text);
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) length--;
    }
    memcpy(to, text, length);
    to[length] = '\0';
}

#define SET_TEXT(member, text) vv_describe_text((member), sizeof(member), (text))

// The first one stays.
static void note(vkvae_run_info *info, const char *format, ...) VV_PRINTF(2, 3);
static void note(vkvae_run_info *info, const char *format, ...) {
    char problem[sizeof info->path + sizeof info->problem];
    va_list args;
    if (info->problem[0]) return;
    va_start(args, format);
    (void)vsnprintf(problem, sizeof problem, format, args);
    va_end(args);
    SET_TEXT(info->problem, problem);
}

// Names the file, or the folder, where the failure does not: it was not said of a file.
static void note_failure(vkvae_run_info *info, const char *path, const struct vv_context *ctx) {
    char problem[sizeof info->path + sizeof ctx->error];
    if (ctx->status == VV_OK) return;
    if (strstr(ctx->error, path))
        (void)snprintf(problem, sizeof problem, "%s", ctx->error);
    else
        (void)snprintf(problem, sizeof problem, "%s: %s", path, ctx->error);
    note(info, "%s", problem);
}

// The options that `add` adds, as JSON; "" where all are as by default, or memory is out, which is
// noted.
static void set_options(vkvae_run_info *info, const struct vv_settings *s,
                        bool (*add)(cJSON *, const struct vv_settings *), char *text, size_t size) {
    cJSON *options = cJSON_CreateObject();
    const bool ok = options && add(options, s) &&
                    (!options->child || cJSON_PrintPreallocated(options, text, (int)size, false));
    if (!ok || !options->child) text[0] = '\0';
    if (!ok) note(info, "out of memory for the settings; close other programs");
    cJSON_Delete(options);
}

static bool add_reading(cJSON *options, const struct vv_settings *s) {
    return vv_settings_add_how(options, s) && vv_settings_add(options, s, "classes");
}

static void set_settings(vkvae_run_info *info, const struct vv_settings *s) {
    set_options(info, s, add_reading, info->reading, sizeof info->reading);
    set_options(info, s, vv_settings_add_training, info->training, sizeof info->training);
    info->no_likelihood = !vv_model_is_density(s->likelihood);
    SET_TEXT(info->augment, s->augment);
    SET_TEXT(info->upsample, s->upsample);
    SET_TEXT(info->norm, s->norm);
    memcpy(info->stages, s->stages, sizeof info->stages);
    info->blocks = s->blocks;
    info->dropout = s->dropout;
    SET_TEXT(info->data, s->data);
    SET_TEXT(info->model, s->model);
    SET_TEXT(info->activation, s->activation);
    SET_TEXT(info->kernels, s->kernels);
    SET_TEXT(info->tuning, s->tuning);
    memcpy(info->hidden, s->hidden, sizeof info->hidden);
    info->latent = s->latent;
    info->batch = s->batch;
    info->lr = s->lr;
    info->seed = s->seed;
    info->height = s->height;
    info->width = s->width;
    info->channels = s->channels;
    info->train_count = s->train_count;
    info->token_count = s->tokens;
    info->test_count = s->test_count;
    info->data_checksum = s->data_checksum;
    info->wanted_epochs = s->epochs;
}

static void set_model(vkvae_run_info *info, const struct vv_model *model) {
    SET_TEXT(info->model, model->kind);
    SET_TEXT(info->activation, model->size.activation);
    memcpy(info->hidden, model->size.hidden, sizeof info->hidden);
    info->latent = model->size.latent;
    info->height = model->size.height;
    info->width = model->size.width;
    info->channels = model->size.channels;
    info->token_count = model->size.tokens;
}

static bool is_same_model(const vkvae_run_info *a, const vkvae_run_info *b) {
    return strcmp(a->model, b->model) == 0 && strcmp(a->activation, b->activation) == 0 &&
           memcmp(a->hidden, b->hidden, sizeof a->hidden) == 0 && a->latent == b->latent &&
           a->height == b->height && a->width == b->width && a->channels == b->channels;
}

static void count_parameters(vkvae_run_info *info, const struct vv_model *model) {
    info->parameters = 0;
    for (uint32_t i = 0; i < model->parameter_count; i++)
        info->parameters += vv_shape_count(model->parameter[i].shape);
}

static vkvae_losses make_losses(double recon, double kl, double bits) {
    return (vkvae_losses){recon + kl, recon, kl, bits * (recon + kl)};
}

// bits: vv_settings_bits.
static void set_history(vkvae_run_info *info, const struct vv_metrics *metrics, double bits) {
    info->epochs = metrics->count;
    info->best_epoch = vv_metrics_best(metrics);
    for (uint32_t i = 0; i < metrics->count; i++) {
        const struct vv_metrics_row *r = &metrics->rows[i];
        info->train = make_losses(r->train_recon, r->train_kl, bits);
        info->test = make_losses(r->test_recon, r->test_kl, bits);
        if (i + 1 == info->best_epoch) info->best = info->test;
    }
}

static bool make_tensors(struct vv_context *ctx, const struct vv_model *model,
                         struct vv_tensor_list *tensors) {
    tensors->list = vv_alloc(ctx, model->parameter_count, sizeof *tensors->list);
    if (!tensors->list) return false;
    for (tensors->count = 0; tensors->count < model->parameter_count; tensors->count++) {
        const struct vv_parameter *p = &model->parameter[tensors->count];
        vkvae_tensor *t = &tensors->list[tensors->count];
        SET_TEXT(t->name, p->name);
        t->rank = p->shape.rank;
        memcpy(t->dim, p->shape.dim, sizeof t->dim);
    }
    return true;
}

static bool read_checkpoint(struct vv_context *ctx, const char *path, vkvae_run_info *info,
                            struct vv_tensor_list *tensors) {
    struct vv_checkpoint checkpoint;
    const bool ok = vv_checkpoint_read(ctx, path, &checkpoint) &&
                    (!tensors || make_tensors(ctx, &checkpoint.model, tensors));
    if (ok) {
        set_model(info, &checkpoint.model);
        count_parameters(info, &checkpoint.model);
    }
    vv_checkpoint_finish(&checkpoint);
    return ok;
}

// ---- A run ----

// The settings as a model; false when there is none such.
static bool make_model(struct vv_context *ctx, const char *path, const struct vv_settings *s,
                       struct vv_model *model) {
    if (!vv_pixels_check(ctx, path, vv_settings_pixels(s))) return false;
    return vv_model_make(ctx, s->model, vv_settings_model(s), model);
}

// *bits: what makes its losses bits per dimension.
static bool describe_config(const char *path, vkvae_run_info *info, double *bits) {
    struct vv_context ctx;
    struct vv_settings settings;
    struct vv_config_record record;
    struct vv_model model = {0};
    vv_context_init(&ctx);
    const bool ok = vv_config_read(&ctx, path, &settings, &record);
    SET_TEXT(info->device, record.description);
    SET_TEXT(info->version, record.version);
    if (ok) set_settings(info, &settings);
    if (ok) *bits = vv_settings_bits(&settings);
    if (ok && make_model(&ctx, path, &settings, &model)) count_parameters(info, &model);
    vv_model_finish(&model);
    note_failure(info, path, &ctx);
    return ok;
}

// The library warns only where one save is damaged and the one before it is not.
static void note_warning(void *user, enum vv_log_level level, const char *line) {
    vkvae_run_info *info = user;
    (void)level;
    note(info, "%s (--resume takes the save before it)", line);
}

// As `train --resume` reads and checks it.
static bool describe_resume(const char *folder, vkvae_run_info *info) {
    struct vv_context ctx;
    struct vv_resume resume;
    struct vv_model model = {0};
    bool damaged = false;
    vv_context_init(&ctx);
    ctx.log = note_warning;
    ctx.log_user = info;
    const bool ok = vv_run_read(&ctx, folder, &resume, &damaged);
    if (ok) {
        const struct vv_settings *s = &resume.settings;
        set_settings(info, s);
        set_history(info, &resume.metrics, vv_settings_bits(s));
        info->resumable =
            vv_settings_check(&ctx, s) && make_model(&ctx, folder, s, &model) &&
            vv_resume_check(&ctx, &resume, folder, &model, vv_schedule_steps(s->train_count, s->batch));
        if (info->resumable) count_parameters(info, &model);
        vv_model_finish(&model);
        vv_resume_finish(&resume);
    }
    note_failure(info, folder, &ctx);
    return ok;
}

static bool describe_metrics(const char *path, vkvae_run_info *info, double bits) {
    struct vv_context ctx;
    struct vv_metrics metrics;
    vv_context_init(&ctx);
    (void)vv_metrics_read(&ctx, path, &metrics);
    note_failure(info, path, &ctx);
    set_history(info, &metrics, bits);
    vv_metrics_finish(&metrics);
    return info->epochs > 0;
}

// What the run says of itself (`known`) goes before what its checkpoint says.
static bool describe_weights(const char *path, bool known, vkvae_run_info *info,
                             struct vv_tensor_list *tensors) {
    struct vv_context ctx;
    const vkvae_run_info before = *info;
    vv_context_init(&ctx);
    const bool ok = read_checkpoint(&ctx, path, info, tensors);
    if (ok && known && !is_same_model(&before, info)) {
        *info = before;
        (void)vv_fail(&ctx, VV_BAD_DATA,
                      "%s: is not of the model in the run's settings; restore it from a copy, or start "
                      "again",
                      path);
    }
    note_failure(info, path, &ctx);
    return ok;
}

static void note_missing(struct vv_context *ctx, vkvae_run_info *info, const char *folder,
                         const struct vv_run_files *files) {
    const char *name = !files->config       ? "config.json"
                       : !files->resume     ? "resume.safetensors"
                       : !files->checkpoint ? "checkpoint.safetensors"
                                            : NULL;
    // Weights alone are a run, too, such as those that were imported.
    if (!name || (files->checkpoint && !files->config && !files->resume && !files->metrics)) return;
    const bool begun = files->config && !files->resume && info->epochs <= 1;  // or just at its end
    char *path = vv_path_join(ctx, folder, name);
    if (path && begun)
        note(info, "%s: is not there yet; wait for the run's first epoch, or start it again", path);
    else if (path)
        note(info, "%s: is missing; restore it from a copy, or start again", path);
    free(path);
}

bool vv_describe_run(struct vv_context *ctx, const char *folder, const struct vv_run_files *files,
                     vkvae_run_info *info, struct vv_tensor_list *tensors) {
    *info = (vkvae_run_info){.modified = files->modified, .modified_ns = files->modified_ns};
    SET_TEXT(info->path, folder);
    char *config = vv_path_join(ctx, folder, "config.json"),
         *metrics = vv_path_join(ctx, folder, "metrics.jsonl"),
         *checkpoint = vv_path_join(ctx, folder, "checkpoint.safetensors");
    bool known = false, some = false;
    double bits = 0;
    if (config && metrics && checkpoint) {
        known = files->config && describe_config(config, info, &bits);
        const bool resumed = files->resume && describe_resume(folder, info);
        known = known || resumed;
        some = !resumed && files->metrics && describe_metrics(metrics, info, bits);
        some =
            (files->checkpoint && describe_weights(checkpoint, known, info, tensors)) || some || known;
        note_missing(ctx, info, folder, files);
    }
    free(config);
    free(metrics);
    free(checkpoint);
    return some;
}

// ---- A checkpoint ----

// Whether it is a sound file of the other kind.
static bool is_save(const char *path) {
    struct vv_context ctx;
    struct vv_resume resume;
    vv_context_init(&ctx);
    const bool ok = vv_resume_read(&ctx, path, &resume);
    if (ok) vv_resume_finish(&resume);
    return ok;
}

bool vv_describe_checkpoint(struct vv_context *ctx, const char *path, vkvae_run_info *info,
                            struct vv_tensor_list *tensors) {
    struct stat file;
    *info = (vkvae_run_info){.is_checkpoint = true};
    SET_TEXT(info->path, path);
    if (read_checkpoint(ctx, path, info, tensors)) {
        if (stat(path, &file) != 0) return true;
        info->modified = (int64_t)file.st_mtim.tv_sec;
        info->modified_ns = (uint32_t)file.st_mtim.tv_nsec;
        return true;
    }
    if (!is_save(path)) return false;
    vv_clear(ctx);
    return vv_fail(ctx, VV_BAD_DATA,
                   "%s: is what a run is continued from, not a checkpoint; name the run's folder", path);
}
