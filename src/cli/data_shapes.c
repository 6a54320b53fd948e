// vkvae data shapes
#include "data.h"
#include "options.h"
#include "output.h"
#include "progress.h"

#include <string.h>

struct shapes_values {
    vkvae_data_options data;  // of which `shapes` is what is drawn
    const char *out;
    bool force;
    struct cli_output_values output;
};

static const struct cli_option options[] = {
    {.name = "out",
     .letter = 'o',
     .kind = CLI_TEXT,
     .offset = offsetof(struct shapes_values, out),
     .value = "FOLDER",
     .help = "folder to write; it is made where it is not there"},
    {.name = "force",
     .kind = CLI_FLAG,
     .offset = offsetof(struct shapes_values, force),
     .help = "write to a folder that is not empty; the set in it is lost"},
    CLI_SHAPES_OPTIONS('n', offsetof(struct shapes_values, data.shapes), false),
    {.name = "size",
     .kind = CLI_SIZE,
     .offset = offsetof(struct shapes_values, data.shapes.height),
     .value = "HxW",
     .whole = {8, 1024},
     .help = "height and width in pixels"},
    {.name = "channels",
     .kind = CLI_WHOLE32,
     .offset = offsetof(struct shapes_values, data.shapes.channels),
     .value = "N",
     .whole = {1, 3},
     .help = "1: grey, 3: colour"},
    CLI_OUTPUT_OPTIONS(struct shapes_values, "what 'vkvae data info FOLDER --json' prints"),
    {0},
};

static void defaults(void *values) {
    struct shapes_values *v = values;
    vkvae_data_defaults(&v->data);
}

static void print_end(const struct cli_arguments *a, const char *path, const vkvae_data_set *set) {
    cli_print_word(stdout, path);
    (void)printf(": %u pictures to train on and %u to test on\nnext: ", set->train.count,
                 set->test.count);
    cli_print_word(stdout, a->program);
    (void)fputs(" train --data ", stdout);
    cli_print_word(stdout, path);
    (void)fputc('\n', stdout);
}

// Reads what was written: that tells how much it is, and that it can be read.
static int draw(vkvae *library, const struct cli_arguments *a) {
    const struct shapes_values *v = a->values;
    char path[sizeof((vkvae_data_set *)0)->path];
    vkvae_data_set set;
    // A name alone could be that of a set.
    (void)snprintf(path, sizeof path, "%s%s", strchr(v->out, '/') ? "" : "./", v->out);
    vkvae_status status = vkvae_data_write(library, &v->data.shapes, v->out, v->force);
    if (status == VKVAE_OK) {
        vkvae_data_options written;
        vkvae_data_defaults(&written);
        written.data = path;
        status = vkvae_data_info(library, &written, &set);
    }
    if (status != VKVAE_OK) {
        cli_error("data shapes", "%s", vkvae_error(library));
        return (int)status;
    }
    if (v->output.json) return cli_data_print_json("data shapes", &set, NULL);
    if (!v->output.quiet) print_end(a, path, &set);
    return VKVAE_OK;
}

static int run(const struct cli_arguments *a) {
    const struct shapes_values *v = a->values;
    struct cli_progress progress;
    if (!v->out)
        return cli_usage_error("data shapes", "--out is missing; give the folder to write the set to");
    vkvae *library = cli_open("data shapes", &progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    const int code = draw(library, a);
    vkvae_destroy(library);
    return code;
}

static const char details[] =
    "Squares, ellipses and hearts, anti-aliased, white on black or in one colour.\n"
    "FOLDER then holds, with train- and with t10k- (the test) in front:\n"
    "images-idx3-ubyte (idx4 with --channels 3), labels-idx1-ubyte (0 square,\n"
    "1 ellipse, 2 heart) and factors-idx2-float: shape, scale (0.6 to 1), rotation\n"
    "(radians), x and y (of the middle, in widths and heights) and, in colour, hue\n"
    "(0 to 1). No picture to test on shares its factors with one to train on.\n";

const struct cli_command cli_data_shapes = {
    .name = "data shapes",
    .summary = "draw the built-in set into a folder, as IDX files",
    .details = details,
    .examples =
        (const char *const[]){
            "vkvae data shapes -n 1000 -o sets/shapes",
            "vkvae data info sets/shapes",
            "vkvae data shapes --size 48x64 --channels 3 --data-seed 7 -n 500 -o sets/coloured",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct shapes_values),
    .defaults = defaults,
    .run = run,
};
