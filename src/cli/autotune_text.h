// What 'vkvae autotune' prints for people.
#ifndef VKVAE_CLI_AUTOTUNE_TEXT_H
#define VKVAE_CLI_AUTOTUNE_TEXT_H

#include <cJSON.h>
#include <stdbool.h>

// `tried` is the list of that name in the command's JSON, `chosen` the number of one of them.
void cli_autotune_print(const cJSON *tried, int chosen, bool quiet);

#endif
