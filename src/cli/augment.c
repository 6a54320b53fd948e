// vkvae augment
#include "json.h"
#include "options.h"
#include "output.h"
#include "pictures.h"
#include "text.h"
#include "use_options.h"

#include <stdio.h>

struct augment_values {
    vkvae_augment_options augment;
    struct cli_output_values output;
    struct cli_device_values device;
};

#define AUGMENT(field) offsetof(struct augment_values, augment.field)

static const struct cli_option options[] = {
    {.name = "count",
     .letter = 'n',
     .kind = CLI_WHOLE32,
     .offset = AUGMENT(count),
     .value = "N",
     .group = "New pictures",
     .whole = {1, 1048576},
     .help = "how many, near each of the given pictures in turn"},
    {.name = "temperature",
     .kind = CLI_REAL,
     .offset = AUGMENT(temperature),
     .value = "T",
     .real = {0, 100},
     .help = "times the posterior's standard deviation: below 1 nearer to what the model makes of the "
             "given picture, at 0 that itself"},
    {.name = "seed",
     .kind = CLI_WHOLE64,
     .offset = AUGMENT(seed),
     .value = "N",
     .whole = {0, UINT64_MAX},
     .help = "of the draws: the same seed on the same device gives the same bytes"},
    {.name = "out",
     .letter = 'o',
     .kind = CLI_TEXT,
     .offset = AUGMENT(out),
     .value = "PATH",
     .help =
         ".npz: images, float32 [N, height, width, channels] in the units of the run's data, and "
         "labels; else a new or empty folder of PNGs, in a sub-folder for each class where there are "
         "labels"},
    CLI_USE_OPTIONS(AUGMENT(use)),
    CLI_OUTPUT_OPTIONS(struct augment_values,
                       "an object: run, count, height, width, channels, latent, sources, labels, "
                       "temperature, seed, out"),
    CLI_COMPUTE_OPTIONS(struct augment_values),
    {0},
};

static void defaults(void *values) {
    struct augment_values *v = values;
    vkvae_augment_defaults(&v->augment);
    v->augment.out = "augmented";
}

static cJSON *make_json(const vkvae_augment_options *o, const vkvae_augment_result *r) {
    const vkvae_pictures_result sizes = {.count = r->count,
                                         .height = r->height,
                                         .width = r->width,
                                         .channels = r->channels,
                                         .latent = r->latent};
    cJSON *json = cJSON_CreateObject();
    if (json && cli_json_text(json, "run", o->use.run) && cli_json_pictures(json, &sizes) &&
        cJSON_AddNumberToObject(json, "sources", r->sources) &&
        cJSON_AddBoolToObject(json, "labels", r->labels) &&
        cJSON_AddNumberToObject(json, "temperature", o->temperature) &&
        cli_json_whole(json, "seed", o->seed) && cli_json_text(json, "out", o->out))
        return json;
    cJSON_Delete(json);
    return NULL;
}

static int run(const struct cli_arguments *a) {
    struct augment_values *v = a->values;
    vkvae_augment_options *o = &v->augment;
    struct cli_progress progress;
    vkvae_augment_result result;
    vkvae *library = cli_use_open(a, &o->use, &v->device, &v->output, &progress);
    if (!library) return VKVAE_FAILED;
    const vkvae_status status = vkvae_augment(library, o, &result);
    const int code = cli_use_close("augment", library, status, &progress);
    if (code != VKVAE_OK) return code;
    if (v->output.json) return cli_print_json("augment", make_json(o, &result));
    if (v->output.quiet) return VKVAE_OK;
    cli_print_file(o->out);
    (void)printf("%u new picture%s near %u%s\n", result.count, cli_plural(result.count), result.sources,
                 result.labels ? ", with their labels" : "");
    return VKVAE_OK;
}

const struct cli_command cli_augment = {
    .name = "augment",
    .summary = "make new pictures near given ones, with their labels",
    .operand = "RUN",
    .operand_help = "the folder of a run, or a checkpoint file",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae augment runs/first -n 300",
            "vkvae augment runs/first --part train -n 1000 --temperature 0.5 -o near.npz",
            "vkvae train --data augmented --epochs 1 --out runs/augmented",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct augment_values),
    .defaults = defaults,
    .run = run,
};
