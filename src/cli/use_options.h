// What commands share that use a trained model on pictures: their options, and a call's frame.
#ifndef VKVAE_CLI_USE_OPTIONS_H
#define VKVAE_CLI_USE_OPTIONS_H

#include "data.h"
#include "progress.h"
#include "reading_options.h"

extern const char *const cli_parts[];

// Which pictures. `at` is where the vkvae_use is.
#define CLI_USE_OPTIONS(at)                                                                             \
    {.name = "data",                                                                                    \
     .kind = CLI_TEXT,                                                                                  \
     .offset = (at) + offsetof(vkvae_use, data),                                                        \
     .value = "PATH|NAME",                                                                              \
     .group = "Data",                                                                                   \
     .unset = "what the run was trained on",                                                            \
     .choices = cli_sets,                                                                               \
     .help = "a folder of PNG or JPEG pictures, of IDX or of CIFAR files; an .npy, .npz, .csv or .txt " \
             "file; or the name of a set: shapes, mnist, fashion-mnist"},                               \
        {.name = "part",                                                                                \
         .kind = CLI_CHOICE,                                                                            \
         .offset = (at) + offsetof(vkvae_use, part),                                                    \
         .value = "PART",                                                                               \
         .unset = "test; of a set without such a part all, in its order",                               \
         .choices = cli_parts,                                                                          \
         .help = "which pictures of it: train, test, or all"},                                          \
        CLI_READING_OPTIONS((at) + offsetof(vkvae_use, reading), false),                                \
        CLI_SHAPES_OPTIONS(0, (at) + offsetof(vkvae_use, shapes), false)

// A handle for a call, with what `use` needs beside its options: the operand as its run, the device, and
// progress on standard error. NULL, after saying so, without memory.
vkvae *cli_use_open(const struct cli_arguments *a, vkvae_use *use,
                    const struct cli_device_values *device, const struct cli_output_values *output,
                    struct cli_progress *progress);

// The exit code of a call, of which an error is said; the handle is destroyed.
int cli_use_close(const char *command, vkvae *library, vkvae_status status,
                  struct cli_progress *progress);

#endif
