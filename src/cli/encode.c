// vkvae encode
#include "json.h"
#include "options.h"
#include "output.h"
#include "text.h"
#include "use_options.h"

#include <stdio.h>
#include <string.h>

struct encode_values {
    vkvae_encode_options encode;
    struct cli_output_values output;
    struct cli_device_values device;
};

#define ENCODE(field) offsetof(struct encode_values, encode.field)

static const char *const endings[] = {".npz", ".npy", ".csv", NULL};

static const struct cli_option options[] = {
    {.name = "out",
     .letter = 'o',
     .kind = CLI_FILE,
     .offset = ENCODE(out),
     .value = "FILE",
     .group = "Codes",
     .choices = endings,
     .help = ".npz: arrays mu, logvar and labels; .npy: mu alone; .csv: a line for each picture"},
    {.name = "sample",
     .kind = CLI_FLAG,
     .offset = ENCODE(sample),
     .help = "also draw z from each posterior: an array z of an .npz, columns of a .csv, and what an "
             ".npy has in the place of mu"},
    {.name = "seed",
     .kind = CLI_WHOLE64,
     .offset = ENCODE(seed),
     .value = "N",
     .whole = {0, UINT64_MAX},
     .help = "of these draws: the same seed on the same device gives the same bytes"},
    CLI_USE_OPTIONS(ENCODE(use)),
    CLI_OUTPUT_OPTIONS(struct encode_values, "an object: run, count, latent, labels, out, seconds"),
    CLI_COMPUTE_OPTIONS(struct encode_values),
    {0},
};

static void defaults(void *values) {
    struct encode_values *v = values;
    vkvae_encode_defaults(&v->encode);
    v->encode.out = "codes.npz";
}

static cJSON *make_json(const vkvae_encode_options *o, const vkvae_encode_result *r) {
    cJSON *json = cJSON_CreateObject();
    if (json && cli_json_text(json, "run", o->use.run) &&
        cJSON_AddNumberToObject(json, "count", r->count) &&
        cJSON_AddNumberToObject(json, "latent", r->latent) &&
        cJSON_AddBoolToObject(json, "labels", r->labels) && cli_json_text(json, "out", o->out) &&
        cJSON_AddNumberToObject(json, "seconds", r->seconds))
        return json;
    cJSON_Delete(json);
    return NULL;
}

static int run(const struct cli_arguments *a) {
    struct encode_values *v = a->values;
    struct cli_progress progress;
    vkvae_encode_result result;
    if (cli_given(a, "seed") && !v->encode.sample)
        return cli_usage_error("encode", "--seed is of z that is drawn; give --sample, or leave it out");
    vkvae *library = cli_use_open(a, &v->encode.use, &v->device, &v->output, &progress);
    if (!library) return VKVAE_FAILED;
    const vkvae_status status = vkvae_encode(library, &v->encode, &result);
    const int code = cli_use_close("encode", library, status, &progress);
    if (code != VKVAE_OK) return code;
    if (v->output.json) return cli_print_json("encode", make_json(&v->encode, &result));
    if (v->output.quiet) return VKVAE_OK;
    cli_print_clean(stdout, v->encode.out);
    // An .npy is one array, which has no place for labels.
    (void)printf(": codes of %u picture%s, %u numbers each%s\n", result.count, cli_plural(result.count),
                 result.latent,
                 result.labels && !cli_ends_with(v->encode.out, ".npy") ? ", with their labels" : "");
    return VKVAE_OK;
}

static const char details[] =
    "mu and logvar are the mean and the log variance of the posterior q(z|x) of each\n"
    "picture, float32, in the order of the data. 'vkvae decode' makes pictures of them.\n";

const struct cli_command cli_encode = {
    .name = "encode",
    .summary = "turn pictures into codes: means and log variances of their posteriors",
    .details = details,
    .operand = "RUN",
    .operand_help = "the folder of a run, or a checkpoint file",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae encode runs/first -o codes.npz",
            "vkvae encode runs/first --part all --sample -o codes.csv",
            "vkvae encode runs/first --data shapes --images 100 --part all -o codes.npy",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct encode_values),
    .defaults = defaults,
    .run = run,
};
