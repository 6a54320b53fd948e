#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"
#include "file.h"
#include "optimiser.h"

// Sizes of a set that is drawn are options; of a set that is read they are facts.
static bool add_shapes(cJSON *object, const struct vv_settings *s) {
    char size[32];
    (void)snprintf(size, sizeof size, "%ux%u", s->height, s->width);
    return cJSON_AddNumberToObject(object, "images", s->drawn[0] ? s->drawn[0] : s->train_count) &&
           cJSON_AddNumberToObject(object, "test-images", s->drawn[1] ? s->drawn[1] : s->test_count) &&
           cJSON_AddStringToObject(object, "size", size) &&
           cJSON_AddNumberToObject(object, "channels", s->channels) &&
           vv_settings_add(object, s, "data-seed");
}

// The family alone: "subgroup-texel/8" is what this device made of it.
static bool add_kernels(cJSON *object, const struct vv_settings *s) {
    char family[sizeof s->kernels];
    (void)snprintf(family, sizeof family, "%.*s", (int)strcspn(s->kernels, "/"), s->kernels);
    return strcmp(family, "reference") == 0 || cJSON_AddStringToObject(object, "kernels", family);
}

static bool add_all(cJSON *object, const struct vv_settings *s, const char *const *keys) {
    while (*keys && vv_settings_add(object, s, *keys)) keys++;
    return *keys == NULL;
}

static bool add_options(cJSON *object, const struct vv_settings *s, const struct vv_config *config) {
    static const char *const set[] = {"data", NULL};
    static const char *const rest[] = {
        "classes",    "model",   "hidden", "channels-list", "upsample", "norm", "blocks", "dropout",
        "activation", "augment", "latent", "batch",         "epochs",   "lr",   "seed",   NULL};
    const bool drawn = vv_dataset_is_drawn(s->data);
    return add_all(object, s, set) && (drawn ? add_shapes(object, s) : vv_settings_add_how(object, s)) &&
           add_all(object, s, rest) && vv_settings_add_training(object, s) && add_kernels(object, s) &&
           (!config->device || cJSON_AddStringToObject(object, "device", config->device)) &&
           (!config->minimum_limits || cJSON_AddStringToObject(object, "limits", "minimum")) &&
           (!config->save_every || cJSON_AddStringToObject(object, "save-every", config->save_every));
}

static bool add_optimiser(cJSON *record, const struct vv_settings *s) {
    const struct vv_optimiser *o = vv_optimiser_of(s);
    if (!o) return cJSON_AddStringToObject(record, "optimiser", s->optimiser);  // of a damaged file
    return cJSON_AddStringToObject(record, "optimiser", o->name) &&
           (!o->has_betas || (cJSON_AddNumberToObject(record, "beta1", VV_ADAM_BETA1) &&
                              cJSON_AddNumberToObject(record, "beta2", VV_ADAM_BETA2))) &&
           (o->epsilon == 0 || cJSON_AddNumberToObject(record, "epsilon", o->epsilon));
}

static bool add_record(cJSON *object, const struct vv_settings *s, const struct vv_config *config) {
    static const char *const found[] = {"height",      "width",      "channels",      "token_count",
                                        "train_count", "test_count", "data_checksum", "kernels",
                                        "tuning",      NULL};
    cJSON *record = cJSON_AddObjectToObject(object, "record");
    return record && cJSON_AddStringToObject(record, "version", config->version) &&
           cJSON_AddStringToObject(record, "device", config->description) && add_all(record, s, found) &&
           cJSON_AddStringToObject(record, "likelihood", *s->likelihood ? s->likelihood : "bernoulli") &&
           (vv_model_is_density(s->likelihood) || cJSON_AddFalseToObject(record, "elbo")) &&
           add_optimiser(record, s);
}

char *vv_config_print(struct vv_context *ctx, const struct vv_settings *s,
                      const struct vv_config *config) {
    cJSON *object = cJSON_CreateObject();
    const bool ok = object && add_options(object, s, config) && add_record(object, s, config);
    char *text = ok ? cJSON_Print(object) : NULL;
    cJSON_Delete(object);
    if (!text) (void)vv_fail(ctx, VV_FAILED, "out of memory for the settings; close other programs");
    return text;
}

static void copy_text(const cJSON *record, const char *key, char *text, size_t size) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(record, key);
    if (cJSON_IsString(item)) (void)snprintf(text, size, "%s", item->valuestring);
}

// How the run was asked for. A device's name that does not fit would be another's.
static void read_asked(const cJSON *object, struct vv_config_record *found) {
    const char *device = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "device"));
    const char *limits = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "limits"));
    if (device && strlen(device) < sizeof found->device)
        copy_text(object, "device", found->device, sizeof found->device);
    copy_text(object, "save-every", found->save_every, sizeof found->save_every);
    found->minimum_limits = limits && strcmp(limits, "minimum") == 0;
}

// What is no JSON is left to vv_settings_parse, which says so.
static bool read_record(struct vv_context *ctx, const char *path, const char *text,
                        struct vv_config_record *found) {
    cJSON *object = cJSON_Parse(text);
    const cJSON *record = cJSON_GetObjectItemCaseSensitive(object, "record");
    const bool ok = !cJSON_IsObject(object) || cJSON_IsObject(record);
    copy_text(record, "device", found->description, sizeof found->description);
    copy_text(record, "version", found->version, sizeof found->version);
    read_asked(object, found);
    cJSON_Delete(object);
    return ok || vv_fail(ctx, VV_BAD_DATA,
                         "%s: has no \"record\" of a run; restore it from a copy, or start again", path);
}

bool vv_config_read(struct vv_context *ctx, const char *path, struct vv_settings *s,
                    struct vv_config_record *record) {
    const uint64_t limit = 1u << 20;
    unsigned char *bytes = NULL;
    uint64_t size;
    *s = (struct vv_settings){0};
    *record = (struct vv_config_record){0};
    const bool ok = vv_file_read(ctx, path, limit, &bytes, &size) &&
                    read_record(ctx, path, (const char *)bytes, record) &&
                    vv_settings_parse(ctx, path, (const char *)bytes, s);
    free(bytes);
    return ok;
}
