// What is seen on standard error while the library works: one line rewritten on a terminal, else a line
// now and then; and the library's own lines between.
#ifndef VKVAE_CLI_PROGRESS_H
#define VKVAE_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <vkvae/vkvae.h>

struct cli_progress {
    bool terminal;
    bool quiet;        // nothing is shown but warnings
    size_t shown;      // columns of the line on the terminal; 0: none
    double last_line;  // seconds, when the last plain line was written
    double began;      // when it was made
};

void cli_progress_init(struct cli_progress *progress);
void cli_progress_show(struct cli_progress *progress, const vkvae_progress *state);
// The same of a call that does so many things: "5120/10000  51%  left 0:42".
void cli_progress_count(struct cli_progress *progress, uint64_t done, uint64_t all);
// Call before anything else is printed.
void cli_progress_clear(struct cli_progress *progress);

// A handle whose log lines go to standard error, past the progress line. NULL, after saying so, without
// memory. quiet: of those lines only warnings, and no progress.
vkvae *cli_open(const char *command, struct cli_progress *progress, bool quiet);

#endif
