// Which device a text like "1", a UUID or "nvidia" means.
#ifndef VKVAE_CLI_DEVICE_CHOICE_H
#define VKVAE_CLI_DEVICE_CHOICE_H

#include "command.h"

struct cli_choice {
    uint32_t index;  // in the list; UINT32_MAX: none
    bool reference;  // not a Vulkan device: the scalar code on the host
    char why[640];
};

// Replaces the choice by what `device` means, by the library's own rule, which it applies when it opens
// a device: a number, else a UUID, else a part of the name, and of several of that name the best.
// `origin` is written before it in `why`: "--device ". In an empty list only "reference" is found; else
// `choice` stays.
void cli_choose_device(const vkvae_device *devices, uint32_t count, const char *device,
                       const char *origin, struct cli_choice *choice);

#endif
