// From a command line to a command's values.
#ifndef VKVAE_CLI_OPTIONS_H
#define VKVAE_CLI_OPTIONS_H

#include "command.h"

// What is wrong with a command line, without the command's name in front.
struct cli_message {
    char text[512];
};

// --help, which every command has and no table lists.
extern const struct cli_option cli_help_option;

// Fills arguments->values (already holding the defaults) first from the environment, then from `argv`,
// which starts after the command's name; of an option given twice the last counts. False: `message` says
// why.
bool cli_parse(struct cli_arguments *arguments, int argc, char **argv, struct cli_message *message);

// Whether options[...] called `name` stood on the command line.
bool cli_given(const struct cli_arguments *arguments, const char *name);

#endif
