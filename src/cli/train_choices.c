// What the options of train_options.h can be.
#include "train_options.h"

const char *const cli_models[] = {"mlp", "conv", "resnet", NULL};
const char *const cli_upsamplings[] = {"transpose", "nearest", NULL};
const char *const cli_norms[] = {"batch", "group", "none", NULL};
const char *const cli_likelihoods[] = {"bernoulli",
                                       "gaussian",
                                       "laplace",
                                       "logcosh",
                                       "discretized-logistic",
                                       "continuous-bernoulli",
                                       "categorical-256",
                                       "categorical",
                                       "multinomial",
                                       "ms-ssim",
                                       NULL};
const char *const cli_binarizations[] = {"none", "static", "dynamic", NULL};
const char *const cli_precisions[] = {"fp32", "fp16-storage", NULL};
const char *const cli_objectives[] = {"vae", "ae", NULL};
const char *const cli_activations[] = {"relu",     "leaky-relu", "elu",  "tanh", "sigmoid",
                                       "softplus", "silu",       "gelu", NULL};
