#include "run_text.h"

#include "json.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>

void cli_model_text(const vkvae_run_info *info, bool brief, char *text, size_t size) {
    char widths[VKVAE_MAX_HIDDEN * 12] = "", model[64];
    const uint32_t *list = info->stages[0] ? info->stages : info->hidden;
    size_t used = 0;
    for (int i = 0; i < VKVAE_MAX_HIDDEN && list[i]; i++)
        used +=
            (size_t)snprintf(widths + used, sizeof widths - used, "%s%" PRIu32, i ? "," : "", list[i]);
    (void)cli_clean(info->model, model, sizeof model);
    if (info->latent)
        (void)snprintf(text, size, brief ? "%s %s z%" PRIu32 : "%s %s, latent %" PRIu32, model, widths,
                       info->latent);
    else
        (void)snprintf(text, size, "-");
}

// ---- JSON ----

static bool add_number(cJSON *object, const char *key, bool known, double value) {
    return known ? cJSON_AddNumberToObject(object, key, value) != NULL
                 : cJSON_AddNullToObject(object, key) != NULL;
}

static bool add_seed(cJSON *object, bool known, uint64_t seed) {
    return known ? cli_json_whole(object, "seed", seed) : cJSON_AddNullToObject(object, "seed") != NULL;
}

bool cli_add_losses(cJSON *object, const char *key, bool known, const vkvae_losses *l) {
    if (!known) return cJSON_AddNullToObject(object, key);
    cJSON *losses = cJSON_AddObjectToObject(object, key);  // what is not finite is printed as null
    return losses && cJSON_AddNumberToObject(losses, "loss", l->loss) &&
           cJSON_AddNumberToObject(losses, "recon", l->recon) &&
           cJSON_AddNumberToObject(losses, "kl", l->kl) &&
           (!(l->bits > 0) || cJSON_AddNumberToObject(losses, "bits_per_dim", l->bits));
}

// null where the model has none.
static bool add_list(cJSON *object, const char *key, const uint32_t numbers[VKVAE_MAX_HIDDEN]) {
    if (!numbers[0]) return cJSON_AddNullToObject(object, key);
    cJSON *list = cJSON_AddArrayToObject(object, key);
    for (int i = 0; list && i < VKVAE_MAX_HIDDEN && numbers[i]; i++)
        if (!cJSON_AddItemToArray(list, cJSON_CreateNumber(numbers[i]))) return false;
    return list;
}

// An object of options; empty where all is as by default.
static bool add_options(cJSON *object, const char *key, const char *options) {
    cJSON *item = options[0] ? cJSON_Parse(options) : cJSON_CreateObject();
    return cli_json_add(object, key, item);
}

static bool add_model(cJSON *o, const vkvae_run_info *info) {
    return cli_json_text(o, "model", info->model) && add_list(o, "hidden", info->hidden) &&
           add_list(o, "channels_list", info->stages) && cli_json_text(o, "upsample", info->upsample) &&
           cli_json_text(o, "norm", info->norm) && add_number(o, "blocks", info->blocks, info->blocks) &&
           add_number(o, "dropout", info->batch, info->dropout) &&
           cli_json_text(o, "activation", info->activation) &&
           add_number(o, "latent", info->latent, info->latent) &&
           add_number(o, "parameters", info->parameters, (double)info->parameters);
}

static bool add_settings(cJSON *o, const vkvae_run_info *info) {
    const bool data = info->train_count, pictures = info->height, training = info->batch;
    return cli_json_text(o, "data", info->data) && add_options(o, "reading", info->reading) &&
           add_number(o, "train_count", data, info->train_count) &&
           add_number(o, "test_count", data, info->test_count) &&
           add_number(o, "data_checksum", data, info->data_checksum) &&
           add_number(o, "height", pictures, info->height) &&
           add_number(o, "width", pictures, info->width) &&
           add_number(o, "channels", pictures, info->channels) &&
           add_number(o, "token_count", info->token_count, info->token_count) && add_model(o, info) &&
           cli_json_text(o, "augment", info->augment) && add_options(o, "training", info->training) &&
           add_number(o, "batch", training, info->batch) && add_number(o, "lr", training, info->lr) &&
           add_seed(o, training, info->seed) && cli_json_text(o, "kernels", info->kernels) &&
           cli_json_text(o, "tuning", info->tuning) && cli_json_text(o, "device", info->device) &&
           cli_json_text(o, "version", info->version);
}

cJSON *cli_run_json(const vkvae_run_info *info) {
    cJSON *o = cJSON_CreateObject();
    const bool run = !info->is_checkpoint, some = info->epochs;
    const bool ok = o && cli_json_text(o, "path", info->path) &&
                    cJSON_AddStringToObject(o, "kind", run ? "run" : "checkpoint") &&
                    cli_json_text(o, "problem", info->problem) &&
                    add_number(o, "modified", info->modified, (double)info->modified) &&
                    add_settings(o, info) && add_number(o, "epochs", run, info->epochs) &&
                    add_number(o, "wanted_epochs", info->wanted_epochs, info->wanted_epochs) &&
                    cJSON_AddBoolToObject(o, "resumable", info->resumable) &&
                    cli_add_losses(o, "train", some, &info->train) &&
                    cli_add_losses(o, "test", some, &info->test) &&
                    add_number(o, "best_epoch", info->best_epoch, info->best_epoch) &&
                    cli_add_losses(o, "best", info->best_epoch, &info->best);
    if (ok) return o;
    cJSON_Delete(o);
    return NULL;
}
