#include "run_text.h"

#include "json.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>

void cli_model_text(const vkvae_run_info *info, bool brief, char *text, size_t size) {
    char hidden[VKVAE_MAX_HIDDEN * 12] = "", model[64];
    size_t used = 0;
    for (int i = 0; i < VKVAE_MAX_HIDDEN && info->hidden[i]; i++)
        used += (size_t)snprintf(hidden + used, sizeof hidden - used, "%s%" PRIu32, i ? "," : "",
                                 info->hidden[i]);
    (void)cli_clean(info->model, model, sizeof model);
    if (info->latent)
        (void)snprintf(text, size, brief ? "%s %s z%" PRIu32 : "%s %s, latent %" PRIu32, model, hidden,
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

static bool add_losses(cJSON *object, const char *key, bool known, const vkvae_losses *l) {
    if (!known) return cJSON_AddNullToObject(object, key);
    cJSON *losses = cJSON_AddObjectToObject(object, key);  // what is not finite is printed as null
    return losses && cJSON_AddNumberToObject(losses, "loss", l->loss) &&
           cJSON_AddNumberToObject(losses, "recon", l->recon) &&
           cJSON_AddNumberToObject(losses, "kl", l->kl);
}

static bool add_hidden(cJSON *object, const vkvae_run_info *info) {
    if (!info->latent) return cJSON_AddNullToObject(object, "hidden");
    cJSON *list = cJSON_AddArrayToObject(object, "hidden");
    for (int i = 0; list && i < VKVAE_MAX_HIDDEN && info->hidden[i]; i++)
        if (!cJSON_AddItemToArray(list, cJSON_CreateNumber(info->hidden[i]))) return false;
    return list;
}

static bool add_settings(cJSON *o, const vkvae_run_info *info) {
    const bool data = info->train_count, pictures = info->height, model = info->latent,
               training = info->batch;
    return cli_json_text(o, "data", info->data) &&
           add_number(o, "train_count", data, info->train_count) &&
           add_number(o, "test_count", data, info->test_count) &&
           add_number(o, "data_checksum", data, info->data_checksum) &&
           add_number(o, "height", pictures, info->height) &&
           add_number(o, "width", pictures, info->width) &&
           add_number(o, "channels", pictures, info->channels) &&
           cli_json_text(o, "model", info->model) && add_hidden(o, info) &&
           cli_json_text(o, "activation", info->activation) &&
           add_number(o, "latent", model, info->latent) &&
           add_number(o, "parameters", info->parameters, (double)info->parameters) &&
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
                    add_losses(o, "train", some, &info->train) &&
                    add_losses(o, "test", some, &info->test) &&
                    add_number(o, "best_epoch", info->best_epoch, info->best_epoch) &&
                    add_losses(o, "best", info->best_epoch, &info->best);
    if (ok) return o;
    cJSON_Delete(o);
    return NULL;
}
