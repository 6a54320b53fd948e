// Texts from outside (names, paths) made fit for a terminal.
#ifndef VKVAE_CLI_TEXT_H
#define VKVAE_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// The character at `at` and its bytes; 0 and 1 for a byte that begins none.
uint32_t cli_character(const char *at, size_t *bytes);

// Control characters, what is no UTF-8 (0), and those that turn the direction of what follows.
bool cli_commands_terminal(uint32_t c);

// Copies as much of `text` as fits, with '?' for what is no UTF-8 or could command a terminal. Returns
// the columns that the copy takes there.
size_t cli_clean(const char *text, char *to, size_t size);

// "s", unless it is of one: "3 picture%s".
const char *cli_plural(uint64_t count);

// Whether something stands before the ending, such as ".png".
bool cli_ends_with(const char *name, const char *ending);

// What has to stand between a folder, which is not "", and a name in it: "/", or nothing.
const char *cli_slash_behind(const char *folder);

// Prints it, however long.
void cli_print_clean(FILE *file, const char *text);

// The same of lines, each ended by a newline, on standard output; the text is cut up.
void cli_print_lines(char *text);

#endif
