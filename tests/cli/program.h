// Runs the program as a user would and keeps what it said.
#ifndef VV_TESTS_CLI_PROGRAM_H
#define VV_TESTS_CLI_PROGRAM_H

#include "../temporary.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

enum { TEXT_ROOM = 1 << 18, MAX_ARGUMENTS = 32 };

struct program {
    const char *path;
    const char *name;  // what it is told that it is called; NULL: its path
    pid_t pid;
    int code;      // exit code; 1000 + the signal that killed it
    int terminal;  // its standard error; 0: a file
    char out_path[PATH_ROOM], err_path[PATH_ROOM];
    char out[TEXT_ROOM], err[TEXT_ROOM];
};

static inline void read_text(const char *path, char text[TEXT_ROOM]) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(text, 1, TEXT_ROOM - 1, file);
    assert_true(feof(file));  // all of it
    (void)fclose(file);
    text[length] = 0;
}

// Its standard error goes to a file, its standard output to the descriptor `out`; -1: to a file.
// `arguments` are split at spaces; "''" is an empty one. Signals are as a shell leaves them to a program
// in the foreground.
static inline void program_start(struct program *p, struct temporary *t, const char *arguments,
                                 int out) {
    char words[1024], *list[MAX_ARGUMENTS + 2] = {(char *)(uintptr_t)(p->name ? p->name : p->path)};
    int count = 1;
    assert_in_range(snprintf(words, sizeof words, "%s", arguments), 0, sizeof words - 1);
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
        assert_in_range(count, 1, MAX_ARGUMENTS);
        list[count++] = strcmp(word, "''") == 0 ? word + 2 : word;
    }
    (void)snprintf(p->out_path, sizeof p->out_path, "%s", path_of(t, "stdout"));
    (void)snprintf(p->err_path, sizeof p->err_path, "%s", path_of(t, "stderr"));

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t signals;
    assert_int_equal(posix_spawn_file_actions_init(&files), 0);
    assert_int_equal(posix_spawnattr_init(&attributes), 0);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    (void)posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(&files, 1, p->out_path, flags, 0600);
    if (out >= 0) (void)posix_spawn_file_actions_adddup2(&files, out, 1);
    (void)posix_spawn_file_actions_addopen(&files, 2, p->err_path, flags, 0600);
    if (p->terminal) (void)posix_spawn_file_actions_adddup2(&files, p->terminal, 2);
    (void)sigemptyset(&signals);
    (void)posix_spawnattr_setsigmask(&attributes, &signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigaddset(&signals, SIGPIPE);
    (void)posix_spawnattr_setsigdefault(&attributes, &signals);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    extern char **environ;
    int failed = posix_spawn(&p->pid, p->path, &files, &attributes, list, environ);
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&attributes);
    if (failed) fail_msg("%s does not start: %s", p->path, strerror(failed));
}

static inline void program_wait(struct program *p) {
    int status;
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    p->code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    read_text(p->out_path, p->out);
    read_text(p->err_path, p->err);
}

static inline void run_program(struct program *p, struct temporary *t, const char *arguments) {
    program_start(p, t, arguments, -1);
    program_wait(p);
}

// Whose standard output is `out`, which is closed here.
static inline void run_program_into(struct program *p, struct temporary *t, const char *arguments,
                                    int out) {
    assert_true(out >= 0);
    program_start(p, t, arguments, out);
    (void)close(out);
    program_wait(p);
}

// A pipe that nobody reads any more.
static inline int dead_pipe(void) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    (void)close(ends[0]);
    return ends[1];
}

static inline void pause_ms(long ms) {
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
}

// Waits until the program has written `text` to standard error, and fails after 20 seconds.
static inline void await_text(struct program *p, const char *text) {
    for (int i = 0; i < 2000; i++) {
        read_text(p->err_path, p->err);
        if (strstr(p->err, text)) return;
        pause_ms(10);
    }
    (void)kill(p->pid, SIGKILL);
    fail_msg("'%s' was never written; there is: %s", text, p->err);
}

// The program named by the environment variable, else the one that was built.
static inline const char *program_path(const char *variable, const char *built) {
    const char *path = getenv(variable);
    return path && *path ? path : built;
}

static inline int count_lines(const char *text) {
    int lines = 0;
    for (; *text; text++) lines += *text == '\n';
    return lines;
}

static inline void assert_has(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("'%s' is not in: %s", part, text);
}

static inline void assert_has_not(const char *text, const char *part) {
    if (strstr(text, part)) fail_msg("'%s' is in: %s", part, text);
}

#endif
