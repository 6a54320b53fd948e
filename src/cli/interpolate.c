// vkvae interpolate
#include "json.h"
#include "options.h"
#include "output.h"
#include "pictures.h"
#include "use_options.h"

#include <stdio.h>

struct interpolate_values {
    vkvae_interpolate_options interpolate;
    struct cli_output_values output;
    struct cli_device_values device;
};

#define INTERPOLATE(field) offsetof(struct interpolate_values, interpolate.field)

static const char *const hows[] = {"linear", "spherical", NULL};

static const struct cli_option options[] = {
    {.name = "from",
     .kind = CLI_WHOLE32,
     .offset = INTERPOLATE(from),
     .value = "I",
     .group = "Way",
     .whole = {0, UINT32_MAX},
     .help = "number of the picture that it begins at, counted from 0"},
    {.name = "to",
     .kind = CLI_WHOLE32,
     .offset = INTERPOLATE(to),
     .value = "J",
     .whole = {0, UINT32_MAX},
     .help = "number of the picture that it ends at"},
    {.name = "steps",
     .kind = CLI_WHOLE32,
     .offset = INTERPOLATE(steps),
     .value = "N",
     .whole = {2, 1000},
     .help = "codes on the way, both ends included"},
    {.name = "how",
     .kind = CLI_CHOICE,
     .offset = INTERPOLATE(how),
     .value = "HOW",
     .choices = hows,
     .help = "linear: straight; spherical: along the arc between the directions of both codes, which "
             "keeps the distance from 0"},
    CLI_PICTURES_OPTIONS(
        INTERPOLATE(pictures),
        ".png: a row, with the pictures themselves at both ends; .npy: float32 [steps, height, width, "
        "channels], what was decoded alone"),
    CLI_USE_OPTIONS(INTERPOLATE(use)),
    CLI_OUTPUT_OPTIONS(struct interpolate_values,
                       "an object: run, count, height, width, channels, latent, from, to, how, out"),
    CLI_COMPUTE_OPTIONS(struct interpolate_values),
    {0},
};

static void defaults(void *values) {
    struct interpolate_values *v = values;
    vkvae_interpolate_defaults(&v->interpolate);
    v->interpolate.how = "linear";
    v->interpolate.pictures.out = "interpolation.png";
}

static cJSON *make_json(const vkvae_interpolate_options *o, const vkvae_interpolate_result *r) {
    cJSON *json = cJSON_CreateObject();
    if (json && cli_json_text(json, "run", o->use.run) && cli_json_pictures(json, r) &&
        cJSON_AddNumberToObject(json, "from", o->from) && cJSON_AddNumberToObject(json, "to", o->to) &&
        cli_json_text(json, "how", o->how) && cli_json_text(json, "out", o->pictures.out))
        return json;
    cJSON_Delete(json);
    return NULL;
}

static int run(const struct cli_arguments *a) {
    static const char *const of_grid[] = {"scale", NULL};
    struct interpolate_values *v = a->values;
    vkvae_interpolate_options *o = &v->interpolate;
    struct cli_progress progress;
    vkvae_interpolate_result result;
    if (cli_check_grid(a, o->pictures.out, of_grid) != VKVAE_OK) return VKVAE_USAGE;
    vkvae *library = cli_use_open(a, &o->use, &v->device, &v->output, &progress);
    if (!library) return VKVAE_FAILED;
    const vkvae_status status = vkvae_interpolate(library, o, &result);
    const int code = cli_use_close("interpolate", library, status, &progress);
    if (code != VKVAE_OK) return code;
    if (v->output.json) return cli_print_json("interpolate", make_json(o, &result));
    if (v->output.quiet) return VKVAE_OK;
    cli_print_file(o->pictures.out);
    (void)printf("%u steps from picture %u to %u\n", result.count, o->from, o->to);
    return VKVAE_OK;
}

const struct cli_command cli_interpolate = {
    .name = "interpolate",
    .summary = "walk from the code of one picture to that of another",
    .operand = "RUN",
    .operand_help = "the folder of a run, or a checkpoint file",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae interpolate runs/first --from 0 --to 7",
            "vkvae interpolate runs/first --from 3 --to 4 --steps 20 --how spherical -o arc.png",
            "vkvae interpolate runs/first --part train --from 100 --to 200 -o way.npy",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct interpolate_values),
    .defaults = defaults,
    .run = run,
};
