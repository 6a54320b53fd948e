// Colour, where the reader is a terminal that has it: see no-color.org.
#ifndef VKVAE_CLI_COLOUR_H
#define VKVAE_CLI_COLOUR_H

#include <stdio.h>

enum cli_colour { CLI_PLAIN, CLI_BOLD, CLI_RED, CLI_YELLOW };

// What switches `file` to a colour; "" where it is no terminal, TERM says that it has none, or NO_COLOR
// that none is wanted.
const char *cli_colour(FILE *file, enum cli_colour colour);

#endif
