// From words to a command.
#ifndef VKVAE_CLI_FIND_H
#define VKVAE_CLI_FIND_H

#include "command.h"

// The command called `first`, or `first second`; NULL: none. `second` may be NULL.
const struct cli_command *cli_find_command(const char *first, const char *second);

// The group whose commands begin with it, as with "data"; NULL: it is no group's.
const struct cli_group *cli_find_group(const char *first);

// How many bytes of a command's name its first word is.
size_t cli_first_word(const struct cli_command *command);

// What the command's first word is for: the group that it belongs to, or the command itself.
const char *cli_first_word_summary(const struct cli_command *command);

// Whether the command is the first one in the list whose name begins with this word.
bool cli_begins_group(const struct cli_command *const *command);

// Says so, with the command that may have been meant; returns VKVAE_USAGE.
int cli_no_such_command(const char *first, const char *second);

#endif
