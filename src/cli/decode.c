// vkvae decode
#include "json.h"
#include "options.h"
#include "output.h"
#include "pictures.h"
#include "progress.h"
#include "text.h"

#include <stdio.h>

struct decode_values {
    vkvae_decode_options decode;
    char *text;  // what was decoded, where the run is of text
    struct cli_device_values device;
    struct cli_output_values output;
};

#define DECODE(field) offsetof(struct decode_values, decode.field)

static const char *const endings[] = {".png", ".npy", ".txt", NULL};

static const struct cli_option options[] = {
    {.name = "array",
     .kind = CLI_TEXT,
     .offset = DECODE(array),
     .value = "NAME",
     .group = "Codes",
     .unset = "z, or where there is none mu",
     .help = "the array of an .npz"},
    {.name = "out",
     .letter = 'o',
     .kind = CLI_FILE,
     .offset = DECODE(out),
     .value = "FILE",
     .group = "Pictures",
     .choices = endings,
     .unset = "decoded.png; text is printed",
     .help = ".png: a grid; .npy: float32 [count, height, width, channels] in the units of the run's "
             "data; of text .txt, or as .npy probabilities"},
    {.name = "draw",
     .kind = CLI_FLAG,
     .offset = DECODE(draw),
     .help = "draw the tokens of text by their probability, and not take the most probable ones"},
    {.name = "each",
     .kind = CLI_TEXT,
     .offset = DECODE(each),
     .value = "DIR",
     .unset = "none",
     .help = "write each picture into this new or empty folder: 00000.png, 00001.png, ...; no grid then "
             "without --out"},
    {.name = "columns",
     .kind = CLI_WHOLE32,
     .offset = DECODE(columns),
     .value = "N",
     .unset = "about as many as rows",
     .whole = {1, 65536},
     .help = "of the grid"},
    {.name = "scale",
     .kind = CLI_WHOLE32,
     .offset = DECODE(scale),
     .value = "N",
     .unset = "a grid as large as fits a screen, --each at 1",
     .whole = {1, 64},
     .help = "pixels of the PNG for each pixel of a picture, both ways"},
    CLI_OUTPUT_OPTIONS(struct decode_values,
                       "an object: run, codes, count, height, width, channels, latent, out, each"),
    CLI_COMPUTE_OPTIONS(struct decode_values),
    {0},
};

static void defaults(void *values) {
    struct decode_values *v = values;
    vkvae_decode_defaults(&v->decode);
    v->decode.picture = "decoded.png";
}

static cJSON *make_json(const vkvae_decode_options *o, const vkvae_decode_result *r) {
    const vkvae_pictures_result sizes = {.count = r->count,
                                         .height = r->height,
                                         .width = r->width,
                                         .channels = r->channels,
                                         .latent = r->latent};
    cJSON *json = cJSON_CreateObject();
    if (json && cli_json_text(json, "run", o->run) && cli_json_text(json, "codes", o->codes) &&
        cli_json_pictures(json, &sizes) && cli_json_text(json, "out", r->out) &&
        cli_json_text(json, "each", o->each))
        return json;
    cJSON_Delete(json);
    return NULL;
}

static void print_text(const struct decode_values *v, const vkvae_decode_result *r) {
    const char *plural = cli_plural(r->count);
    if (v->text && !r->out) cli_print_lines(v->text);
    if (v->output.quiet) return;
    if (r->out) {
        cli_print_file(r->out);
        (void)printf("%u code%s decoded\n", r->count, plural);
    }
    if (v->decode.each) {
        cli_print_file(v->decode.each);
        (void)printf("%u picture%s, 00000.png to %05u.png\n", r->count, plural, r->count - 1);
    }
}

static int decode(struct decode_values *v) {
    struct cli_progress progress;
    vkvae_decode_result result = {0};
    vkvae *library = cli_open("decode", &progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    v->decode.text = &v->text;
    int code = (int)vkvae_decode(library, &v->decode, &result);
    if (code != VKVAE_OK)
        cli_error("decode", "%s", vkvae_error(library));
    else if (v->output.json)
        code = cli_print_json("decode", make_json(&v->decode, &result));
    else
        print_text(v, &result);
    vkvae_free(v->text);
    vkvae_destroy(library);
    return code;
}

static int run(const struct cli_arguments *a) {
    // --scale is of the pictures of --each, too.
    static const char *const of_grid[] = {"columns", "scale", NULL}, *const of_each[] = {"columns",
                                                                                         NULL};
    struct decode_values *v = a->values;
    vkvae_decode_options *o = &v->decode;
    if (o->each && !cli_given(a, "out")) o->picture = NULL;
    const char *out = o->out ? o->out : o->picture ? o->picture : o->each;
    if (cli_check_grid(a, out, o->each ? of_each : of_grid) != VKVAE_OK) return VKVAE_USAGE;
    o->run = a->operand;
    o->codes = a->operands[1];
    o->device = cli_device_options(a, &v->device);
    return decode(v);
}

const struct cli_command cli_decode = {
    .name = "decode",
    .summary = "turn codes into pictures",
    .operand = "RUN",
    .operand_help = "the folder of a run, or a checkpoint file",
    .operand_required = true,
    .second = "FILE",
    .second_help =
        "codes: a .npy, float32 [count, latent] in C order, or an .npz as 'vkvae encode' makes it",
    .examples =
        (const char *const[]){
            "vkvae encode runs/first --limit 64 --sample -o codes.npz",
            "vkvae decode runs/first codes.npz",
            "vkvae decode runs/first codes.npz --array mu -o means.npy",
            "vkvae decode runs/first codes.npz --each decoded",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct decode_values),
    .defaults = defaults,
    .run = run,
};
