// Options that shape the products of a run, for the commands that train it or time them.
#ifndef VKVAE_CLI_TRAIN_OPTIONS_H
#define VKVAE_CLI_TRAIN_OPTIONS_H

#include "command.h"
#include "data.h"

extern const char *const cli_models[], *const cli_activations[];

#define CLI_DATA_OPTION(field)                                                                          \
    {                                                                                                   \
        .name = "data", .kind = CLI_TEXT, .offset = (field), .value = "PATH|NAME",                      \
        .group = "Data and run", .unset = "shapes", .choices = cli_sets,                                \
        .help = "a folder of IDX files (.gz or not), or the name of a set: shapes (drawn by the "       \
                "program), mnist, fashion-mnist"                                                        \
    }

// `options` is the field of `type` that is a vkvae_train_options.
#define CLI_MODEL_OPTIONS(type, options)                                                                \
    {.name = "model",                                                                                   \
     .kind = CLI_CHOICE,                                                                                \
     .offset = offsetof(type, options.model),                                                           \
     .value = "NAME",                                                                                   \
     .group = "Model",                                                                                  \
     .choices = cli_models,                                                                             \
     .fixed_by_run = true,                                                                              \
     .help = "kind of encoder and decoder"},                                                            \
        {.name = "hidden",                                                                              \
         .kind = CLI_LIST,                                                                              \
         .offset = offsetof(type, options.hidden),                                                      \
         .value = "N,...",                                                                              \
         .items = VKVAE_MAX_HIDDEN,                                                                     \
         .whole = {1, 65536},                                                                           \
         .fixed_by_run = true,                                                                          \
         .help = "widths of the encoder's hidden layers, from the picture on; the decoder has them in " \
                 "reverse"},                                                                            \
        {.name = "activation",                                                                          \
         .kind = CLI_CHOICE,                                                                            \
         .offset = offsetof(type, options.activation),                                                  \
         .value = "NAME",                                                                               \
         .choices = cli_activations,                                                                    \
         .fixed_by_run = true,                                                                          \
         .help = "function behind each hidden layer"},                                                  \
        {.name = "latent",                                                                              \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = offsetof(type, options.latent),                                                      \
         .value = "N",                                                                                  \
         .whole = {1, 4096},                                                                            \
         .fixed_by_run = true,                                                                          \
         .help = "dimensions of the latent space"},                                                     \
    {                                                                                                   \
        .name = "batch", .kind = CLI_WHOLE32, .offset = offsetof(type, options.batch), .value = "N",    \
        .group = "Optimisation", .whole = {1, 65536}, .fixed_by_run = true, .help = "pictures a step"   \
    }

#endif
