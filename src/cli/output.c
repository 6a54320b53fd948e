#include "output.h"

#include "colour.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <vkvae/vkvae.h>

static volatile sig_atomic_t reader_gone;
static bool pipes_ignored;  // SIGPIPE was when the program began
static int first_errno;     // of a flush that failed

// Rather than SIG_IGN: it tells a closed pipe from a full disk also where somebody else wrote to stdout.
static void on_sigpipe(int signal) {
    (void)signal;
    reader_gone = 1;
}

void cli_output_init(void) {
    struct sigaction action = {.sa_handler = on_sigpipe, .sa_flags = SA_RESTART}, before;
    sigemptyset(&action.sa_mask);
    pipes_ignored = sigaction(SIGPIPE, &action, &before) == 0 && before.sa_handler == SIG_IGN;
    // Opened the wrong way round, so that using one still fails.
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1) (void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

bool cli_reader_gone(void) {
    return reader_gone && !pipes_ignored;
}

void cli_flush(void) {
    if (fflush(stdout) != 0 && first_errno == 0) first_errno = errno;
}

static void print_error(const char *command, const char *text, bool hint) {
    char line[2048];
    cli_flush();  // on a terminal the error comes after what was printed before it
    (void)cli_clean(text, line, sizeof line);
    const char *space = command ? " " : "", *name = command ? command : "";
    (void)fprintf(stderr, "%svkvae%s%s:%s %s", cli_colour(stderr, CLI_RED), space, name,
                  cli_colour(stderr, CLI_PLAIN), line);
    if (hint) (void)fprintf(stderr, " (see vkvae help%s%s)", space, name);
    (void)fputc('\n', stderr);
}

void cli_error(const char *command, const char *format, ...) {
    char text[2048];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    print_error(command, text, false);
}

int cli_usage_error(const char *command, const char *format, ...) {
    char text[2048];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    print_error(command, text, true);
    return VKVAE_USAGE;
}

void cli_out_of_memory(const char *command) {
    cli_error(command, "out of memory; close other programs");
}

int cli_output_finish(int code) {
    cli_flush();
    if (first_errno == 0 && !ferror(stdout)) return code;
    if (!reader_gone)  // no reason is left of a write that failed before the last flush
        cli_error(NULL, "cannot write to standard output (%s); make room there, or redirect it",
                  strerror(first_errno ? first_errno : EIO));
    return code == VKVAE_OK ? VKVAE_FAILED : code;
}

// As $'...' has it, which keeps what commands a terminal from doing so.
static void print_escaped_word(FILE *file, const char *text) {
    (void)fputs("$'", file);
    for (size_t bytes; *text; text += bytes) {
        if (cli_commands_terminal(cli_character(text, &bytes)))
            for (size_t i = 0; i < bytes; i++) (void)fprintf(file, "\\%03o", (unsigned char)text[i]);
        else
            (void)fprintf(file, "%s%.*s", *text == '\'' || *text == '\\' ? "\\" : "", (int)bytes, text);
    }
    (void)fputc('\'', file);
}

static bool is_showable(const char *text) {
    for (size_t bytes; *text; text += bytes)
        if (cli_commands_terminal(cli_character(text, &bytes))) return false;
    return true;
}

void cli_print_word(FILE *file, const char *text) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    if (text[0] == '-') (void)fputs("./", file);
    if (*text && !text[strspn(text, plain)]) {
        (void)fputs(text, file);
        return;
    }
    if (!is_showable(text)) {
        print_escaped_word(file, text);
        return;
    }
    (void)fputc('\'', file);
    for (; *text; text++)
        if (*text == '\'')
            (void)fputs("'\\''", file);
        else
            (void)fputc(*text, file);
    (void)fputc('\'', file);
}
