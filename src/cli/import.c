// vkvae import
#include "data.h"
#include "json.h"
#include "objective_options.h"
#include "optimisation_options.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "text.h"
#include "train_options.h"

#include <inttypes.h>
#include <string.h>

struct import_values {
    vkvae_import_options import;
    struct cli_device_values device;
    struct cli_output_values output;
    char folder[4096];
};

#define TRAIN(field) offsetof(struct import_values, import.train.field)

static const struct cli_option options[] = {
    {.name = "data",
     .kind = CLI_TEXT,
     .offset = TRAIN(data),
     .value = "PATH|NAME",
     .group = "Data and run",
     .unset = "none: the run can be used, and not be trained",
     .choices = cli_sets,
     .help = "what the run is to be trained on: as --data of train"},
    {.name = "out",
     .kind = CLI_TEXT,
     .offset = TRAIN(out),
     .value = "DIR",
     .unset = "runs/ and FILE's name",
     .help = "folder to write the run to"},
    {.name = "force",
     .kind = CLI_FLAG,
     .offset = TRAIN(force),
     .help = "overwrite the run that is in DIR"},
    {.name = "epochs",
     .kind = CLI_WHOLE32,
     .offset = TRAIN(epochs),
     .value = "N",
     .whole = {1, 1000000},
     .help = "that train --resume is to do"},
    CLI_CONFIG_OPTION,
    CLI_READING_OPTIONS(TRAIN(reading), false),
    CLI_SHAPES_OPTIONS(0, TRAIN(shapes), false),
    CLI_MODEL_OPTIONS(struct import_values, import.train),
    CLI_KL_OPTIONS(struct import_values, import.train),
    CLI_OPTIMISATION_OPTIONS,
    {.name = "seed",
     .kind = CLI_WHOLE64,
     .offset = TRAIN(seed),
     .value = "N",
     .whole = {0, UINT64_MAX},
     .help = "of order and noise"},
    {.name = "precision",
     .kind = CLI_CHOICE,
     .offset = TRAIN(precision),
     .value = "NAME",
     .unset = "fp32",
     .choices = cli_precisions,
     .help = "as --precision of train"},
    CLI_COMPUTE_OPTIONS(struct import_values),
    CLI_OUTPUT_OPTIONS(struct import_values,
                       "an object {\"run\": text, \"model\": text, ..., \"trainable\": true or false}"),
    {0},
};

static void defaults(void *values) {
    struct import_values *v = values;
    vkvae_import_defaults(&v->import);
}

static cJSON *make_json(const struct import_values *v, const vkvae_import_result *r) {
    cJSON *json = cJSON_CreateObject();
    if (json && cli_json_text(json, "run", v->import.train.out) &&
        cli_json_text(json, "model", r->model) && cli_json_text(json, "widths", r->widths) &&
        cli_json_text(json, "activation", r->activation) &&
        cli_json_text(json, "likelihood", r->likelihood) && cli_json_text(json, "sigma", r->sigma) &&
        cJSON_AddNumberToObject(json, "latent", r->latent) &&
        cJSON_AddNumberToObject(json, "height", r->height) &&
        cJSON_AddNumberToObject(json, "width", r->width) &&
        cJSON_AddNumberToObject(json, "channels", r->channels) &&
        cli_json_whole(json, "parameters", r->parameters) &&
        cJSON_AddNumberToObject(json, "converted", r->converted) &&
        cJSON_AddBoolToObject(json, "trainable", r->trainable))
        return json;
    cJSON_Delete(json);
    return NULL;
}

static void print_text(const struct cli_arguments *a, const vkvae_import_result *r) {
    const struct import_values *v = a->values;
    cli_print_clean(stdout, v->import.train.out);
    (void)printf(": %s %s, latent %u, %s, %s, of %ux%ux%u: %" PRIu64 " parameters", r->model, r->widths,
                 r->latent, r->activation, r->likelihood, r->height, r->width, r->channels,
                 r->parameters);
    if (r->converted) (void)printf("; %u tensors became 32-bit floats", r->converted);
    (void)fputs("\nnext: ", stdout);
    cli_print_word(stdout, a->program);
    (void)fputs(r->trainable ? " train --resume " : " sample ", stdout);
    cli_print_word(stdout, v->import.train.out);
    (void)puts(r->trainable ? "" : " -n 64 --seed 7 -o grid.png");
}

// runs/NAME of FOLDER/NAME.safetensors.
static void name_folder(struct import_values *v, const char *file) {
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file, *dot = strrchr(name, '.');
    const int length = (int)(dot && dot != name ? (size_t)(dot - name) : strlen(name));
    (void)snprintf(v->folder, sizeof v->folder, "runs/%.*s", length, name);
    v->import.train.out = v->folder;
}

// What tells how a run is trained means nothing where it cannot be. A file of options may have it.
static const char *meant_for_training(const struct cli_arguments *a) {
    static const char *const others[] = {
        "data",       "out",    "force",         "config",   "size",  "channels", "model",
        "hidden",     "latent", "channels-list", "upsample", "norm",  "blocks",   "activation",
        "likelihood", "sigma",  "objective",     "json",     "quiet", NULL};
    for (const struct cli_option *o = options; o->name; o++) {
        size_t i = 0;
        while (others[i] && strcmp(others[i], o->name) != 0) i++;
        if (!others[i] && cli_typed(a, o->name)) return o->name;
    }
    return NULL;
}

static int run(const struct cli_arguments *a) {
    struct import_values *v = a->values;
    struct cli_progress progress;
    vkvae_import_result result = {.trainable = false};
    const char *needs_data = v->import.train.data ? NULL : meant_for_training(a);
    if (needs_data)
        return cli_usage_error("import",
                               "--%s is for a run that is trained, and there is no --data; leave one "
                               "out, or give the other",
                               needs_data);
    vkvae *library = cli_open("import", &progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    v->import.file = a->operand;
    if (!v->import.train.out) name_folder(v, a->operand);
    v->import.train.device = cli_device_options(a, &v->device);
    int code = (int)vkvae_import(library, &v->import, &result);
    if (code != VKVAE_OK)
        cli_error("import", "%s", vkvae_error(library));
    else if (v->output.json)
        code = cli_print_json("import", make_json(v, &result));
    else if (!v->output.quiet)
        print_text(a, &result);
    vkvae_destroy(library);
    return code;
}

static const char details[] =
    "FILE is a state dict of PyTorch, saved as safetensors, with the names that\n"
    "docs/formats.md has; which model it is of, and how large, its tensors tell. With\n"
    "--data the run is one at its beginning, which 'vkvae train --resume' trains on;\n"
    "without, it can be used, and --size tells how large its pictures are. --config\n"
    "takes a run's config.json.\n";

const struct cli_command cli_import = {
    .name = "import",
    .summary = "make a run out of a PyTorch model's weights",
    .details = details,
    .operand = "FILE",
    .operand_help = "a .safetensors file",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae export runs/first -o weights.safetensors",
            "vkvae import weights.safetensors",
            "vkvae import weights.safetensors --data shapes --images 500 --out runs/imported",
            "vkvae train --resume runs/imported --epochs 1",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct import_values),
    .defaults = defaults,
    .run = run,
};
