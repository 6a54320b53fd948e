// vkvae manifold
#include "json.h"
#include "options.h"
#include "output.h"
#include "pictures.h"
#include "text.h"
#include "use_options.h"

#include <stdio.h>

struct manifold_values {
    vkvae_manifold_options manifold;
    struct cli_output_values output;
    struct cli_device_values device;
};

#define MANIFOLD(field) offsetof(struct manifold_values, manifold.field)

static const struct cli_option options[] = {
    CLI_PICTURES_OPTIONS(
        MANIFOLD(pictures),
        ".png: a square grid; .npy: float32 [steps steps, height, width, channels], row "
        "by row"),
    {.name = "steps",
     .kind = CLI_WHOLE32,
     .offset = MANIFOLD(steps),
     .value = "N",
     .whole = {1, 1000},
     .help = "rows, and columns"},
    CLI_OUTPUT_OPTIONS(struct manifold_values,
                       "an object: run, count, height, width, channels, latent, steps, out"),
    CLI_COMPUTE_OPTIONS(struct manifold_values),
    {0},
};

static void defaults(void *values) {
    struct manifold_values *v = values;
    vkvae_manifold_defaults(&v->manifold);
    v->manifold.pictures.out = "manifold.png";
}

static cJSON *make_json(const vkvae_manifold_options *o, const vkvae_manifold_result *r) {
    cJSON *json = cJSON_CreateObject();
    if (json && cli_json_text(json, "run", o->use.run) && cli_json_pictures(json, r) &&
        cJSON_AddNumberToObject(json, "steps", o->steps) && cli_json_text(json, "out", o->pictures.out))
        return json;
    cJSON_Delete(json);
    return NULL;
}

static int run(const struct cli_arguments *a) {
    static const char *const of_grid[] = {"scale", NULL};
    struct manifold_values *v = a->values;
    vkvae_manifold_options *o = &v->manifold;
    struct cli_progress progress;
    vkvae_manifold_result result;
    if (cli_check_grid(a, o->pictures.out, of_grid) != VKVAE_OK) return VKVAE_USAGE;
    vkvae *library = cli_use_open(a, &o->use, &v->device, &v->output, &progress);
    if (!library) return VKVAE_FAILED;
    const vkvae_status status = vkvae_manifold(library, o, &result);
    const int code = cli_use_close("manifold", library, status, &progress);
    if (code != VKVAE_OK) return code;
    if (v->output.json) return cli_print_json("manifold", make_json(o, &result));
    if (v->output.quiet) return VKVAE_OK;
    cli_print_file(o->pictures.out);
    (void)printf("%u picture%s, latent 0 from left to right, latent 1 from top to bottom\n",
                 result.count, cli_plural(result.count));
    return VKVAE_OK;
}

static const char details[] =
    "Both latents go through the quantiles 1/2N, 3/2N, ... of the prior, so that each\n"
    "picture stands for as much of it as any other.\n";

const struct cli_command cli_manifold = {
    .name = "manifold",
    .summary = "show the whole plane of a model with two latents",
    .details = details,
    .operand = "RUN",
    .operand_help = "the folder of a run with --latent 2, or its checkpoint file",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae train --images 500 --latent 2 --epochs 1 --out runs/flat",
            "vkvae manifold runs/flat",
            "vkvae manifold runs/flat --steps 8 -o plane.npy",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct manifold_values),
    .defaults = defaults,
    .run = run,
};
