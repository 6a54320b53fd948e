#include "architecture.h"

#include <stdio.h>
#include <string.h>

#include "activation.h"
#include "augment.h"
#include "model.h"

// The first option that is given, and that this kind of model does not have; `models` are those that do.
static const char *find_foreign(const struct vv_model_kind *k, const vkvae_train_options *o,
                                const char **models) {
    const struct {
        bool is_foreign;
        const char *option, *models;
    } fields[] = {{k->convolves && o->hidden[0], "--hidden", "mlp"},
                  {!k->convolves && o->channels[0], "--channels-list", "conv or resnet"},
                  {!k->convolves && o->upsample, "--upsample", "conv or resnet"},
                  {!k->convolves && o->norm, "--norm", "conv or resnet"},
                  {!k->blocks && o->blocks, "--blocks", "resnet"}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        *models = fields[i].models;
        if (fields[i].is_foreign) return fields[i].option;
    }
    return NULL;
}

static bool copy_name(struct vv_context *ctx, const char *option, const char *const *names,
                      const char *name, char copy[16]) {
    char list[80] = "";
    size_t used = 0;
    for (; *names; names++) {
        if (strcmp(name, *names) == 0) {
            (void)snprintf(copy, 16, "%s", name);
            return true;
        }
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", *names);
    }
    return vv_fail(ctx, VV_USAGE, "%s %.40s: expected one of %s", option, name, list);
}

static bool settle_stages(struct vv_context *ctx, const struct vv_model_kind *k,
                          const vkvae_train_options *o, struct vv_settings *s) {
    memcpy(s->stages, o->channels, sizeof s->stages);
    if (k->blocks) s->blocks = o->blocks ? o->blocks : k->blocks;
    return copy_name(ctx, "--upsample", vv_model_upsamplings,
                     o->upsample ? o->upsample : vv_model_upsamplings[0], s->upsample) &&
           copy_name(ctx, "--norm", vv_model_norms, o->norm ? o->norm : k->norm, s->norm);
}

// As it is printed, so that equal changes are equal settings.
static bool copy_augment(struct vv_context *ctx, const char *text, struct vv_settings *s) {
    struct vv_augment augment;
    if (!vv_augment_parse(ctx, text ? text : "", &augment)) return false;
    (void)vv_augment_print(&augment, s->augment);
    return true;
}

bool vv_architecture_settle(struct vv_context *ctx, const vkvae_train_options *o,
                            struct vv_settings *s) {
    // NULL: no such model, which vv_model_make tells.
    const struct vv_model_kind *k = o->model ? vv_model_kind_find(o->model) : NULL;
    const char *models, *activation = k ? k->activation : vv_activation_name(0);
    (void)snprintf(s->model, sizeof s->model, "%s", o->model ? o->model : "");
    (void)snprintf(s->activation, sizeof s->activation, "%s",
                   o->activation ? o->activation : activation);
    (void)snprintf(s->likelihood, sizeof s->likelihood, "%s", o->likelihood ? o->likelihood : "");
    (void)snprintf(s->sigma, sizeof s->sigma, "%s", o->sigma ? o->sigma : "");
    (void)snprintf(s->binarize, sizeof s->binarize, "%s", o->binarize ? o->binarize : "");
    (void)snprintf(s->precision, sizeof s->precision, "%s", o->precision ? o->precision : "");
    s->dropout = o->dropout;
    memcpy(s->hidden, o->hidden, sizeof s->hidden);
    if (k && !k->convolves && !s->hidden[0]) s->hidden[0] = k->hidden;
    const char *foreign = k ? find_foreign(k, o, &models) : NULL;
    if (foreign)
        return vv_fail(ctx, VV_USAGE, "%s is for %s, not for %s; leave it out, or give another --model",
                       foreign, models, o->model);
    return copy_augment(ctx, o->augment, s) && (!k || !k->convolves || settle_stages(ctx, k, o, s));
}

void vv_architecture_fill(struct vv_settings *s) {
    const struct vv_model_kind *k = vv_model_kind_find(s->model);
    if (k && k->convolves && !s->stages[0]) (void)vv_model_stages(s->height, s->width, s->stages);
}
