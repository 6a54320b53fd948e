// How a training run can be followed from outside, beside what the terminal shows, and what becomes of
// it where the device does not stay.
#ifndef VKVAE_CLI_FOLLOW_OPTIONS_H
#define VKVAE_CLI_FOLLOW_OPTIONS_H

#include "command.h"

#define CLI_RETRIES_OPTION(field)                                                                       \
    {                                                                                                   \
        .name = "retries", .kind = CLI_WHOLE32, .offset = (field), .value = "N", .whole = {0, 1000},    \
        .help = "open a device anew that was lost or hangs, and go on from the last save, so often in " \
                "a run"                                                                                 \
    }

// `at`: the offset of the vkvae_train_options.
#define CLI_FOLLOW_OPTIONS(at)                                                                          \
    {.name = "report",                                                                                  \
     .kind = CLI_FLAG,                                                                                  \
     .offset = (at) + offsetof(vkvae_train_options, report),                                            \
     .help = "write a page of curves, pictures and settings, report.html in the run's folder, each "    \
             "epoch anew: see 'vkvae report'"},                                                         \
    {                                                                                                   \
        .name = "tensorboard", .kind = CLI_TEXT, .value = "DIR", .unset = "none",                       \
        .offset = (at) + offsetof(vkvae_train_options, tensorboard),                                    \
        .help = "write losses, pictures and histograms of the latents for TensorBoard there, each "     \
                "epoch; give each run a folder of its own"                                              \
    }

#endif
