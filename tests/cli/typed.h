// A shell on a terminal of its own, with somebody who types. Include with _XOPEN_SOURCE 700.
#ifndef VV_TESTS_CLI_TYPED_H
#define VV_TESTS_CLI_TYPED_H

#include "program.h"

#include <poll.h>
#include <sys/ioctl.h>

struct typed {
    int master;
    pid_t pid;
    char seen[TEXT_ROOM];  // since something was last typed
    size_t length;
};

// In the child: the terminal becomes its own, the folder the one it stands in.
static inline void become_shell(const char *terminal, const char *folder, char *const *words) {
    const struct winsize size = {.ws_row = 100, .ws_col = 120};
    (void)setsid();
    const int slave = open(terminal, O_RDWR);
    if (slave < 0 || chdir(folder) != 0) _exit(126);
#ifdef TIOCSCTTY
    (void)ioctl(slave, TIOCSCTTY, 0);
#endif
    (void)ioctl(slave, TIOCSWINSZ, &size);
    for (int fd = 0; fd < 3; fd++) (void)dup2(slave, fd);
    if (slave > 2) (void)close(slave);
    (void)setenv("TERM", "dumb", 1);
    (void)setenv("HOME", "/nonexistent", 1);
    (void)execvp(words[0], words);
    _exit(127);
}

static inline void typed_start(struct typed *t, const char *folder, char *const *words) {
    *t = (struct typed){.master = posix_openpt(O_RDWR | O_NOCTTY)};
    assert_true(t->master >= 0);
    (void)fcntl(t->master, F_SETFD, FD_CLOEXEC);
    assert_int_equal(grantpt(t->master), 0);
    assert_int_equal(unlockpt(t->master), 0);
    const char *terminal = ptsname(t->master);
    assert_non_null(terminal);
    t->pid = fork();
    assert_true(t->pid >= 0);
    if (t->pid == 0) become_shell(terminal, folder, words);
}

static inline void typed_end(struct typed *t) {
    int status;
    (void)kill(t->pid, SIGKILL);
    (void)waitpid(t->pid, &status, 0);
    (void)close(t->master);
}

static inline void type(struct typed *t, const char *keys) {
    t->length = 0;
    t->seen[0] = 0;
    assert_int_equal(write(t->master, keys, strlen(keys)), strlen(keys));
}

// Waits until the terminal shows it, and fails after 20 seconds.
static inline void await_shown(struct typed *t, const char *text) {
    for (int i = 0; i < 200 && !strstr(t->seen, text); i++) {
        struct pollfd poller = {.fd = t->master, .events = POLLIN};
        if (poll(&poller, 1, 100) <= 0) continue;
        const ssize_t n = read(t->master, t->seen + t->length, TEXT_ROOM - 1 - t->length);
        if (n <= 0) break;
        t->length += (size_t)n;
        t->seen[t->length] = 0;
    }
    if (strstr(t->seen, text)) return;
    typed_end(t);
    fail_msg("'%s' is never shown; there is: %s", text, t->seen);
}

// A line that is done before it returns. What it shows is not what is typed.
static inline void type_line(struct typed *t, const char *line) {
    char keys[3 * PATH_ROOM];
    (void)snprintf(keys, sizeof keys, "%s; echo rea''dy\n", line);
    type(t, keys);
    await_shown(t, "ready");
}

// Types what should be completed, waits for what should come of it, and gives the line up.
static inline void assert_completes(struct typed *t, const char *keys, const char *shown) {
    type(t, keys);
    await_shown(t, shown);
    type_line(t, "\025true");
}

#endif
