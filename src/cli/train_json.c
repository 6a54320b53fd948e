#include "train_json.h"

#include "json.h"

// `ok` until memory runs out.
struct event {
    cJSON *json;
    bool ok;
};

static void add_text(struct event *e, const char *key, const char *text) {
    e->ok = e->ok && cli_json_text(e->json, key, text);
}

// null where it is not finite.
static void add_number(struct event *e, const char *key, double value) {
    e->ok = e->ok && cJSON_AddNumberToObject(e->json, key, value);
}

static void add_bool(struct event *e, const char *key, bool value) {
    e->ok = e->ok && cJSON_AddBoolToObject(e->json, key, value);
}

static struct event begin(const char *name) {
    struct event e = {.json = cJSON_CreateObject(), .ok = true};
    add_text(&e, "event", name);
    return e;
}

static void add_losses(struct event *e, const char *key, const vkvae_losses *l) {
    struct event inner = {.json = cJSON_AddObjectToObject(e->json, key), .ok = e->ok};
    add_number(&inner, "loss", l->loss);
    add_number(&inner, "recon", l->recon);
    add_number(&inner, "kl", l->kl);
    if (l->bits > 0) add_number(&inner, "bits_per_dim", l->bits);
    e->ok = inner.ok;
}

static int print(struct event *e) {
    if (!e->ok) cJSON_Delete(e->json);
    return cli_print_json_line("train", e->ok ? e->json : NULL);
}

int cli_json_start(const vkvae_start *s) {
    struct event event = begin("start");
    add_text(&event, "run", s->folder);
    add_text(&event, "data", s->data);
    add_text(&event, "device", s->device);
    add_text(&event, "kernels", s->kernels);
    add_text(&event, "tuning", s->tuning);
    add_number(&event, "height", s->height);
    add_number(&event, "width", s->width);
    add_number(&event, "channels", s->channels);
    add_number(&event, "train_count", s->train_count);
    add_number(&event, "test_count", s->test_count);
    add_number(&event, "data_checksum", s->data_checksum);
    add_number(&event, "classes", s->classes);
    add_number(&event, "skipped", s->skipped);
    add_text(&event, "normalize", s->normalize);
    add_text(&event, "tokens", s->tokens);
    add_number(&event, "token_count", s->token_count);
    add_text(&event, "model", s->model);
    add_text(&event, "widths", s->widths);
    add_text(&event, "activation", s->activation);
    add_text(&event, "likelihood", s->likelihood);
    add_text(&event, "sigma", s->sigma);
    add_text(&event, "binarize", s->binarize);
    add_bool(&event, "elbo", !s->no_likelihood);
    add_text(&event, "precision", s->precision);
    add_number(&event, "latent", s->latent);
    add_number(&event, "parameters", (double)s->parameters);
    add_number(&event, "arena_bytes", (double)s->arena_bytes);
    add_number(&event, "arena_unshared_bytes", (double)s->arena_unshared_bytes);
    add_number(&event, "state_bytes", (double)s->state_bytes);
    add_number(&event, "epoch", s->epoch);
    add_number(&event, "epochs", s->epochs);
    add_number(&event, "steps", s->steps);
    return print(&event);
}

static void add_objective(struct event *event, const vkvae_epoch *e) {
    if (!e->weighed) return;
    add_number(event, "kl_weight", e->kl_weight);
    add_number(event, "capacity", e->kl_capacity);
    add_number(event, "train_objective", e->train_objective);
    add_number(event, "test_objective", e->test_objective);
}

static void add_latents(struct event *event, const vkvae_epoch *e) {
    if (!e->latent) return;
    add_number(event, "active_units", e->active_units);
    cJSON *list = cJSON_AddArrayToObject(event->json, "kl_per_latent");
    event->ok = event->ok && list;
    for (uint32_t j = 0; event->ok && j < e->latent; j++)
        event->ok = cJSON_AddItemToArray(list, cJSON_CreateNumber((double)e->kl_per_latent[j]));
}

int cli_json_epoch(const vkvae_epoch *e) {
    struct event event = begin("epoch");
    add_number(&event, "epoch", e->epoch);
    add_number(&event, "epochs", e->epochs);
    add_number(&event, "step", (double)e->step);
    add_losses(&event, "train", &e->train);
    add_losses(&event, "test", &e->test);
    if (e->sigma > 0) add_number(&event, "sigma", e->sigma);
    add_number(&event, "train_seconds", e->train_seconds);
    add_number(&event, "test_seconds", e->test_seconds);
    add_number(&event, "images_per_second", e->images_per_second);
    add_objective(&event, e);
    add_latents(&event, e);
    return print(&event);
}

int cli_json_end(const char *run, const vkvae_train_result *r) {
    struct event event = begin("end");
    add_text(&event, "run", run);
    add_bool(&event, "stopped", r->stopped);
    add_number(&event, "epochs", r->epochs);
    add_number(&event, "wanted_epochs", r->wanted_epochs);
    add_number(&event, "steps", (double)r->steps);
    add_number(&event, "best_epoch", r->best_epoch);
    add_bool(&event, "early", r->early);
    add_number(&event, "device_bytes", (double)r->device_bytes);
    add_number(&event, "retries", r->retries);
    return print(&event);
}
