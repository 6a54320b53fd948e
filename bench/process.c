#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

void bench_word(struct bench_job *job, const char *word) {
    int n = 0;
    while (job->words[n]) n++;
    if (n + 1 < BENCH_WORDS) job->words[n] = word;
}

// ---- A process ----

// `more` in front: the first of a name counts.
static char **environment(const char *const *more) {
    size_t n = 0, m = 0;
    while (environ[n]) n++;
    while (more[m]) m++;
    char **all = calloc(n + m + 1, sizeof *all);
    for (size_t i = 0; all && i < m; i++) all[i] = (char *)(uintptr_t)more[i];
    size_t used = m;
    for (size_t i = 0; all && i < n; i++) {
        bool replaced = false;
        for (size_t j = 0; j < m && !replaced; j++)
            replaced = strncmp(environ[i], more[j], strcspn(more[j], "=") + 1) == 0;
        if (!replaced) all[used++] = environ[i];
    }
    return all;
}

// Its standard output becomes `output`, its standard error is ours.
static bool start(const char *program, const struct bench_job *job, int output, pid_t *pid) {
    char *words[BENCH_WORDS + 1] = {(char *)(uintptr_t)program};
    for (int i = 0; i < BENCH_WORDS && job->words[i]; i++)
        words[i + 1] = (char *)(uintptr_t)job->words[i];
    char **all = environment(job->variables);
    posix_spawn_file_actions_t actions;
    if (!all || posix_spawn_file_actions_init(&actions) != 0) {
        free(all);
        return bench_fail("out of memory");
    }
    (void)posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    const char *self = access("/proc/self/exe", X_OK) == 0 ? "/proc/self/exe" : program;
    const int error = posix_spawnp(pid, self, &actions, NULL, words, all);
    (void)posix_spawn_file_actions_destroy(&actions);
    free(all);
    return error == 0 || bench_fail("%s cannot be started: %s", self, strerror(error));
}

// All that comes until the end, as text; NULL without memory.
static char *read_all(int descriptor) {
    size_t size = 0, room = 1 << 12;
    char *text = malloc(room);
    for (;;) {
        if (text && size + 1 == room) {
            char *more = realloc(text, room *= 2);
            if (!more) free(text);
            text = more;
        }
        const ssize_t n = text ? read(descriptor, text + size, room - size - 1) : 0;
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        size += (size_t)n;
    }
    if (text) text[size] = '\0';
    return text;
}

cJSON *bench_spawn(const struct bench_options *options, const struct bench_job *job) {
    int ends[2], state = 0;
    pid_t pid;
    if (pipe(ends) != 0) {
        (void)bench_fail("no pipe: %s", strerror(errno));
        return NULL;
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    const bool started = start(options->program, job, ends[1], &pid);
    (void)close(ends[1]);
    char *text = started ? read_all(ends[0]) : NULL;
    (void)close(ends[0]);
    while (started && waitpid(pid, &state, 0) < 0 && errno == EINTR) {
    }
    const bool ok = started && WIFEXITED(state) && WEXITSTATUS(state) == 0;
    cJSON *json = ok && text ? cJSON_Parse(text) : NULL;
    free(text);
    if (!json && started) (void)bench_fail("%s: the process that it started failed", options->command);
    return json;
}

bool bench_print_line(cJSON *json) {
    char *text = cJSON_PrintUnformatted(json);
    if (text) puts(text);
    const bool ok = (text && fflush(stdout) == 0) || bench_fail("the figures cannot be written");
    cJSON_free(text);
    return ok;
}

// ---- What a process uses ----

// Not ru_maxrss: Linux counts in it what the parent had before exec.
double bench_peak_memory(void) {
    char line[256];
    double kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0) kib = strtod(line + 6, NULL);
    if (file) (void)fclose(file);
    return 1024 * kib;
}

static double seconds_of(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t) != 0) return 0;
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
double bench_thread_seconds(void) {
    return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}
double bench_process_seconds(void) {
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

// ---- Folders ----

void bench_folder_make(char path[64]) {
    const char *base = getenv("TMPDIR");
    const int n = snprintf(path, 64, "%s/vkvae-bench-XXXXXX", base && *base ? base : "/tmp");
    if (n < 0 || n >= 64) (void)snprintf(path, 64, "/tmp/vkvae-bench-XXXXXX");
    if (!mkdtemp(path)) path[0] = '\0';
}
