// What train --profile prints.
#ifndef VKVAE_CLI_PROFILE_H
#define VKVAE_CLI_PROFILE_H

#include <vkvae/vkvae.h>

void cli_profile_print(const vkvae_profile *profile);
int cli_profile_json(const vkvae_profile *profile);

#endif
