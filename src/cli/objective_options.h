// Options that say how the KL divergence counts, for train.
#ifndef VKVAE_CLI_OBJECTIVE_OPTIONS_H
#define VKVAE_CLI_OBJECTIVE_OPTIONS_H

#include "command.h"

// `options` is the field of `type` that is a vkvae_train_options.
#define CLI_KL_OPTIONS(type, options)                                                                   \
    {.name = "beta",                                                                                    \
     .kind = CLI_REAL,                                                                                  \
     .offset = offsetof(type, options.beta),                                                            \
     .value = "X",                                                                                      \
     .group = "KL divergence",                                                                          \
     .real = {0, 1e6},                                                                                  \
     .fixed_by_run = true,                                                                              \
     .help = "its weight in what is minimised; the loss that is reported stays -ELBO"},                 \
        {.name = "kl-warmup",                                                                           \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = offsetof(type, options.kl_warmup),                                                   \
         .value = "STEPS",                                                                              \
         .unset = "none",                                                                               \
         .whole = {1, UINT32_MAX},                                                                      \
         .fixed_by_run = true,                                                                          \
         .help = "let the weight rise from 0 to --beta in so many steps"},                              \
        {.name = "kl-cycle",                                                                            \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = offsetof(type, options.kl_cycle),                                                    \
         .value = "STEPS",                                                                              \
         .unset = "none",                                                                               \
         .whole = {1, UINT32_MAX},                                                                      \
         .fixed_by_run = true,                                                                          \
         .help = "let it rise so in the first half of every so many steps"},                            \
        {.name = "free-bits",                                                                           \
         .kind = CLI_REAL,                                                                              \
         .offset = offsetof(type, options.free_bits),                                                   \
         .value = "NATS",                                                                               \
         .unset = "none",                                                                               \
         .real = {0, 1e4},                                                                              \
         .fixed_by_run = true,                                                                          \
         .help = "of each latent's KL, its mean over the batch, so much costs nothing more"},           \
        {.name = "capacity",                                                                            \
         .kind = CLI_REAL,                                                                              \
         .offset = offsetof(type, options.capacity),                                                    \
         .value = "NATS",                                                                               \
         .unset = "none",                                                                               \
         .real = {0, 1e6},                                                                              \
         .fixed_by_run = true,                                                                          \
         .help = "hold the whole KL at a value that grows from 0 to this one"},                         \
        {.name = "capacity-steps",                                                                      \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = offsetof(type, options.capacity_steps),                                              \
         .value = "STEPS",                                                                              \
         .whole = {0, UINT32_MAX},                                                                      \
         .fixed_by_run = true,                                                                          \
         .help = "in which it grows"},                                                                  \
    {                                                                                                   \
        .name = "capacity-gamma", .kind = CLI_REAL, .offset = offsetof(type, options.capacity_gamma),   \
        .value = "X", .real = {0, 1e6}, .fixed_by_run = true,                                           \
        .help = "with --capacity the weight, of the distance from that value"                           \
    }

#endif
