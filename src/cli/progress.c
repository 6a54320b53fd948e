#include "progress.h"

#include "colour.h"
#include "output.h"
#include "progress_text.h"
#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const double seconds_between_lines = 10;

static double now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Asked each time: a window may be resized. The last column stays free, since writing there wraps on
// some.
static size_t terminal_width(void) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 79;
    return (size_t)size.ws_col - 1;
}

// Whether it is time for another line; a clock that went back begins anew.
static bool is_soon(const struct cli_progress *p, double t) {
    return t >= p->last_line && t - p->last_line < seconds_between_lines;
}

void cli_progress_init(struct cli_progress *p) {
    const char *kind = getenv("TERM");
    bool dumb = kind && strcmp(kind, "dumb") == 0;  // may not go back to the start of a line
    *p = (struct cli_progress){
        .terminal = isatty(STDERR_FILENO) && !dumb, .last_line = now(), .began = now()};
}

// What the last line left on the cursor's row. A terminal that became narrower than that line may have
// broken it into rows, and a return leads to the start of the last of them: what is there is left alone,
// and a new line begun. Going up instead would wipe what is above on a terminal that did not.
static size_t columns_to_wipe(struct cli_progress *p, size_t width) {
    if (p->shown <= width) return p->shown;
    (void)fputc('\n', stderr);
    return 0;
}

// Overwritten by spaces rather than an escape sequence: that needs nothing of the terminal.
void cli_progress_clear(struct cli_progress *p) {
    const size_t left = p->shown ? columns_to_wipe(p, terminal_width()) : 0;
    if (left) (void)fprintf(stderr, "\r%*s\r", (int)left, "");
    p->shown = 0;
}

// Writes a text of so many columns over what is there.
static void rewrite(struct cli_progress *p, const char *text, size_t length, size_t before) {
    (void)fprintf(stderr, "\r%s%*s", text, (int)(before > length ? before - length : 0), "");
    p->shown = length;
}

static void show_on_terminal(struct cli_progress *p, const vkvae_progress *state) {
    char text[256];
    const size_t width = terminal_width(), before = columns_to_wipe(p, width);
    const size_t length = cli_progress_line(state, width, text, sizeof text);
    rewrite(p, text, length, before);
}

void cli_progress_count(struct cli_progress *p, uint64_t done, uint64_t all) {
    char left[32], text[128];
    const double t = now(), share = all ? (double)done / (double)all : 1;
    if (p->quiet || (!p->terminal && is_soon(p, t))) return;
    p->last_line = t;
    cli_duration(done ? (t - p->began) * (1 - share) / share : NAN, left, sizeof left);
    int length = snprintf(text, sizeof text, "%" PRIu64 "/%" PRIu64 "  %d%%  left %s", done, all,
                          (int)(100 * share), left);
    if (!p->terminal) {
        (void)fprintf(stderr, "%s\n", text);
        return;
    }
    const size_t width = terminal_width(), before = columns_to_wipe(p, width);
    if ((size_t)length > width) length = (int)width;
    text[length] = '\0';
    rewrite(p, text, (size_t)length, before);
}

void cli_progress_show(struct cli_progress *p, const vkvae_progress *state) {
    char text[256];
    if (p->quiet) return;
    if (p->terminal) {
        show_on_terminal(p, state);
        return;
    }
    double t = now();
    if (is_soon(p, t)) return;
    p->last_line = t;
    cli_progress_plain(state, text, sizeof text);
    (void)fprintf(stderr, "%s\n", text);
}

static void on_log(void *user, bool warning, const char *line) {
    const struct cli_progress *p = user;
    if (p->quiet && !warning) return;
    cli_progress_clear(user);
    if (warning)
        (void)fprintf(stderr, "%swarning:%s ", cli_colour(stderr, CLI_YELLOW),
                      cli_colour(stderr, CLI_PLAIN));
    cli_print_clean(stderr, line);  // names from outside are in it
    (void)fputc('\n', stderr);
}

vkvae *cli_open(const char *command, struct cli_progress *progress, bool quiet) {
    vkvae *v = vkvae_create();
    cli_progress_init(progress);
    progress->quiet = quiet;
    if (v)
        vkvae_set_log(v, on_log, progress);
    else
        cli_out_of_memory(command);
    return v;
}
