// The options on where and how to compute, which several commands share.
#include "options.h"

#include <math.h>
#include <string.h>

const char *const cli_kernels[] = {"auto", "plain", "tile", "subgroup-buffer", "subgroup-texel", NULL};
const char *const cli_limits[] = {"minimum", NULL};

// Kernels that a file names are those of its device: another one, named elsewhere, chooses its own.
static bool belong_to_another(const struct cli_arguments *a, const struct cli_device_values *values) {
    if (!cli_find_option(a->command, "kernels", strlen("kernels"))) return false;
    const bool configured = cli_given(a, "kernels") && !cli_typed(a, "kernels");
    const bool device_of_file = cli_given(a, "device") && !cli_typed(a, "device");
    return configured && values->device && !device_of_file;
}

vkvae_device_options cli_device_options(const struct cli_arguments *a,
                                        const struct cli_device_values *values) {
    return (vkvae_device_options){
        .device = values->device,
        .kernels = belong_to_another(a, values) ? NULL : values->kernels,
        .minimum_limits = values->limits != NULL,  // it has one value
        .validate = values->validate,
        .timeout =
            cli_given(a, "device-timeout") && values->timeout == 0 ? (double)INFINITY : values->timeout,
    };
}
