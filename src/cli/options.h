// From a command line to a command's values.
#ifndef VKVAE_CLI_OPTIONS_H
#define VKVAE_CLI_OPTIONS_H

#include "command.h"
#include "output.h"

// What is wrong with a command line, without the command's name in front.
struct cli_message {
    char text[1024];
    bool bad_file;  // a file named there cannot be read: no error of usage
};

// Adds to message->text, which is empty at first. Returns false, for what refuses to return.
bool cli_refuse(struct cli_message *message, const char *format, ...) CLI_PRINTF(2, 3);

// Adds "; did you mean --batch?", of "--" before and "batch"; nothing where name is NULL. Returns false.
bool cli_did_you_mean(struct cli_message *message, const char *before, const char *name,
                      const char *after);

// --help, which every command has and no table lists.
extern const struct cli_option cli_help_option;

// Fills arguments->values (already holding the defaults) first from the environment, then from the file
// that --config names, then from `argv`, which starts after the command's name; of an option given twice
// the last counts. False: `message` says why.
bool cli_parse(struct cli_arguments *arguments, int argc, char **argv, struct cli_message *message);

// Frees what cli_parse allocated, which values may point to.
void cli_arguments_finish(struct cli_arguments *arguments);

// The option called by the first `length` bytes of `name`, --help too; NULL: none.
const struct cli_option *cli_find_option(const struct cli_command *command, const char *name,
                                         size_t length);

// Whether an option's value follows it.
bool cli_takes_value(const struct cli_option *option);
// Whether it has one, or may have one joined to it by =.
bool cli_may_take_value(const struct cli_option *option);

// Whether options[...] called `name` stood on the command line or in the file.
bool cli_given(const struct cli_arguments *arguments, const char *name);
// The same of the command line alone.
bool cli_typed(const struct cli_arguments *arguments, const char *name);

#endif
