// The options on where and how to compute, which several commands share.
#include "command.h"

const char *const cli_kernels[] = {"auto", "plain", "subgroup-buffer", "subgroup-texel", NULL};
const char *const cli_limits[] = {"minimum", NULL};

vkvae_device_options cli_device_options(const struct cli_device_values *values) {
    return (vkvae_device_options){
        .device = values->device,
        .kernels = values->kernels,
        .minimum_limits = values->limits != NULL,  // it has one value
        .validate = values->validate,
    };
}
