// vkvae export
#include "json.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "text.h"

#include <inttypes.h>

struct export_values {
    vkvae_export_options export;
    struct cli_output_values output;
};

#define EXPORT(field) offsetof(struct export_values, export.field)

static const char *const formats[] = {"safetensors", "onnx", "npz", NULL};
static const char *const parts[] = {"encoder", "decoder", "both", NULL};
static const char *const endings[] = {".safetensors", ".onnx", ".npz", NULL};

static const struct cli_option options[] = {
    {.name = "format",
     .kind = CLI_CHOICE,
     .offset = EXPORT(format),
     .value = "FORMAT",
     .unset = "as --out ends, else safetensors",
     .choices = formats,
     .help = "safetensors: weights under PyTorch's names; onnx: graphs; npz: arrays for NumPy"},
    {.name = "part",
     .kind = CLI_CHOICE,
     .offset = EXPORT(part),
     .value = "PART",
     .unset = "both",
     .choices = parts,
     .help = "which half of the model"},
    {.name = "out",
     .letter = 'o',
     .kind = CLI_FILE,
     .offset = EXPORT(out),
     .value = "FILE",
     .choices = endings,
     .unset = "model, encoder or decoder with the format's ending",
     .help = "file to write; of onnx both NAME-encoder.onnx and NAME-decoder.onnx (without --out "
             "encoder.onnx and decoder.onnx)"},
    CLI_OUTPUT_OPTIONS(struct export_values,
                       "an object {\"run\": text, \"format\": text, \"files\": [{\"file\", \"bytes\"}], "
                       "...}, of safetensors with \"snippet\", the Python"),
    {0},
};

static bool add_files(cJSON *json, const vkvae_export_result *r) {
    cJSON *list = cJSON_AddArrayToObject(json, "files");
    bool ok = list != NULL;
    for (uint32_t i = 0; ok && i < r->file_count; i++) {
        cJSON *item = cJSON_CreateObject();
        ok = cJSON_AddItemToArray(list, item) && cli_json_text(item, "file", r->files[i]) &&
             cli_json_whole(item, "bytes", r->bytes[i]);
    }
    return ok;
}

static cJSON *make_json(const char *run, const vkvae_export_result *r, const char *snippet) {
    cJSON *json = cJSON_CreateObject();
    if (json && cli_json_text(json, "run", run) && cli_json_text(json, "format", r->format) &&
        cli_json_text(json, "part", r->part) && add_files(json, r) &&
        cJSON_AddNumberToObject(json, "tensors", r->tensors) &&
        cli_json_whole(json, "parameters", r->parameters) && cli_json_text(json, "snippet", snippet))
        return json;
    cJSON_Delete(json);
    return NULL;
}

// Standard output is Python, where there is some: what else is said stands there as comments.
static void print_text(const vkvae_export_result *r, const char *snippet) {
    for (uint32_t i = 0; i < r->file_count; i++) {
        if (snippet) (void)fputs("# ", stdout);
        cli_print_clean(stdout, r->files[i]);
        (void)printf(": %" PRIu64 " bytes\n", r->bytes[i]);
    }
    if (!snippet) return;
    (void)puts("# In PyTorch:");
    (void)fputs(snippet, stdout);
}

static int run(const struct cli_arguments *a) {
    struct export_values *v = a->values;
    struct cli_progress progress;
    vkvae_export_result result = {.file_count = 0};
    char *snippet = NULL;
    vkvae *library = cli_open("export", &progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    v->export.run = a->operand;
    v->export.snippet = &snippet;
    int code = (int)vkvae_export(library, &v->export, &result);
    if (code != VKVAE_OK)
        cli_error("export", "%s", vkvae_error(library));
    else if (v->output.json)
        code = cli_print_json("export", make_json(a->operand, &result, snippet));
    else if (!v->output.quiet)
        print_text(&result, snippet);
    vkvae_free(snippet);
    vkvae_destroy(library);
    return code;
}

static void defaults(void *values) {
    struct export_values *v = values;
    vkvae_export_defaults(&v->export);
}

static const char details[] =
    "With safetensors, standard output is Python that reads the file into PyTorch\n"
    "modules: 'vkvae export RUN > load.py'. An ONNX encoder has x [N, C, H, W], from 0\n"
    "to 1, for its input, and mu and logvar [N, latent] for its outputs; the decoder has\n"
    "z [N, latent] and x, the mean of p(x|z). N is any number.\n";

const struct cli_command cli_export = {
    .name = "export",
    .summary = "write a trained model for PyTorch, ONNX or NumPy",
    .details = details,
    .operand = "RUN",
    .operand_help = "the folder of a run, or a checkpoint file",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae export runs/first",
            "vkvae export runs/first --format onnx",
            "vkvae export runs/first --part decoder -o decoder.npz",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct export_values),
    .defaults = defaults,
    .run = run,
};
