#include "colour.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_colour(FILE *file) {
    const char *refused = getenv("NO_COLOR"), *kind = getenv("TERM");
    return !(refused && *refused) && kind && *kind && strcmp(kind, "dumb") != 0 && isatty(fileno(file));
}

const char *cli_colour(FILE *file, enum cli_colour colour) {
    static const char *const codes[] = {"\033[0m", "\033[1m", "\033[1;31m", "\033[33m"};
    return has_colour(file) ? codes[colour] : "";
}
