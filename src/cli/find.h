// From words to a command.
#ifndef VKVAE_CLI_FIND_H
#define VKVAE_CLI_FIND_H

#include "command.h"

// The command called `first`, or `first second`; NULL: none. `second` may be NULL.
const struct cli_command *cli_find_command(const char *first, const char *second);

// Whether commands of two words begin with it, as "data" does.
bool cli_is_group(const char *first);

// How many bytes of a command's name its first word is.
size_t cli_first_word(const struct cli_command *command);

// What the group is for that the command belongs to.
const char *cli_group_summary(const struct cli_command *command);

// Whether the command is the first one in the list whose name begins with this word.
bool cli_begins_group(const struct cli_command *const *command);

// Says so, with the command that may have been meant; returns VKVAE_USAGE.
int cli_no_such_command(const char *first, const char *second);

#endif
