// vkvae sample
#include "json.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

struct sample_values {
    vkvae_sample_options sample;
    bool stats;
    char *text;  // what the run drew, where it is of text
    struct cli_device_values device;
    struct cli_output_values output;
};

#define SAMPLE(field) offsetof(struct sample_values, sample.field)

static const char *const endings[] = {".png", ".npy", ".txt", NULL};
static const char *const array_endings[] = {".npy", ".npz", NULL};

static const struct cli_option options[] = {
    {.name = "count",
     .letter = 'n',
     .kind = CLI_WHOLE32,
     .offset = SAMPLE(count),
     .value = "N",
     .whole = {1, 65536},
     .help = "how many pictures"},
    {.name = "seed",
     .kind = CLI_WHOLE64,
     .offset = SAMPLE(seed),
     .value = "N",
     .whole = {0, UINT64_MAX},
     .help = "of the draws: the same seed on the same device gives the same bytes"},
    {.name = "temperature",
     .kind = CLI_REAL,
     .offset = SAMPLE(temperature),
     .value = "T",
     .real = {0, 100},
     .help =
         "standard deviation of the draws of z: below 1 nearer to the mean picture, above it wilder"},
    {.name = "from",
     .kind = CLI_FILE,
     .offset = SAMPLE(from),
     .value = "FILE",
     .choices = array_endings,
     .unset = "none",
     .help = "decode the z of a file instead: a .npy, float32 [count, latent] in C order, or codes.npz"},
    {.name = "out",
     .letter = 'o',
     .kind = CLI_FILE,
     .offset = SAMPLE(out),
     .value = "FILE",
     .choices = endings,
     .unset = "samples.png; text is printed",
     .help =
         ".png: a grid; .npy: float32 [count, height, width, channels] from 0 to 1; of text .txt, or "
         "as .npy probabilities"},
    {.name = "draw",
     .kind = CLI_FLAG,
     .offset = SAMPLE(draw),
     .help = "draw the tokens of text by their probability, and not take the most probable ones"},
    {.name = "each",
     .kind = CLI_TEXT,
     .offset = SAMPLE(each),
     .value = "DIR",
     .unset = "none",
     .help = "write each picture into this new or empty folder: 00000.png, 00001.png, ...; no grid then "
             "without --out"},
    {.name = "columns",
     .kind = CLI_WHOLE32,
     .offset = SAMPLE(columns),
     .value = "N",
     .unset = "about as many as rows",
     .whole = {1, 65536},
     .help = "of the grid"},
    {.name = "scale",
     .kind = CLI_WHOLE32,
     .offset = SAMPLE(scale),
     .value = "N",
     .unset = "a grid as large as fits a screen, --each at 1",
     .whole = {1, 64},
     .help = "pixels of the PNG for each pixel of a picture, both ways"},
    {.name = "stats",
     .kind = CLI_FLAG,
     .offset = offsetof(struct sample_values, stats),
     .help = "print mean and variance of all numbers of z, and of all pixels"},
    CLI_CONFIG_OPTION,
    CLI_OUTPUT_OPTIONS(struct sample_values,
                       "an object {\"run\": text, \"count\": number, ...}, with what --stats prints"),
    CLI_COMPUTE_OPTIONS(struct sample_values),
    {0},
};

static void defaults(void *values) {
    struct sample_values *v = values;
    vkvae_sample_defaults(&v->sample);
    v->sample.picture = "samples.png";
}

struct number {
    const char *key;
    double value;
};

static bool add_numbers(cJSON *json, const struct number *numbers, size_t count) {
    bool ok = true;
    for (size_t i = 0; i < count; i++)
        ok = ok && cJSON_AddNumberToObject(json, numbers[i].key, numbers[i].value);
    return ok;
}

// Of z that was not drawn, null.
static bool add_source(cJSON *json, const vkvae_sample_options *o) {
    if (o->from)
        return cJSON_AddNullToObject(json, "seed") && cli_json_text(json, "from", o->from) &&
               cJSON_AddNullToObject(json, "temperature");
    return cli_json_whole(json, "seed", o->seed) && cJSON_AddNullToObject(json, "from") &&
           cJSON_AddNumberToObject(json, "temperature", o->temperature);
}

// Lines of text as a list; null of pictures.
static bool add_lines(cJSON *json, const char *text) {
    cJSON *list =
        text ? cJSON_AddArrayToObject(json, "samples") : cJSON_AddNullToObject(json, "samples");
    bool ok = list != NULL;
    while (ok && text && *text) {
        const size_t length = strcspn(text, "\n");
        char *line = strndup(text, length);
        ok = line && cJSON_AddItemToArray(list, cli_json_item(line));
        free(line);
        text += length + 1;
    }
    return ok;
}

static bool fill_json(cJSON *json, const struct sample_values *v, const vkvae_sample_result *r) {
    const vkvae_sample_options *o = &v->sample;
    const struct number sizes[] = {{"count", r->count},
                                   {"height", r->height},
                                   {"width", r->width},
                                   {"channels", r->channels},
                                   {"latent", r->latent}};
    const struct number stats[] = {{"z_mean", r->z_mean},
                                   {"z_variance", r->z_variance},
                                   {"pixel_mean", r->pixel_mean},
                                   {"pixel_variance", r->pixel_variance}};
    return cli_json_text(json, "run", o->run) &&
           add_numbers(json, sizes, sizeof sizes / sizeof *sizes) && add_source(json, o) &&
           cli_json_text(json, "out", r->out) && cli_json_text(json, "each", o->each) &&
           add_lines(json, v->text) && add_numbers(json, stats, sizeof stats / sizeof *stats);
}

static cJSON *make_json(const struct sample_values *v, const vkvae_sample_result *result) {
    cJSON *json = cJSON_CreateObject();
    if (json && fill_json(json, v, result)) return json;
    cJSON_Delete(json);
    return NULL;
}

static void print_text(const struct sample_values *v, const vkvae_sample_result *r) {
    const vkvae_sample_options *o = &v->sample;
    const char *plural = cli_plural(r->count);
    if (v->text && !r->out) cli_print_lines(v->text);
    if (!v->output.quiet && r->out) {
        cli_print_clean(stdout, r->out);
        (void)printf(": %u sample%s\n", r->count, plural);
    }
    if (!v->output.quiet && o->each) {
        cli_print_clean(stdout, o->each);
        (void)printf(": %u picture%s, 00000.png to %05u.png\n", r->count, plural, r->count - 1);
    }
    if (v->stats)
        (void)printf("z: mean %.6g, variance %.6g\npixels: mean %.6g, variance %.6g\n", r->z_mean,
                     r->z_variance, r->pixel_mean, r->pixel_variance);
}

static int sample(struct sample_values *v) {
    struct cli_progress progress;
    vkvae_sample_result result = {0};
    vkvae *library = cli_open("sample", &progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    v->sample.text = &v->text;
    int code = (int)vkvae_sample(library, &v->sample, &result);
    if (code != VKVAE_OK)
        cli_error("sample", "%s", vkvae_error(library));
    else if (v->output.json)
        code = cli_print_json("sample", make_json(v, &result));
    else
        print_text(v, &result);
    vkvae_free(v->text);
    vkvae_destroy(library);
    return code;
}

// What a file of --config says gives way to what was typed and does not go with it.
static bool clashes(const struct cli_arguments *a, const char *option, const char *with) {
    return cli_given(a, option) && (cli_typed(a, option) || !cli_typed(a, with));
}

// What was given and means nothing beside what else was given: a usage error; else VKVAE_OK.
static int check(const struct cli_arguments *a) {
    static const char *const of_draws[] = {"count", "seed", "temperature"};
    const struct sample_values *v = a->values;
    const vkvae_sample_options *o = &v->sample;
    const char *out = o->out ? o->out : o->picture;
    const bool grid = out && cli_ends_with(out, ".png");
    for (size_t i = 0; o->from && i < sizeof of_draws / sizeof *of_draws; i++)
        if (clashes(a, of_draws[i], "from"))
            return cli_usage_error("sample",
                                   "--%s is for z that is drawn, and --from %s is decoded as it stands; "
                                   "leave one of them out",
                                   of_draws[i], o->from);
    const char *with = out ? "out" : "each";
    const char *only_grid = clashes(a, "columns", with)             ? "columns"
                            : clashes(a, "scale", with) && !o->each ? "scale"
                                                                    : NULL;
    if (grid || !only_grid) return VKVAE_OK;
    return cli_usage_error("sample", "--%s is for a grid, and %s is none; leave it out, or write a .png",
                           only_grid, out ? out : o->each);
}

static int run(const struct cli_arguments *a) {
    struct sample_values *v = a->values;
    if (v->sample.each && !cli_given(a, "out")) v->sample.picture = NULL;
    const int code = check(a);
    if (code != VKVAE_OK) return code;
    v->sample.run = a->operand;
    v->sample.device = cli_device_options(a, &v->device);
    return sample(v);
}

const struct cli_command cli_sample = {
    .name = "sample",
    .summary = "draw new pictures from a trained model",
    .operand = "RUN",
    .operand_help = "the folder of a run, or a checkpoint file",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae sample runs/first -n 64 --seed 7 -o grid.png",
            "vkvae sample runs/first -n 1000 -o samples.npy",
            "vkvae sample runs/first -n 100 --temperature 0.5 --each pictures --stats",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct sample_values),
    .defaults = defaults,
    .run = run,
};
