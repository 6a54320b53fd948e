#include "architecture.h"

#include <stdio.h>
#include <string.h>

#include "activation.h"
#include "augment.h"

static const struct kind {
    const char *name;
    bool has_stages, has_blocks;
    const char *activation, *norm;
} kinds[] = {
    {"mlp", false, false, "relu", ""},
    {"conv", true, false, "leaky-relu", "batch"},
    {"resnet", true, true, "silu", "group"},
};
static const char *const norms[] = {"batch", "group", "none", NULL};
static const char *const upsamplings[] = {"transpose", "nearest", NULL};

// NULL: no such model, which vv_model_make tells.
static const struct kind *find_kind(const char *name) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (name && strcmp(name, kinds[i].name) == 0) return &kinds[i];
    return NULL;
}

// The first option that is given, and that this kind of model does not have; `models` are those that do.
static const char *find_foreign(const struct kind *k, const vkvae_train_options *o,
                                const char **models) {
    const struct {
        bool is_foreign;
        const char *option, *models;
    } fields[] = {{k->has_stages && o->hidden[0], "--hidden", "mlp"},
                  {!k->has_stages && o->channels[0], "--channels-list", "conv or resnet"},
                  {!k->has_stages && o->upsample, "--upsample", "conv or resnet"},
                  {!k->has_stages && o->norm, "--norm", "conv or resnet"},
                  {!k->has_blocks && o->blocks, "--blocks", "resnet"}};
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

static bool settle_stages(struct vv_context *ctx, const struct kind *k, const vkvae_train_options *o,
                          struct vv_settings *s) {
    memcpy(s->stages, o->channels, sizeof s->stages);
    if (k->has_blocks) s->blocks = o->blocks ? o->blocks : 1;
    return copy_name(ctx, "--upsample", upsamplings, o->upsample ? o->upsample : upsamplings[0],
                     s->upsample) &&
           copy_name(ctx, "--norm", norms, o->norm ? o->norm : k->norm, s->norm);
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
    const struct kind *k = find_kind(o->model);
    const char *models, *activation = k ? k->activation : vv_activation_name(0);
    (void)snprintf(s->model, sizeof s->model, "%s", o->model ? o->model : "");
    (void)snprintf(s->activation, sizeof s->activation, "%s",
                   o->activation ? o->activation : activation);
    (void)snprintf(s->likelihood, sizeof s->likelihood, "%s", o->likelihood ? o->likelihood : "");
    s->dropout = o->dropout;
    memcpy(s->hidden, o->hidden, sizeof s->hidden);
    if (k && !k->has_stages && !s->hidden[0]) s->hidden[0] = 400;
    const char *foreign = k ? find_foreign(k, o, &models) : NULL;
    if (foreign)
        return vv_fail(ctx, VV_USAGE, "%s is for %s, not for %s; leave it out, or give another --model",
                       foreign, models, o->model);
    return copy_augment(ctx, o->augment, s) && (!k || !k->has_stages || settle_stages(ctx, k, o, s));
}

// As many stages as bring the longer side to 2, each of which halves it.
void vv_architecture_fill(struct vv_settings *s) {
    static const uint32_t usual[] = {32, 64, 128, 256, 512};
    const struct kind *k = find_kind(s->model);
    if (!k || !k->has_stages || s->stages[0]) return;
    uint32_t side = s->height > s->width ? s->height : s->width, i = 0;
    do {
        s->stages[i] = usual[i];
        side = (side + 1) / 2;
        i++;
    } while (side > 2 && i < sizeof usual / sizeof *usual);
}
