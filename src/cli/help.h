// The help texts, manual pages and completions, made from the tables.
#ifndef VKVAE_CLI_HELP_H
#define VKVAE_CLI_HELP_H

#include "command.h"

#include <stdio.h>

// brief: no more than how to call it and the commands.
void cli_print_overview(FILE *file, bool brief);

// What `vkvae help FIRST SECOND` shows; second may be NULL. Returns the exit code.
int cli_help_on(const char *first, const char *second);
int cli_help_of(const struct cli_command *command);

#endif
