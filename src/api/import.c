#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "handle.h"
#include "likelihood.h"
#include "session.h"
#include "state_dict.h"

// One call.
struct importing {
    struct vv_context *ctx;
    const vkvae_import_options *options;
    vkvae_train_options train;  // with what the file tells
    struct vv_state_dict dict;
    struct vv_checkpoint run;
    vkvae_import_result result;
};

void vkvae_import_defaults(vkvae_import_options *options) {
    *options = (vkvae_import_options){.file = NULL};
    vkvae_train_defaults(&options->train);
    options->train.model = NULL;
    options->train.latent = 0;
}

static bool has_data(const struct importing *i) {
    return i->train.data || i->train.train_images;
}

static bool check_options(struct importing *i) {
    const vkvae_train_options *t = &i->options->train;
    if (!i->options->file)
        return vv_fail(i->ctx, VV_USAGE, "no file given: name a state dict, saved as safetensors");
    if (!t->out) return vv_fail(i->ctx, VV_USAGE, "no folder given: name one with --out");
    if (t->resume)
        return vv_fail(i->ctx, VV_USAGE, "--resume %s: what is imported begins a run; leave it out",
                       t->resume);
    return true;
}

// ---- What the file tells, and what is said besides ----

static void print_list(const uint32_t *list, uint32_t count, char text[128]) {
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < count && used < 128; i++) {
        const int n = snprintf(text + used, 128 - used, "%s%" PRIu32, i ? "," : "", list[i]);
        used += n > 0 ? (size_t)n : 0;
    }
}

static bool differs(struct importing *i, const char *option, const char *asked, const char *found) {
    return vv_fail(i->ctx, VV_USAGE, "%s %.128s: %s is of %s; leave the option out", option, asked,
                   i->options->file, found);
}

static bool agree_text(struct importing *i, const char *option, const char *asked, const char *found) {
    return !asked || !found || strcmp(asked, found) == 0 || differs(i, option, asked, found);
}

static bool agree_list(struct importing *i, const char *option, const uint32_t *asked,
                       const uint32_t *found) {
    char a[128], b[128];
    uint32_t counts[2] = {0, 0};
    const uint32_t *const lists[] = {asked, found};
    for (int k = 0; k < 2; k++)
        while (counts[k] < VV_MAX_HIDDEN && lists[k][counts[k]]) counts[k]++;
    print_list(asked, counts[0], a);
    print_list(found, counts[1], b);
    return !counts[0] || !counts[1] || strcmp(a, b) == 0 || differs(i, option, a, b);
}

static bool agree_number(struct importing *i, const char *option, uint32_t asked, uint32_t found) {
    return agree_list(i, option, (const uint32_t[VV_MAX_HIDDEN]){asked},
                      (const uint32_t[VV_MAX_HIDDEN]){found});
}

static bool agree(struct importing *i) {
    const vkvae_train_options *t = &i->train;
    const struct vv_model_size *s = &i->dict.size;
    return agree_text(i, "--model", t->model, i->dict.kind) &&
           agree_list(i, "--hidden", t->hidden, s->hidden) &&
           agree_list(i, "--channels-list", t->channels, s->stage) &&
           agree_text(i, "--upsample", t->upsample, s->upsample) &&
           agree_text(i, "--norm", t->norm, s->norm) &&
           agree_number(i, "--blocks", t->blocks, s->blocks) &&
           agree_number(i, "--latent", t->latent, s->latent);
}

// The file's, then the options', then the model's own.
static void settle_activation(struct importing *i) {
    vkvae_train_options *t = &i->train;
    if (!t->activation) t->activation = i->dict.size.activation;
    if (t->activation) return;
    t->activation = vv_model_kind_find(i->dict.kind)->activation;
    vv_say(i->ctx, VV_LOG_WARNING,
           "%s does not tell its activation: %s is taken; say it with --activation", i->dict.path,
           t->activation);
}

static void settle_likelihood(struct importing *i) {
    vkvae_train_options *t = &i->train;
    const struct vv_model_size *s = &i->dict.size;
    if (!t->likelihood) {
        t->likelihood = s->likelihood;
        if (!t->sigma && s->sigma[0]) t->sigma = s->sigma;
    }
    if (!t->likelihood && i->dict.outputs == 256) t->likelihood = "categorical-256";
    if (!t->objective && i->dict.is_autoencoder) t->objective = "ae";
}

// What no checkpoint of a run may have would be a run that cannot be read.
static bool check_width(struct importing *i, const char *what, uint32_t width, uint32_t most) {
    return width <= most ||
           vv_fail(i->ctx, VV_BAD_DATA,
                   "%s: has %u %s, and a model here has %u at most; import a smaller one", i->dict.path,
                   width, what, most);
}

static bool check_widths(struct importing *i) {
    const struct vv_model_size *s = &i->dict.size;
    bool ok = check_width(i, "latent numbers", s->latent, 4096);
    for (uint32_t k = 0; ok && k < VV_MAX_HIDDEN; k++)
        ok = check_width(i, "units in a layer", s->hidden[k], 65536) &&
             check_width(i, "channels in a stage", s->stage[k], 65536);
    return ok;
}

static bool settle(struct importing *i) {
    const struct vv_model_size *s = &i->dict.size;
    vkvae_train_options *t = &i->train;
    if (!check_widths(i) || !agree(i)) return false;
    t->model = i->dict.kind;
    memcpy(t->hidden, s->hidden, sizeof t->hidden);
    memcpy(t->channels, s->stage, sizeof t->channels);
    t->upsample = s->upsample;
    t->norm = s->norm;
    t->blocks = s->blocks;
    t->latent = s->latent;
    settle_activation(i);
    settle_likelihood(i);
    return true;
}

// ---- The model ----

// More numbers than one for each value of a picture, or fewer, are another likelihood's.
static bool check_outputs(struct importing *i, const struct vv_model *model) {
    const struct vv_model_size *s = &model->size;
    if (s->tokens || i->dict.outputs == s->outputs) return true;
    if (strcmp(model->kind, "mlp") == 0 && i->dict.size.pixels != s->pixels) return true;  // told later
    return vv_fail(i->ctx, VV_BAD_DATA,
                   "%s: its decoder has %u numbers for each value of a picture, and the likelihood %s "
                   "has %u; say which it is with --likelihood and --sigma",
                   i->dict.path, i->dict.outputs, s->likelihood, s->outputs);
}

static bool make_model(struct importing *i, struct vv_model_size size) {
    return vv_model_make(i->ctx, i->dict.kind, size, &i->run.model) && check_outputs(i, &i->run.model) &&
           vv_state_dict_check(i->ctx, &i->dict, &i->run.model) &&
           vv_state_dict_load(i->ctx, &i->dict, &i->run);
}

static void describe(struct importing *i) {
    const struct vv_model *model = &i->run.model;
    const struct vv_model_size *s = &model->size;
    vkvae_import_result *r = &i->result;
    (void)snprintf(r->model, sizeof r->model, "%s", model->kind);
    (void)snprintf(r->activation, sizeof r->activation, "%s", s->activation);
    (void)snprintf(r->likelihood, sizeof r->likelihood, "%s", s->likelihood);
    (void)snprintf(r->sigma, sizeof r->sigma, "%s", s->sigma);
    r->height = s->height;
    r->width = s->width;
    r->channels = s->channels;
    r->latent = s->latent;
    print_list(s->stages ? s->stage : s->hidden, s->stages ? s->stages : s->layers, r->widths);
    r->converted = i->dict.converted;
    for (uint32_t k = 0; k < model->parameter_count; k++)
        r->parameters += vv_shape_count(model->parameter[k].shape);
    r->trainable = has_data(i);
}

// ---- A run that can be trained on ----

// Weights and statistics take the place of the initial ones, averages start from them.
static bool put(struct importing *i, struct vv_trainer *t) {
    const struct vv_checkpoint *c = &i->run;
    struct vv_state *const params[] = {t->params, t->ema}, *const running[] = {t->running,
                                                                               t->ema_running};
    bool ok = true;
    for (int k = 0; k < 2; k++) {
        ok = ok && (!params[k] || vv_exec_write(t->exec, params[k], 0, c->params, params[k]->bytes));
        ok = ok && (!running[k] || vv_exec_write(t->exec, running[k], 0, c->running, running[k]->bytes));
    }
    return ok;
}

static bool make_run(struct importing *i, struct vv_session *s) {
    const vkvae_train_options *t = &i->train;
    if (!vv_session_settle(s) || !make_model(i, vv_settings_model(&s->settings)) ||
        !vv_session_begin(s) || !put(i, &s->trainer))
        return false;
    s->run.device = t->device.device;
    s->run.minimum_limits = t->device.minimum_limits;
    return vv_run_open(&s->run, &s->trainer, t->out) && vv_run_save(&s->run, &s->trainer);
}

static bool import_to_train(struct importing *i) {
    struct vv_session s = {.ctx = i->ctx, .options = &i->train};
    vv_store_init(&s.store, s.ctx);
    const bool ok = make_run(i, &s);
    vv_session_finish(&s);
    return ok;
}

// ---- One that is only used ----

static bool refuse_size(struct importing *i) {
    return vv_fail(i->ctx, VV_USAGE,
                   "%s: a state dict does not tell how high and wide its pictures are; say it with "
                   "--size HEIGHTxWIDTH (and --channels), or name pictures to train on with --data",
                   i->dict.path);
}

static bool settle_size(struct importing *i, struct vv_model_size *s) {
    const vkvae_reading *r = &i->train.reading;
    const bool flat = i->dict.size.pixels != 0;
    if (r->height) s->height = r->height, s->width = r->width;
    if (r->height && flat) s->channels = 0;
    if (r->channels && flat) s->channels = r->channels;
    if (!s->height || !s->width) return refuse_size(i);
    const uint64_t area = (uint64_t)s->height * s->width;
    if (!s->channels && s->pixels % area == 0 && s->pixels / area <= 4)
        s->channels = (uint32_t)(s->pixels / area);
    if (!s->channels || s->channels > 4 || (flat && area * s->channels != s->pixels))
        return vv_fail(i->ctx, VV_USAGE,
                       "%s: its pictures have %u values, and %ux%u with 1 to 4 channels make none of "
                       "these; give another --size",
                       i->dict.path, s->pixels, s->height, s->width);
    if (!vv_pixels_check(i->ctx, i->dict.path, area * s->channels)) return false;
    s->pixels = (uint32_t)(area * s->channels);
    return true;
}

static bool import_to_use(struct importing *i) {
    struct vv_model_size size = i->dict.size;
    const vkvae_train_options *t = &i->train;
    struct vv_run run = {.force = t->force};
    size.activation = t->activation;
    size.likelihood = t->likelihood;
    (void)snprintf(size.sigma, sizeof size.sigma, "%s", t->sigma ? t->sigma : "");
    if (t->objective) i->dict.is_autoencoder = strcmp(t->objective, "ae") == 0;
    bool ok = settle_size(i, &size) && make_model(i, size) && vv_run_claim(&run, i->ctx, t->out) &&
              vv_run_make(&run, i->ctx, t->out);
    char *path = ok ? vv_path_join(i->ctx, t->out, "checkpoint.safetensors") : NULL;
    ok = path && vv_checkpoint_save(i->ctx, path, &i->run);
    free(path);
    vv_run_close(&run);
    return ok;
}

vkvae_status vkvae_import(vkvae *v, const vkvae_import_options *options, vkvae_import_result *result) {
    struct importing i = {.ctx = &v->ctx, .options = options, .train = options->train};
    vv_clear(i.ctx);
    if (result) *result = (vkvae_import_result){.trainable = false};
    bool ok = check_options(&i) && vv_state_dict_read(i.ctx, options->file, &i.dict) && settle(&i) &&
              (has_data(&i) ? import_to_train : import_to_use)(&i);
    if (ok) describe(&i);
    if (ok && result) *result = i.result;
    vv_checkpoint_finish(&i.run);
    vv_state_dict_finish(&i.dict);
    return vv_result(i.ctx, ok && i.ctx->status == VV_OK);
}
