// What the commands about data share: showing what a set holds.
#ifndef VKVAE_CLI_DATA_H
#define VKVAE_CLI_DATA_H

#include <vkvae/vkvae.h>

// Sets known by a name, for completion.
extern const char *const cli_sets[];

void cli_data_print(const vkvae_data_set *set);
// As one object, with `picture` (NULL: null) beside; returns the exit code.
int cli_data_print_json(const char *command, const vkvae_data_set *set, const char *picture);

#endif
