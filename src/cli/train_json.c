#include "train_json.h"

#include "json.h"

static cJSON *event(const char *name) {
    cJSON *json = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(json, "event", name);
    return json;
}

static void add_number(cJSON *json, const char *key, double value) {
    (void)cJSON_AddNumberToObject(json, key, value);  // null where it is not finite
}

static void add_text(cJSON *json, const char *key, const char *text) {
    (void)cli_json_text(json, key, text);
}

static void add_losses(cJSON *json, const char *key, const vkvae_losses *l) {
    cJSON *object = cJSON_AddObjectToObject(json, key);
    add_number(object, "loss", l->loss);
    add_number(object, "recon", l->recon);
    add_number(object, "kl", l->kl);
    if (l->bits > 0) add_number(object, "bits_per_dim", l->bits);
}

// With `keys` of them: fewer mean that memory ran out on the way.
static void print(cJSON *json, int keys) {
    const bool whole = cJSON_GetArraySize(json) == keys;
    if (!whole) cJSON_Delete(json);
    (void)cli_print_json_line("train", whole ? json : NULL);
}

void cli_json_start(const vkvae_start *s) {
    cJSON *json = event("start");
    add_text(json, "run", s->folder);
    add_text(json, "data", s->data);
    add_text(json, "device", s->device);
    add_text(json, "kernels", s->kernels);
    add_text(json, "tuning", s->tuning);
    add_number(json, "height", s->height);
    add_number(json, "width", s->width);
    add_number(json, "channels", s->channels);
    add_number(json, "train_count", s->train_count);
    add_number(json, "test_count", s->test_count);
    add_number(json, "data_checksum", s->data_checksum);
    add_number(json, "classes", s->classes);
    add_number(json, "skipped", s->skipped);
    add_text(json, "normalize", s->normalize);
    add_text(json, "tokens", s->tokens);
    add_number(json, "token_count", s->token_count);
    add_text(json, "model", s->model);
    add_text(json, "widths", s->widths);
    add_text(json, "activation", s->activation);
    add_text(json, "likelihood", s->likelihood);
    add_text(json, "sigma", s->sigma && *s->sigma ? s->sigma : NULL);
    add_text(json, "binarize", s->binarize);
    (void)cJSON_AddBoolToObject(json, "elbo", !s->no_likelihood);
    add_text(json, "precision", s->precision);
    add_number(json, "latent", s->latent);
    add_number(json, "parameters", (double)s->parameters);
    add_number(json, "arena_bytes", (double)s->arena_bytes);
    add_number(json, "arena_unshared_bytes", (double)s->arena_unshared_bytes);
    add_number(json, "state_bytes", (double)s->state_bytes);
    add_number(json, "epoch", s->epoch);
    add_number(json, "epochs", s->epochs);
    add_number(json, "steps", s->steps);
    print(json, 33);
}

// Both return how many keys they added.
static int add_objective(cJSON *json, const vkvae_epoch *e) {
    if (!e->weighed) return 0;
    add_number(json, "kl_weight", e->kl_weight);
    add_number(json, "capacity", e->kl_capacity);
    add_number(json, "train_objective", e->train_objective);
    add_number(json, "test_objective", e->test_objective);
    return 4;
}

static int add_latents(cJSON *json, const vkvae_epoch *e) {
    if (!e->latent) return 0;
    add_number(json, "active_units", e->active_units);
    cJSON *list = cJSON_AddArrayToObject(json, "kl_per_latent");
    for (uint32_t j = 0; j < e->latent; j++)
        (void)cJSON_AddItemToArray(list, cJSON_CreateNumber((double)e->kl_per_latent[j]));
    return 2;
}

void cli_json_epoch(const vkvae_epoch *e) {
    cJSON *json = event("epoch");
    add_number(json, "epoch", e->epoch);
    add_number(json, "epochs", e->epochs);
    add_number(json, "step", (double)e->step);
    add_losses(json, "train", &e->train);
    add_losses(json, "test", &e->test);
    if (e->sigma > 0) add_number(json, "sigma", e->sigma);
    add_number(json, "train_seconds", e->train_seconds);
    add_number(json, "test_seconds", e->test_seconds);
    add_number(json, "images_per_second", e->images_per_second);
    print(json, 9 + (e->sigma > 0) + add_objective(json, e) + add_latents(json, e));
}

void cli_json_end(const char *run, const vkvae_train_result *r) {
    cJSON *json = event("end");
    add_text(json, "run", run);
    (void)cJSON_AddBoolToObject(json, "stopped", r->stopped);
    add_number(json, "epochs", r->epochs);
    add_number(json, "wanted_epochs", r->wanted_epochs);
    add_number(json, "steps", (double)r->steps);
    add_number(json, "best_epoch", r->best_epoch);
    (void)cJSON_AddBoolToObject(json, "early", r->early);
    add_number(json, "device_bytes", (double)r->device_bytes);
    add_number(json, "retries", r->retries);
    print(json, 10);
}
