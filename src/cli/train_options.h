// Options that shape the products of a run, for the commands that train it or time them.
#ifndef VKVAE_CLI_TRAIN_OPTIONS_H
#define VKVAE_CLI_TRAIN_OPTIONS_H

#include "command.h"
#include "data.h"
#include "reading_options.h"

extern const char *const cli_models[],
    *const cli_activations[], *const cli_upsamplings[], *const cli_norms[],
                                                            *const cli_likelihoods[],
                                                                *const cli_objectives[],
                                                                    *const cli_binarizations[],
                                                                        *const cli_precisions[];

#define CLI_DATA_OPTION(field)                                                                          \
    {                                                                                                   \
        .name = "data", .kind = CLI_TEXT, .offset = (field), .value = "PATH|NAME",                      \
        .group = "Data and run", .unset = "shapes", .choices = cli_sets,                                \
        .help = "a folder of PNG or JPEG pictures (sub-folders are classes), of IDX or of CIFAR files " \
                "(.gz or not); an .npy, .npz or .csv file; or the name of a set: shapes (drawn by the " \
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
         .unset = "400",                                                                                \
         .whole = {1, 65536},                                                                           \
         .fixed_by_run = true,                                                                          \
         .help = "mlp: widths of the encoder's hidden layers, from the picture on; the decoder has "    \
                 "them in reverse"},                                                                    \
        {.name = "channels-list",                                                                       \
         .kind = CLI_LIST,                                                                              \
         .offset = offsetof(type, options.channels),                                                    \
         .value = "N,...",                                                                              \
         .items = VKVAE_MAX_HIDDEN,                                                                     \
         .unset = "the first of 32,64,128,256,512 that bring the longer side to 2",                     \
         .whole = {1, 65536},                                                                           \
         .fixed_by_run = true,                                                                          \
         .help = "conv, resnet: channels of the encoder's stages, each of which halves the picture; "   \
                 "the decoder has them in reverse"},                                                    \
        {.name = "upsample",                                                                            \
         .kind = CLI_CHOICE,                                                                            \
         .offset = offsetof(type, options.upsample),                                                    \
         .value = "HOW",                                                                                \
         .unset = "transpose",                                                                          \
         .choices = cli_upsamplings,                                                                    \
         .fixed_by_run = true,                                                                          \
         .help = "conv, resnet: how the decoder doubles a picture: a transposed convolution, or the "   \
                 "nearest pixel and a convolution"},                                                    \
        {.name = "norm",                                                                                \
         .kind = CLI_CHOICE,                                                                            \
         .offset = offsetof(type, options.norm),                                                        \
         .value = "NAME",                                                                               \
         .unset = "batch for conv, group for resnet",                                                   \
         .choices = cli_norms,                                                                          \
         .fixed_by_run = true,                                                                          \
         .help = "conv, resnet: normalisation behind each convolution"},                                \
        {.name = "blocks",                                                                              \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = offsetof(type, options.blocks),                                                      \
         .value = "N",                                                                                  \
         .unset = "1",                                                                                  \
         .whole = {1, 8},                                                                               \
         .fixed_by_run = true,                                                                          \
         .help = "resnet: residual blocks a stage"},                                                    \
        {.name = "activation",                                                                          \
         .kind = CLI_CHOICE,                                                                            \
         .offset = offsetof(type, options.activation),                                                  \
         .value = "NAME",                                                                               \
         .unset = "relu for mlp, leaky-relu for conv, silu for resnet",                                 \
         .choices = cli_activations,                                                                    \
         .fixed_by_run = true,                                                                          \
         .help = "function behind each hidden layer"},                                                  \
        {.name = "dropout",                                                                             \
         .kind = CLI_REAL,                                                                              \
         .offset = offsetof(type, options.dropout),                                                     \
         .value = "SHARE",                                                                              \
         .real = {0, 0.99},                                                                             \
         .fixed_by_run = true,                                                                          \
         .help = "share of the activations that is dropped while training"},                            \
        {.name = "likelihood",                                                                          \
         .kind = CLI_CHOICE,                                                                            \
         .offset = offsetof(type, options.likelihood),                                                  \
         .value = "NAME",                                                                               \
         .unset = "bernoulli",                                                                          \
         .choices = cli_likelihoods,                                                                    \
         .fixed_by_run = true,                                                                          \
         .help = "what a picture's values are, given z: the density whose logarithm is the "            \
                 "reconstruction term; ms-ssim is none, but how alike pictures look: the loss is "      \
                 "no ELBO then"},                                                                       \
        {.name = "sigma",                                                                               \
         .kind = CLI_TEXT,                                                                              \
         .offset = offsetof(type, options.sigma),                                                       \
         .value = "X|HOW",                                                                              \
         .unset =                                                                                       \
             "optimal for gaussian and laplace, learned for logcosh, pixel for discretized-logistic",   \
         .fixed_by_run = true,                                                                          \
         .help = "scale of the likelihood: a number; learned: one for all pixels; optimal: that which " \
                 "fits each batch best; pixel: the decoder's own of each pixel"},                       \
        {.name = "objective",                                                                           \
         .kind = CLI_CHOICE,                                                                            \
         .offset = offsetof(type, options.objective),                                                   \
         .value = "NAME",                                                                               \
         .unset = "vae",                                                                                \
         .choices = cli_objectives,                                                                     \
         .fixed_by_run = true,                                                                          \
         .help = "what is minimised: -ELBO, or, of an autoencoder (z is the mean, without KL), the "    \
                 "reconstruction alone"},                                                               \
        {.name = "samples",                                                                             \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = offsetof(type, options.samples),                                                     \
         .value = "N",                                                                                  \
         .unset = "1",                                                                                  \
         .whole = {1, 1000},                                                                            \
         .fixed_by_run = true,                                                                          \
         .help = "draws of z for each picture while training; the reconstruction is their mean"},       \
        {.name = "binarize",                                                                            \
         .kind = CLI_CHOICE,                                                                            \
         .offset = offsetof(type, options.binarize),                                                    \
         .value = "WHEN",                                                                               \
         .unset = "none",                                                                               \
         .choices = cli_binarizations,                                                                  \
         .fixed_by_run = true,                                                                          \
         .help = "draw each pixel to be 0 or 1, with its value as the chance of 1: static once, "       \
                 "dynamic anew each time that it is trained on"},                                       \
        {.name = "latent",                                                                              \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = offsetof(type, options.latent),                                                      \
         .value = "N",                                                                                  \
         .whole = {1, 4096},                                                                            \
         .fixed_by_run = true,                                                                          \
         .help = "dimensions of the latent space"},                                                     \
        {.name = "batch",                                                                               \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = offsetof(type, options.batch),                                                       \
         .value = "N",                                                                                  \
         .group = "Optimisation",                                                                       \
         .whole = {1, 65536},                                                                           \
         .fixed_by_run = true,                                                                          \
         .help = "pictures a step"},                                                                    \
    {                                                                                                   \
        .name = "augment", .kind = CLI_TEXT, .offset = offsetof(type, options.augment),                 \
        .value = "CHANGE,...", .unset = "none", .fixed_by_run = true,                                   \
        .help = "change pictures each time they are trained on: flip, vflip, shift=PIXELS, "            \
                "brightness=X, contrast=X, noise=X"                                                     \
    }

// Behind the options that say how the set is read.
#define CLI_DATA_MEMORY_OPTION(field)                                                                   \
    {                                                                                                   \
        .name = "data-memory", .kind = CLI_BYTES, .offset = (field), .value = "SIZE",                   \
        .unset = "what it can spare", .whole = {1, UINT64_MAX},                                         \
        .help = "bytes of the device for the set, as 512M or 2G; a larger set is read while it trains"  \
    }

#endif
