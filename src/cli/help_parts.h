// What every format of the help is made from. Each format is a file, help_FORMAT.c.
#ifndef VKVAE_CLI_HELP_PARTS_H
#define VKVAE_CLI_HELP_PARTS_H

#include "command.h"

#include <stdio.h>

// One format: the overview or everything, and a command on its own (NULL: it has no such thing).
// `values` hold the command's defaults.
struct cli_format {
    const char *name;
    bool (*whole)(FILE *file);  // false: out of memory
    void (*command)(FILE *file, const struct cli_command *command, const void *values);
};
extern const struct cli_format cli_text, cli_man, cli_markdown, cli_bash, cli_zsh, cli_fish;

// Lists that the overview shows: {NULL} ends them.
struct cli_fact {
    const char *name, *text;
};
extern const struct cli_fact cli_exit_codes[], cli_variables[];
extern const char *const cli_first_steps[];
extern const char cli_about_config[];  // paragraphs, wrapped

// The options in order, --help last: from NULL on, until NULL.
const struct cli_option *cli_next_option(const struct cli_command *command,
                                         const struct cli_option *option);

// Calls `print` with the command's defaults; false without memory.
bool cli_with_defaults(FILE *file, const struct cli_command *command,
                       void (*print)(FILE *file, const struct cli_command *command, const void *values));

// "how many pictures (default 64)"
void cli_describe(const struct cli_option *option, const void *values, char *text, size_t size);

// What stands behind --name in help: " N", "[=FILE]" where --name may stand alone, "" without a value.
void cli_value_shown(const struct cli_option *option, char *text, size_t size);

// Whether a command has options that a run settles.
bool cli_has_settled(const struct cli_command *command);
extern const char cli_settled_note[];

// "vkvae sample RUN [options]" without "vkvae".
void cli_usage_of(const struct cli_command *command, char *text, size_t size);

// What may stand for a value or an operand, for completions.
enum cli_wanted {
    CLI_WANT_NOTHING,  // that could be listed
    CLI_WANT_WORDS,    // the option's choices
    CLI_WANT_FILES,
    CLI_WANT_FOLDERS,  // and the option's choices, where it has any
    CLI_WANT_COMMANDS,
};
enum cli_wanted cli_wanted_by(const struct cli_option *option);
enum cli_wanted cli_wanted_as(const char *value);  // by what help calls it: "DIR", "FILE", "RUN"

// Prints `text` with each byte that is among `special` replaced by its text in `by`, in order.
void cli_print_escaped(FILE *file, const char *text, const char *special, const char *const *by);

// The second words of the commands that share the first of this one: "shapes info".
void cli_print_second_words(FILE *file, const struct cli_command *command);

// Prints words, with spaces between.
void cli_print_words(FILE *file, const char *const *words);

#endif
