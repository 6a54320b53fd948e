// vkvae data info
#include "data.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "reading_options.h"

struct info_values {
    vkvae_data_options data;
    struct cli_output_values output;
};

#define DATA(field) offsetof(struct info_values, data.field)

static const char *const endings[] = {".png", NULL};

static const struct cli_option options[] = {
    {.name = "out",
     .letter = 'o',
     .kind = CLI_FILE,
     .offset = DATA(out),
     .value = "FILE",
     .group = "Picture",
     .choices = endings,
     .help = ".png: a grid of the first pictures to train on"},
    {.name = "count",
     .letter = 'n',
     .kind = CLI_WHOLE32,
     .offset = DATA(pictures),
     .value = "N",
     .whole = {1, 4096},
     .help = "how many of them"},
    CLI_READING_OPTIONS(DATA(reading), false),
    CLI_SHAPES_OPTIONS(0, DATA(shapes), false),
    CLI_OUTPUT_OPTIONS(struct info_values, "an object: name, path, sizes, what each part holds"),
    {0},
};

static void defaults(void *values) {
    struct info_values *v = values;
    vkvae_data_defaults(&v->data);
}

static void print_next(const struct cli_arguments *a) {
    const struct info_values *v = a->values;
    if (v->data.out) {
        (void)fputs("\npicture: ", stdout);
        cli_print_word(stdout, v->data.out);
    } else if (!cli_set_is_empty(&a->given)) {
        (void)fputs("\nto see the first pictures: the same with -o pictures.png", stdout);
    } else {
        (void)fputs("\nto see the first pictures: ", stdout);
        cli_print_word(stdout, a->program);
        (void)fputs(" data info ", stdout);
        if (a->operand) cli_print_word(stdout, a->operand);
        (void)fputs(a->operand ? " -o pictures.png" : "-o pictures.png", stdout);
    }
    (void)fputc('\n', stdout);
}

static int info(vkvae *library, const struct cli_arguments *a) {
    const struct info_values *v = a->values;
    vkvae_data_set set;
    const vkvae_status status = vkvae_data_info(library, &v->data, &set);
    if (status != VKVAE_OK) {
        cli_error("data info", "%s", vkvae_error(library));
        return (int)status;
    }
    if (v->output.json) return cli_data_print_json("data info", &set, v->data.out);
    cli_data_print(&set);
    if (!v->output.quiet && !set.vocabulary.tokens[0]) print_next(a);
    return VKVAE_OK;
}

static int run(const struct cli_arguments *a) {
    struct info_values *v = a->values;
    struct cli_progress progress;
    if (cli_given(a, "count") && !v->data.out)
        return cli_usage_error("data info", "--count is for the picture; name its file with --out");
    v->data.data = a->operand;
    vkvae *library = cli_open("data info", &progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    const int code = info(library, a);
    vkvae_destroy(library);
    return code;
}

static const char details[] =
    "Least and greatest are those of the data, as bytes or in its own units; mean and\n"
    "variance are those of all pixels when they are brought to 0 to 1. The checksum is\n"
    "what a run's config.json keeps of them. Nothing is written but FILE.\n";

const struct cli_command cli_data_info = {
    .name = "data info",
    .summary = "tell what a set holds, with a picture of its first images",
    .details = details,
    .operand = "PATH|NAME",
    .operand_help =
        "a folder of pictures, of IDX or of CIFAR files, an .npy, .npz, .csv or .txt file, or "
        "the name of a set; without one: shapes",
    .operand_choices = cli_sets,
    .examples =
        (const char *const[]){
            "vkvae data info",
            "vkvae data info shapes --channels 3 -n 100 -o shapes.png",
            "vkvae data info photos --size 32x32 --fit contain -o photos.png",
            "vkvae data info array.npy --normalize minmax",
            "vkvae data info --json",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct info_values),
    .defaults = defaults,
    .run = run,
};
