// Options from a JSON file: its keys are the names of the command's options, as config.json has them.
#ifndef VKVAE_CLI_CONFIG_H
#define VKVAE_CLI_CONFIG_H

#include "options.h"

// Sets the values that a->config gives and their bits in a->given and a->configured. "record" is what a
// run wrote of itself, and no option.
bool cli_config_read(struct cli_arguments *a, struct cli_message *message);

// What the file recorded under `key`; NULL and 0: nothing.
const char *cli_record_text(const struct cli_arguments *a, const char *key);
uint32_t cli_record_whole(const struct cli_arguments *a, const char *key);

#endif
