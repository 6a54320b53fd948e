// Options of the optimiser and of the rest of training: of vkvae train alone.
#ifndef VKVAE_CLI_OPTIMISATION_OPTIONS_H
#define VKVAE_CLI_OPTIMISATION_OPTIONS_H

#include "command.h"

static const char *const cli_optimisers[] = {"adam", "adamw", "sgd", "adagrad", NULL};
static const char *const cli_schedules[] = {"constant", "cosine", "step", "exponential", NULL};
static const char *const cli_on_nans[] = {"stop", "rollback", NULL};

// `TRAIN(field)` is the offset of a field of the vkvae_train_options.
#define CLI_OPTIMISATION_OPTIONS                                                                        \
    {.name = "lr",                                                                                      \
     .kind = CLI_REAL,                                                                                  \
     .offset = TRAIN(lr),                                                                               \
     .value = "RATE",                                                                                   \
     .real = {1e-30, 100}, /* above the smallest float, which is what it ends in */                     \
     .fixed_by_run = true,                                                                              \
     .help = "learning rate"},                                                                          \
        {.name = "optimiser",                                                                           \
         .kind = CLI_CHOICE,                                                                            \
         .offset = TRAIN(optimiser),                                                                    \
         .value = "NAME",                                                                               \
         .unset = "adam",                                                                               \
         .choices = cli_optimisers,                                                                     \
         .fixed_by_run = true,                                                                          \
         .help = "how a gradient changes the weights"},                                                 \
        {.name = "momentum",                                                                            \
         .kind = CLI_REAL,                                                                              \
         .offset = TRAIN(momentum),                                                                     \
         .value = "SHARE",                                                                              \
         .real = {0, 0.9999},                                                                           \
         .fixed_by_run = true,                                                                          \
         .help = "sgd: share of the last step that is made again"},                                     \
        {.name = "weight-decay",                                                                        \
         .kind = CLI_REAL,                                                                              \
         .offset = TRAIN(weight_decay),                                                                 \
         .value = "RATE",                                                                               \
         .real = {0, 100},                                                                              \
         .fixed_by_run = true,                                                                          \
         .help = "adamw: times the learning rate, the share of each weight that a step takes off"},     \
        {.name = "lr-schedule",                                                                         \
         .kind = CLI_CHOICE,                                                                            \
         .offset = TRAIN(lr_schedule),                                                                  \
         .value = "NAME",                                                                               \
         .unset = "constant",                                                                           \
         .choices = cli_schedules,                                                                      \
         .fixed_by_run = true,                                                                          \
         .help = "how the learning rate falls until --schedule-epochs"},                                \
        {.name = "lr-warmup",                                                                           \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = TRAIN(lr_warmup),                                                                    \
         .value = "STEPS",                                                                              \
         .unset = "none",                                                                               \
         .whole = {1, 4294967295},                                                                      \
         .fixed_by_run = true,                                                                          \
         .help = "steps in which the learning rate rises from 0 to --lr"},                              \
        {.name = "lr-step",                                                                             \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = TRAIN(lr_step),                                                                      \
         .value = "EPOCHS",                                                                             \
         .unset = "a third of --schedule-epochs",                                                       \
         .whole = {1, 1000000},                                                                         \
         .fixed_by_run = true,                                                                          \
         .help = "--lr-schedule step: epochs of each step down"},                                       \
        {.name = "lr-gamma",                                                                            \
         .kind = CLI_REAL,                                                                              \
         .offset = TRAIN(lr_gamma),                                                                     \
         .value = "FACTOR",                                                                             \
         .unset = "0.1 for step, 0.95 for exponential",                                                 \
         .real = {1e-6, 1},                                                                             \
         .fixed_by_run = true,                                                                          \
         .help = "what the learning rate is multiplied with: each step down, or each epoch"},           \
        {.name = "lr-floor",                                                                            \
         .kind = CLI_REAL,                                                                              \
         .offset = TRAIN(lr_floor),                                                                     \
         .value = "RATE",                                                                               \
         .real = {0, 100},                                                                              \
         .fixed_by_run = true,                                                                          \
         .help = "the least that a schedule lets it fall to"},                                          \
        {.name = "schedule-epochs",                                                                     \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = TRAIN(schedule_epochs),                                                              \
         .value = "N",                                                                                  \
         .unset = "--epochs of the first start",                                                        \
         .whole = {1, 1000000},                                                                         \
         .fixed_by_run = true,                                                                          \
         .help = "epochs that schedules are laid out for; behind them the last rate is kept"},          \
        {.name = "clip",                                                                                \
         .kind = CLI_REAL,                                                                              \
         .offset = TRAIN(clip),                                                                         \
         .value = "NORM",                                                                               \
         .unset = "none",                                                                               \
         .real = {1e-30, 1e30},                                                                         \
         .fixed_by_run = true,                                                                          \
         .help = "shorten a gradient that is longer than that"},                                        \
        {.name = "ema",                                                                                 \
         .kind = CLI_REAL,                                                                              \
         .offset = TRAIN(ema),                                                                          \
         .value = "DECAY",                                                                              \
         .unset = "none",                                                                               \
         .real = {1e-6, 0.999999},                                                                      \
         .fixed_by_run = true,                                                                          \
         .help = "test, draw and write a moving average of the weights, of which a step keeps that "    \
                 "share"},                                                                              \
        {.name = "accumulate",                                                                          \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = TRAIN(accumulate),                                                                   \
         .value = "N",                                                                                  \
         .whole = {1, 65536},                                                                           \
         .fixed_by_run = true,                                                                          \
         .help = "batches for a step: the same as a batch so many times as large, in less memory"},     \
        {.name = "patience",                                                                            \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = TRAIN(patience),                                                                     \
         .value = "EPOCHS",                                                                             \
         .unset = "none; a resumed run keeps its own",                                                  \
         .whole = {1, 1000000},                                                                         \
         .help = "stop after so many epochs without a lower test loss"},                                \
        {.name = "keep-best",                                                                           \
         .kind = CLI_FLAG,                                                                              \
         .offset = TRAIN(keep_best),                                                                    \
         .fixed_by_run = true,                                                                          \
         .help = "also write best.safetensors, of the epoch with the lowest test loss; with "           \
                 "--patience it always is"},                                                            \
    {                                                                                                   \
        .name = "on-nan", .kind = CLI_CHOICE, .offset = TRAIN(on_nan), .value = "WHAT",                 \
        .unset = "stop", .choices = cli_on_nans, .fixed_by_run = true,                                  \
        .help = "when a loss is no finite number: stop, or begin the epoch again with half the "        \
                "learning rate, up to 8 times"                                                          \
    }

#endif
