// vkvae sample
#include "options.h"
#include "output.h"
#include "progress.h"

#include <string.h>

struct sample_values {
    vkvae_sample_options sample;
    struct cli_device_values device;
    struct cli_output_values output;
};

#define SAMPLE(field) offsetof(struct sample_values, sample.field)

static const char *const endings[] = {".png", ".npy", NULL};

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
    {.name = "out",
     .letter = 'o',
     .kind = CLI_FILE,
     .offset = SAMPLE(out),
     .value = "FILE",
     .choices = endings,
     .help = ".png: a grid; .npy: float32 [count, height, width, channels] from 0 to 1"},
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
     .unset = "as large as fits a screen",
     .whole = {1, 64},
     .help = "pixels of the grid for each pixel of a picture, both ways"},
    CLI_CONFIG_OPTION,
    CLI_COMPUTE_OPTIONS(struct sample_values),
    {0},
};

static void defaults(void *values) {
    struct sample_values *v = values;
    vkvae_sample_defaults(&v->sample);
    if (!v->sample.out) v->sample.out = "samples.png";
}

static int sample(struct sample_values *v) {
    struct cli_progress progress;
    vkvae *library = cli_open("sample", &progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    int code = (int)vkvae_sample(library, &v->sample, NULL);
    if (code == VKVAE_OK)
        (void)printf("%s: %u samples\n", v->sample.out, v->sample.count);
    else
        cli_error("sample", "%s", vkvae_error(library));
    vkvae_destroy(library);
    return code;
}

static int run(const struct cli_arguments *a) {
    struct sample_values *v = a->values;
    bool grid = strcmp(strrchr(v->sample.out, '.'), ".png") == 0;
    const char *only_grid = cli_given(a, "columns") ? "columns" : cli_given(a, "scale") ? "scale" : NULL;
    if (!grid && only_grid)
        return cli_usage_error("sample",
                               "--%s is for a grid, and %s is none; leave it out, or write a .png",
                               only_grid, v->sample.out);
    v->sample.run = a->operand;
    v->sample.device = cli_device_options(&v->device);
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
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct sample_values),
    .defaults = defaults,
    .run = run,
};
