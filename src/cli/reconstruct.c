// vkvae reconstruct
#include "json.h"
#include "options.h"
#include "output.h"
#include "pictures.h"
#include "text.h"
#include "use_options.h"

#include <stdio.h>

struct reconstruct_values {
    vkvae_reconstruct_options reconstruct;
    struct cli_output_values output;
    struct cli_device_values device;
};

#define RECONSTRUCT(field) offsetof(struct reconstruct_values, reconstruct.field)

static const struct cli_option options[] = {
    {.name = "count",
     .letter = 'n',
     .kind = CLI_WHOLE32,
     .offset = RECONSTRUCT(count),
     .value = "N",
     .group = "Reconstructions",
     .whole = {1, 65536},
     .help = "of the first N pictures, or of all where there are fewer"},
    {.name = "mean",
     .kind = CLI_FLAG,
     .offset = RECONSTRUCT(mean),
     .help = "decode the posterior's mean, and not a draw from it"},
    {.name = "seed",
     .kind = CLI_WHOLE64,
     .offset = RECONSTRUCT(seed),
     .value = "N",
     .whole = {0, UINT64_MAX},
     .help = "of these draws: the same seed on the same device gives the same bytes"},
    CLI_PICTURES_OPTIONS(
        RECONSTRUCT(pictures),
        ".png: rows of pictures, and below each of them their reconstructions; .npy: float32 [2 count, "
        "height, width, channels], all pictures before all reconstructions"),
    {.name = "columns",
     .kind = CLI_WHOLE32,
     .offset = RECONSTRUCT(columns),
     .value = "N",
     .unset = "8",
     .whole = {1, 65536},
     .help = "of the grid"},
    CLI_USE_OPTIONS(RECONSTRUCT(use)),
    CLI_OUTPUT_OPTIONS(struct reconstruct_values,
                       "an object: run, count, height, width, channels, latent, mean, seed, out"),
    CLI_COMPUTE_OPTIONS(struct reconstruct_values),
    {0},
};

static void defaults(void *values) {
    struct reconstruct_values *v = values;
    vkvae_reconstruct_defaults(&v->reconstruct);
    v->reconstruct.pictures.out = "reconstruction.png";
}

// Of what was not drawn the seed is null.
static cJSON *make_json(const vkvae_reconstruct_options *o, const vkvae_reconstruct_result *r) {
    cJSON *json = cJSON_CreateObject();
    if (json && cli_json_text(json, "run", o->use.run) && cli_json_pictures(json, r) &&
        cJSON_AddBoolToObject(json, "mean", o->mean) &&
        (o->mean ? cJSON_AddNullToObject(json, "seed") != NULL
                 : cli_json_whole(json, "seed", o->seed)) &&
        cli_json_text(json, "out", o->pictures.out))
        return json;
    cJSON_Delete(json);
    return NULL;
}

static int run(const struct cli_arguments *a) {
    static const char *const of_grid[] = {"columns", "scale", NULL};
    struct reconstruct_values *v = a->values;
    vkvae_reconstruct_options *o = &v->reconstruct;
    struct cli_progress progress;
    vkvae_reconstruct_result result;
    if (cli_given(a, "seed") && o->mean)
        return cli_usage_error("reconstruct",
                               "--seed is of draws, and --mean draws none; leave one out");
    if (cli_check_grid(a, o->pictures.out, of_grid) != VKVAE_OK) return VKVAE_USAGE;
    vkvae *library = cli_use_open(a, &o->use, &v->device, &v->output, &progress);
    if (!library) return VKVAE_FAILED;
    const vkvae_status status = vkvae_reconstruct(library, o, &result);
    const int code = cli_use_close("reconstruct", library, status, &progress);
    if (code != VKVAE_OK) return code;
    if (v->output.json) return cli_print_json("reconstruct", make_json(o, &result));
    if (v->output.quiet) return VKVAE_OK;
    cli_print_file(o->pictures.out);
    (void)printf("%u picture%s and what became of %s\n", result.count, cli_plural(result.count),
                 result.count == 1 ? "it" : "them");
    return VKVAE_OK;
}

const struct cli_command cli_reconstruct = {
    .name = "reconstruct",
    .summary = "draw pictures beside what a trained model makes of them",
    .operand = "RUN",
    .operand_help = "the folder of a run, or a checkpoint file",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae reconstruct runs/first",
            "vkvae reconstruct runs/first -n 32 --mean --columns 16 -o means.png",
            "vkvae reconstruct runs/first --part train -n 100 --seed 3 -o pairs.npy",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct reconstruct_values),
    .defaults = defaults,
    .run = run,
};
