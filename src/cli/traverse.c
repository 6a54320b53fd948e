// vkvae traverse
#include "json.h"
#include "options.h"
#include "output.h"
#include "pictures.h"
#include "text.h"
#include "use_options.h"

#include <stdio.h>

struct traverse_values {
    vkvae_traverse_options traverse;
    struct cli_output_values output;
    struct cli_device_values device;
};

#define TRAVERSE(field) offsetof(struct traverse_values, traverse.field)

static const struct cli_option options[] = {
    {.name = "rows",
     .kind = CLI_WHOLE32,
     .offset = TRAVERSE(rows),
     .value = "N",
     .group = "Ways",
     .unset = "all",
     .whole = {1, 4096},
     .help = "of the N most informative latents alone: those with the greatest mean KL divergence over "
             "the pictures"},
    {.name = "steps",
     .kind = CLI_WHOLE32,
     .offset = TRAVERSE(steps),
     .value = "N",
     .whole = {2, 1000},
     .help = "pictures of a row"},
    {.name = "quantiles",
     .kind = CLI_RANGE,
     .offset = TRAVERSE(quantiles),
     .value = "LO,HI",
     .unset = "0.05,0.95",
     .help = "of the prior, that a latent goes between"},
    {.name = "from",
     .kind = CLI_WHOLE32,
     .offset = TRAVERSE(from),
     .value = "I",
     .unset = "the prior's mean, 0",
     .whole = {0, UINT32_MAX},
     .help = "number of the picture, counted from 0, whose code the other latents are taken from"},
    CLI_PICTURES_OPTIONS(TRAVERSE(pictures),
                         ".png: a row for each latent, the most informative one first; .npy: float32 "
                         "[rows steps, height, width, channels]"),
    CLI_USE_OPTIONS(TRAVERSE(use)),
    CLI_OUTPUT_OPTIONS(
        struct traverse_values,
        "an object: run, count (of pictures), steps, quantiles, from, kl (of all latents), latents "
        "[{latent, kl}, ...] row by row, out"),
    CLI_COMPUTE_OPTIONS(struct traverse_values),
    {0},
};

static void defaults(void *values) {
    struct traverse_values *v = values;
    vkvae_traverse_defaults(&v->traverse);
    v->traverse.pictures.out = "traversal.png";
}

// What each row is of.
struct ranks {
    uint32_t *order;
    double *kl;
};

static bool add_latents(cJSON *json, const struct ranks *ranks, uint32_t rows) {
    cJSON *list = cJSON_AddArrayToObject(json, "latents");
    bool ok = list != NULL;
    for (uint32_t i = 0; ok && i < rows; i++) {
        cJSON *row = cJSON_CreateObject();
        ok = cJSON_AddItemToArray(list, row) &&
             cJSON_AddNumberToObject(row, "latent", ranks->order[i]) &&
             cJSON_AddNumberToObject(row, "kl", ranks->kl[i]);
    }
    return ok;
}

static bool add_quantiles(cJSON *json, const double quantiles[2]) {
    cJSON *list = cJSON_AddArrayToObject(json, "quantiles");
    bool ok = list != NULL;
    for (int i = 0; ok && i < 2; i++) ok = cJSON_AddItemToArray(list, cJSON_CreateNumber(quantiles[i]));
    return ok;
}

static cJSON *make_json(const vkvae_traverse_options *o, const vkvae_traverse_result *r,
                        const struct ranks *ranks) {
    cJSON *json = cJSON_CreateObject();
    if (json && cli_json_text(json, "run", o->use.run) &&
        cJSON_AddNumberToObject(json, "count", r->count) &&
        cJSON_AddNumberToObject(json, "steps", r->steps) && add_quantiles(json, o->quantiles) &&
        (o->around ? cJSON_AddNumberToObject(json, "from", o->from)
                   : cJSON_AddNullToObject(json, "from")) &&
        cJSON_AddNumberToObject(json, "kl", r->kl_total) && add_latents(json, ranks, r->rows) &&
        cli_json_text(json, "out", o->pictures.out))
        return json;
    cJSON_Delete(json);
    return NULL;
}

static void print_text(const vkvae_traverse_options *o, const vkvae_traverse_result *r,
                       const struct ranks *ranks) {
    cli_print_file(o->pictures.out);
    (void)printf("%u row%s of %u pictures; of %u picture%s, in nats:\n", r->rows, cli_plural(r->rows),
                 r->steps, r->count, cli_plural(r->count));
    for (uint32_t i = 0; i < r->rows; i++)
        (void)printf("latent %-4u KL %.4f\n", ranks->order[i], ranks->kl[i]);
}

static int traverse(const struct cli_arguments *a, struct ranks *ranks) {
    struct traverse_values *v = a->values;
    vkvae_traverse_options *o = &v->traverse;
    struct cli_progress progress;
    vkvae_traverse_result result;
    vkvae *library = cli_use_open(a, &o->use, &v->device, &v->output, &progress);
    if (!library) return VKVAE_FAILED;
    o->order = &ranks->order;
    o->kl = &ranks->kl;
    const vkvae_status status = vkvae_traverse(library, o, &result);
    const int code = cli_use_close("traverse", library, status, &progress);
    if (code != VKVAE_OK) return code;
    if (v->output.json) return cli_print_json("traverse", make_json(o, &result, ranks));
    if (!v->output.quiet) print_text(o, &result, ranks);
    return VKVAE_OK;
}

static int run(const struct cli_arguments *a) {
    static const char *const of_grid[] = {"scale", NULL};
    struct traverse_values *v = a->values;
    struct ranks ranks = {.order = NULL};
    if (cli_check_grid(a, v->traverse.pictures.out, of_grid) != VKVAE_OK) return VKVAE_USAGE;
    v->traverse.around = cli_given(a, "from");
    const int code = traverse(a, &ranks);
    vkvae_free(ranks.order);
    vkvae_free(ranks.kl);
    return code;
}

const struct cli_command cli_traverse = {
    .name = "traverse",
    .summary = "show what each latent changes, the most informative one first",
    .operand = "RUN",
    .operand_help = "the folder of a run, or a checkpoint file",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae traverse runs/first --rows 8",
            "vkvae traverse runs/first --from 3 --quantiles 0.01,0.99 -o around.png",
            "vkvae traverse runs/first --json -o traversal.npy",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct traverse_values),
    .defaults = defaults,
    .run = run,
};
