// What the program says: one line for an error, and whether standard output took everything.
#ifndef VKVAE_CLI_OUTPUT_H
#define VKVAE_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#if defined(__GNUC__)
#define CLI_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define CLI_PRINTF(fmt, args)
#endif

// Call first. A closed pipe must not kill a training run, and no file of ours may get the number of a
// standard stream that was closed when the program started.
void cli_output_init(void);

// "vkvae train: ..." on standard error, as one line whatever the texts hold. command NULL: "vkvae: ...".
void cli_error(const char *command, const char *format, ...) CLI_PRINTF(2, 3);

// The same followed by where to read on; returns VKVAE_USAGE.
int cli_usage_error(const char *command, const char *format, ...) CLI_PRINTF(2, 3);

void cli_out_of_memory(const char *command);

// Whether nobody reads what is printed any more, where that is to end a program: not where SIGPIPE was
// ignored when it began.
bool cli_reader_gone(void);

// Hands what was printed on: for lines that should be seen as they come.
void cli_flush(void);

// The exit code, given what the command returned: VKVAE_FAILED, with a reason unless the reader went
// away, where standard output did not take everything.
int cli_output_finish(int code);

// Prints `text` so that a shell reads it as one word, and no command takes it for an option. What could
// command a terminal is escaped.
void cli_print_word(FILE *file, const char *text);

#endif
