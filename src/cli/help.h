// The help texts, made from the tables.
#ifndef VKVAE_CLI_HELP_H
#define VKVAE_CLI_HELP_H

#include "command.h"

#include <stdio.h>

// The command called `first`, or `first second`; NULL: none. `second` may be NULL.
const struct cli_command *cli_find_command(const char *first, const char *second);

// Says so, with the command that may have been meant; returns VKVAE_USAGE.
int cli_no_such_command(const char *name);

// brief: no more than how to call it and the commands.
void cli_print_overview(FILE *file, bool brief);
// `values` hold the command's defaults.
void cli_print_help(FILE *file, const struct cli_command *command, const void *values);

#endif
