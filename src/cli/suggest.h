// "Did you mean": the name nearest to a mistyped one.
#ifndef VKVAE_CLI_SUGGEST_H
#define VKVAE_CLI_SUGGEST_H

#include <stddef.h>

struct cli_suggestion {
    const char *name;  // NULL: nothing is near
    size_t distance;
};

// Takes `name` for `best` if it is nearer to the first `length` bytes of `typed` than what is there, and
// near enough to be meant.
void cli_suggest(struct cli_suggestion *best, const char *typed, size_t length, const char *name);

#endif
