// A command is a table: parsing, checks, --help, suggestions, man pages, completions and the keys of a
// configuration file are all made from it, so that none of them can say something else.
#ifndef VKVAE_CLI_COMMAND_H
#define VKVAE_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vkvae/vkvae.h>

// What an option's value is, and the type of the field that takes it.
enum cli_kind {
    CLI_FLAG,     // no value; bool
    CLI_TEXT,     // const char *
    CLI_CHOICE,   // const char *, one of `choices`
    CLI_FILE,     // const char *, a name that ends in one of `choices`
    CLI_ASIDE,    // const char *: --name alone gives "", --name=FILE a file; NULL: not given
    CLI_WHOLE32,  // uint32_t, within `whole`
    CLI_WHOLE64,  // uint64_t, within `whole`
    CLI_LIST,     // uint32_t[items], each within `whole`, with commas between; a 0 ends them
    CLI_SIZE,     // uint32_t[2], each within `whole`: height and width, "28x28"
    CLI_BYTES,    // uint64_t, within `whole`: "512M"; K, M and G are powers of 1024
    CLI_REAL,     // double, within `real`
    CLI_RANGE,    // double[2], the lower one first: "0,255"
    CLI_CONFIG,   // a file with options, no field: kept in cli_arguments
    CLI_HELP,     // no value, no field: shows help
};

struct cli_option {
    const char *name;  // "batch" is --batch
    char letter;       // 'n' is -n; 0: none
    enum cli_kind kind;
    size_t offset;      // of its field in the command's values
    const char *value;  // what help calls the value; NULL without one
    const char *help;
    const char *group;        // heading above this option in help; NULL: goes on under the last one
    const char *unset;        // shown as the default where the field is NULL or 0
    const char *environment;  // of a CLI_TEXT: variable that gives the default; NULL: none
    bool fixed_by_run;  // shapes the run, or says where it is: not to be given when a run is resumed
    const char *const *choices;  // ends with NULL; of a CLI_TEXT: what completion offers, unchecked
    uint32_t items;              // of a CLI_LIST: its room
    struct {
        uint64_t min, max;
    } whole;
    struct {
        double min, max;
    } real;
};

enum { CLI_MAX_OPTIONS = 128, CLI_MAX_ITEMS = 16 };

// Some of a command's options: a bit for each.
struct cli_set {
    uint64_t bits[CLI_MAX_OPTIONS / 64];
};
static inline bool cli_set_has(const struct cli_set *set, size_t i) {
    return set->bits[i / 64] >> (i % 64) & 1;
}
static inline void cli_set_add(struct cli_set *set, size_t i) {
    set->bits[i / 64] |= UINT64_C(1) << (i % 64);
}
static inline bool cli_set_is_empty(const struct cli_set *set) {
    for (size_t i = 0; i < CLI_MAX_OPTIONS / 64; i++)
        if (set->bits[i]) return false;
    return true;
}
static inline void cli_set_remove(struct cli_set *set, size_t i) {
    set->bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

struct cli_arguments {
    const char *program;  // as it was called, for commands that we propose
    const struct cli_command *command;
    void *values;               // the struct that the options' offsets mean
    struct cli_set given;       // on the command line or in the file
    struct cli_set configured;  // in the file alone
    const char *operand;        // the first; NULL: none
    const char **operands;      // all of them, in order; room for every word
    uint32_t operand_count;
    const char *config;  // the file given with --config; NULL: none
    struct cJSON *file;  // what is in it; values point there
    bool help;           // --help was there: nothing after it was looked at
};

struct cli_command {
    const char *name;             // one word, or two: "data shapes"
    const char *summary;          // one line, for the overview
    const char *details;          // paragraphs below the options; may be NULL
    const char *const *examples;  // each works as it stands, in this order; ends with NULL
    const char *operand;          // what help calls it; NULL: takes none
    const char *operand_help;
    const char *const *operand_choices;  // what completion offers beside, unchecked; may be NULL
    bool operand_required, operand_of_two_words;
    bool many_operands;                // takes as many as there are
    const char *second, *second_help;  // another one, required; NULL: there is none
    const struct cli_option *options;  // ends with a NULL name
    size_t values_size;
    void (*defaults)(void *values);                     // values start as zeros; may be NULL
    int (*run)(const struct cli_arguments *arguments);  // returns the exit code
};

// Commands of two words that share their first.
struct cli_group {
    const char *name, *summary;
};
extern const struct cli_group cli_groups[];  // ends with a NULL name

extern const struct cli_command cli_train, cli_sample, cli_encode, cli_decode, cli_reconstruct,
    cli_interpolate, cli_traverse, cli_manifold, cli_project, cli_score, cli_evaluate, cli_augment,
    cli_export, cli_import, cli_runs, cli_info, cli_compare, cli_report, cli_data_shapes, cli_data_info,
    cli_devices, cli_autotune, cli_help;
extern const struct cli_command *const cli_commands[];  // ends with NULL

// Options from a file.
#define CLI_CONFIG_OPTION                                                                               \
    {                                                                                                   \
        .name = "config", .kind = CLI_CONFIG, .value = "FILE",                                          \
        .help = "take options from a JSON file, such as a run's config.json; the command line goes "    \
                "before it"                                                                             \
    }

// How a command reports. `type` has the fields of cli_output_values as `output`.
struct cli_output_values {
    bool json, quiet;
};

#define CLI_OUTPUT_OPTIONS(type, json_help)                                                             \
    {.name = "json",                                                                                    \
     .kind = CLI_FLAG,                                                                                  \
     .offset = offsetof(type, output.json),                                                             \
     .group = "Output",                                                                                 \
     .help = (json_help)},                                                                              \
    {                                                                                                   \
        .name = "quiet", .letter = 'q', .kind = CLI_FLAG, .offset = offsetof(type, output.quiet),       \
        .help = "say nothing but errors, warnings and what was asked for"                               \
    }

// Where and how to compute, for commands that do. `type` has the fields of cli_device_values as
// `device`.
struct cli_device_values {
    const char *device, *kernels, *limits;
    bool validate;
    double timeout;  // as given: 0 waits for ever
};
extern const char *const cli_kernels[], *const cli_limits[];
vkvae_device_options cli_device_options(const struct cli_arguments *arguments,
                                        const struct cli_device_values *values);

#define CLI_DEVICE_OPTION(field)                                                                        \
    {                                                                                                   \
        .name = "device", .kind = CLI_TEXT, .offset = (field), .value = "D", .group = "Device",         \
        .unset = "the best one", .environment = "VKVAE_DEVICE",                                         \
        .help = "index, UUID or part of a name from 'vkvae devices', or reference: scalar code on the " \
                "host, slow"                                                                            \
    }

#define CLI_COMPUTE_OPTIONS(type)                                                                       \
    CLI_DEVICE_OPTION(offsetof(type, device.device)),                                                   \
        {.name = "kernels",                                                                             \
         .kind = CLI_CHOICE,                                                                            \
         .offset = offsetof(type, device.kernels),                                                      \
         .value = "FAMILY",                                                                             \
         .unset = "auto; a resumed run keeps its own",                                                  \
         .choices = cli_kernels,                                                                        \
         .help = "family of matrix kernels"},                                                           \
        CLI_LIMITS_OPTIONS(type)

#define CLI_LIMITS_OPTIONS(type)                                                                        \
    {.name = "limits",                                                                                  \
     .kind = CLI_CHOICE,                                                                                \
     .offset = offsetof(type, device.limits),                                                           \
     .value = "minimum",                                                                                \
     .unset = "the device's own",                                                                       \
     .choices = cli_limits,                                                                             \
     .help = "use no more than every Vulkan device offers; for tests"},                                 \
        {.name = "validate",                                                                            \
         .kind = CLI_FLAG,                                                                              \
         .offset = offsetof(type, device.validate),                                                     \
         .help = "run under the Vulkan validation layer; any message is an error"},                     \
    {                                                                                                   \
        .name = "device-timeout", .kind = CLI_REAL, .offset = offsetof(type, device.timeout),           \
        .value = "SECONDS", .unset = "120", .real = {0, 1e5},                                           \
        .help = "a device that takes longer for what it is given at a time, which is made to take a "   \
                "fraction of a second, hangs: that ends the command; 0: wait for ever"                  \
    }

// The built-in set, in the vkvae_shapes at `at`, but for its size and channels; `images_letter` is that
// of --images.
#define CLI_SHAPES_OPTIONS(images_letter, at, settled)                                                  \
    {.name = "images",                                                                                  \
     .letter = (images_letter),                                                                         \
     .kind = CLI_WHOLE32,                                                                               \
     .offset = (at) + offsetof(vkvae_shapes, images),                                                   \
     .value = "N",                                                                                      \
     .group = "The set shapes",                                                                         \
     .whole = {1, 16777216},                                                                            \
     .fixed_by_run = (settled),                                                                         \
     .help = "pictures to train on"},                                                                   \
        {.name = "test-images",                                                                         \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = (at) + offsetof(vkvae_shapes, test_images),                                          \
         .value = "N",                                                                                  \
         .unset = "a fifth of --images",                                                                \
         .whole = {1, 16777216},                                                                        \
         .fixed_by_run = (settled),                                                                     \
         .help = "pictures to test on, none of which is trained on"},                                   \
    {                                                                                                   \
        .name = "data-seed", .kind = CLI_WHOLE64, .offset = (at) + offsetof(vkvae_shapes, seed),        \
        .value = "N", .whole = {0, UINT64_MAX}, .fixed_by_run = (settled),                              \
        .help = "of what is drawn: the same seed gives the same pictures on any machine"                \
    }

#endif
