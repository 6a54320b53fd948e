#include "stop.h"

#include "output.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>
#include <vkvae/vkvae.h>

// Only what is free of locks may be touched in a handler.
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "the signal handler needs atomic integers without locks");

static atomic_int stop_signal;
static atomic_uint first_at;  // milliseconds, modulo 2^32, never 0 once set
static bool on_terminal;

// One request may arrive twice: timeout(1), for one, signals its child and then the whole process group.
// Of a terminal that goes away the shell tells, and later the kernel: SIGHUP is never the second
// request.
enum { ONE_REQUEST_MS = 200 };

static unsigned milliseconds(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return ((unsigned)t.tv_sec * 1000U + (unsigned)(t.tv_nsec / 1000000)) | 1U;
}

static void on_signal(int signal) {
    int saved = errno;
    unsigned now = milliseconds(), first = 0;
    if (atomic_compare_exchange_strong(&first_at, &first, now)) {
        atomic_store(&stop_signal, signal);
    } else if (signal != SIGHUP && now - first >= ONE_REQUEST_MS) {
        vkvae_remove_unfinished();
        // Leaves the shell's prompt a line of its own.
        if (on_terminal && write(STDERR_FILENO, "\n", 1) < 0) _exit(128 + signal);
        _exit(128 + signal);
    }
    errno = saved;
}

// Came by SA_RESETHAND: what is raised ends the program, as it would have without us.
static void on_end(int signal) {
    vkvae_remove_unfinished();
    (void)raise(signal);
}

void cli_stop_clean(void) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_end, .sa_flags = (int)SA_RESETHAND}, before;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < 3; i++)
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
}

void cli_stop_watch(void) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    on_terminal = isatty(STDERR_FILENO);
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaddset(&action.sa_mask, SIGHUP);
    // Also where SIGINT came ignored, as in a script's background jobs: whoever sends it there means it.
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct sigaction before;
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
}

int cli_stop_signal(void) {
    const int signal = atomic_load(&stop_signal);
    return signal ? signal : cli_reader_gone() ? SIGPIPE : 0;
}
