// What 'vkvae autotune' prints for people.
#ifndef VKVAE_CLI_AUTOTUNE_TEXT_H
#define VKVAE_CLI_AUTOTUNE_TEXT_H

#include <cJSON.h>
#include <stdbool.h>

// Of what the process that measured has written; "" and 0 where it is null or missing.
const char *cli_tuned_text(const cJSON *json, const char *key);
double cli_tuned_number(const cJSON *json, const char *key);

// `tried` is the list of that name in the command's JSON, `chosen` the number of one of them.
void cli_autotune_print(const cJSON *tried, int chosen, bool quiet);

#endif
