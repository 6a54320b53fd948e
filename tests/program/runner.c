#include "runner.h"

#include "driver.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

const struct set small_set = {.height = 12, .width = 10, .train = 200, .test = 60, .seed = 1};

void begin(bool needs_device) {
    (void)setenv("VKVAE_CACHE", "", 1);  // what calls the library itself keeps nothing, either
    if (needs_device)
        need_device();
    else
        keep_drivers_loaded();
}

// ---- The room ----

int room_create(void **state) {
    const char *root = getenv("TMPDIR");
    struct room *r = calloc(1, sizeof *r);
    if (!r) return -1;
    r->device = "reference";
    (void)snprintf(r->folder, sizeof r->folder, "%s/vkvae-program-XXXXXX",
                   root && *root ? root : "/tmp");
    *state = r;
    return mkdtemp(r->folder) ? 0 : -1;
}

int room_remove(void **state) {
    struct room *r = *state;
    if (r->pid) {  // the test failed while it ran
        (void)kill(r->pid, SIGKILL);
        (void)waitpid(r->pid, NULL, 0);
    }
    remove_tree(r->folder);
    free(r);
    return 0;
}

const char *in(struct room *r, const char *format, ...) {
    char path[PATH_SIZE], name[PATH_SIZE / 2];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(name, sizeof name, format, list);
    va_end(list);
    assert_in_range(length, 1, sizeof name - 1);
    (void)snprintf(path, sizeof path, "%s/%s", r->folder, name);
    for (unsigned i = 0; i < r->paths; i++)
        if (strcmp(r->path[i], path) == 0) return r->path[i];
    assert_in_range(r->paths, 0, PATHS - 1);
    memcpy(r->path[r->paths], path, sizeof path);
    return r->path[r->paths++];
}

// ---- Sets ----

void fill_pictures(unsigned char *pixels, uint32_t count, uint32_t height, uint32_t width,
                   uint32_t seed) {
    uint32_t state = seed;
    for (uint32_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        const uint32_t bar = (state >> 8) % 6;
        for (uint32_t y = 0; y < height; y++)
            for (uint32_t x = 0; x < width; x++)
                *pixels++ = 3 * y / height == bar || 3 * x / width + 3 == bar ? 230 : 10;
    }
}

void write_bytes(const char *path, const void *bytes, size_t size) {
    (void)unlink(path);  // writing over a file takes ext4 much longer
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

void write_gz(const char *path, const void *bytes, size_t size) {
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, (unsigned)size), size);
    assert_int_equal(gzclose_w(file), Z_OK);
}

unsigned char *read_bytes(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    struct stat info;
    if (!file || fstat(fileno(file), &info) != 0) fail_msg("%s: %s", path, strerror(errno));
    unsigned char *bytes = malloc((size_t)info.st_size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)info.st_size, file), info.st_size);
    assert_int_equal(fclose(file), 0);
    bytes[info.st_size] = 0;
    if (size) *size = (size_t)info.st_size;
    return bytes;
}

static void put_word(unsigned char *bytes, uint32_t word) {
    for (unsigned i = 0; i < 4; i++) bytes[i] = (unsigned char)(word >> (24 - 8 * i));
}

void write_idx(const char *path, uint32_t magic, const uint32_t *sizes, uint32_t rank,
               const unsigned char *payload, size_t bytes) {
    const size_t head = 4 + 4 * (size_t)rank, length = strlen(path);
    unsigned char *file = calloc(1, head + bytes + 1);
    assert_non_null(file);
    put_word(file, magic);
    for (uint32_t i = 0; i < rank; i++) put_word(file + 4 + 4 * (size_t)i, sizes[i]);
    if (payload) memcpy(file + head, payload, bytes);
    const bool gz = length > 3 && strcmp(path + length - 3, ".gz") == 0;
    (gz ? write_gz : write_bytes)(path, file, head + bytes);
    free(file);
}

static void write_part(const char *folder, const char *part, const struct set *s, uint32_t count,
                       uint32_t seed) {
    char path[PATH_SIZE];
    const size_t bytes = (size_t)count * s->height * s->width;
    unsigned char *pixels = malloc(bytes + count);
    assert_non_null(pixels);
    fill_pictures(pixels, count, s->height, s->width, seed);
    (void)snprintf(path, sizeof path, "%s/%s-images-idx3-ubyte%s", folder, part, s->gz ? ".gz" : "");
    write_idx(path, 0x803, (const uint32_t[]){count, s->height, s->width}, 3, pixels, bytes);
    for (uint32_t i = 0; i < count; i++) pixels[i] = (unsigned char)(i % 10);
    (void)snprintf(path, sizeof path, "%s/%s-labels-idx1-ubyte%s", folder, part, s->gz ? ".gz" : "");
    if (s->labels) write_idx(path, 0x801, &count, 1, pixels, count);
    free(pixels);
}

void write_set(const char *folder, const struct set *set) {
    assert_int_equal(mkdir(folder, 0777), 0);
    write_part(folder, "train", set, set->train, set->seed);
    write_part(folder, "t10k", set, set->test, set->seed + 1000);
}

void copy_folder(const char *from, const char *to) {
    assert_int_equal(mkdir(to, 0777), 0);
    DIR *folder = opendir(from);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char a[2 * PATH_SIZE], b[2 * PATH_SIZE];
        size_t size;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        (void)snprintf(a, sizeof a, "%s/%s", from, entry->d_name);
        (void)snprintf(b, sizeof b, "%s/%s", to, entry->d_name);
        unsigned char *bytes = read_bytes(a, &size);
        write_bytes(b, bytes, size);
        free(bytes);
    }
    (void)closedir(folder);
}

// ---- The program ----

struct environment {
    char *list[256];
    char device[128], sanitizer[512], cache[PATH_SIZE];
};

static bool names_same(const char *a, const char *b) {
    size_t length = strcspn(a, "=");
    return length == strcspn(b, "=") && strncmp(a, b, length) == 0;
}

// The test's own, less what would change the program's choices, plus what the room says.
static void make_environment(const struct room *r, struct environment *e) {
    extern char **environ;
    static const char *const dropped[] = {"VKVAE_DEVICE", "VKVAE_DATA", "VKVAE_CACHE", "ASAN_OPTIONS"};
    size_t n = 0;
    for (char **variable = environ; *variable; variable++) {
        bool keep = true;
        for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
            keep = keep && !names_same(*variable, dropped[i]);
        for (size_t i = 0; i < 4 && r->variable[i]; i++)
            keep = keep && !names_same(*variable, r->variable[i]);
        assert_in_range(n, 0, 240);
        if (keep) e->list[n++] = *variable;
    }
    if (r->device) {
        (void)snprintf(e->device, sizeof e->device, "VKVAE_DEVICE=%s", r->device);
        e->list[n++] = e->device;
    }
    // LeakSanitizer cannot tell what memory belongs to a driver that was unloaded, and reports it.
    const bool driver = !r->device || strcmp(r->device, "reference") != 0;
    const char *given = getenv("ASAN_OPTIONS");
    (void)snprintf(e->sanitizer, sizeof e->sanitizer, "ASAN_OPTIONS=%s%s", given ? given : "",
                   driver ? ":detect_leaks=0" : "");
    e->list[n++] = e->sanitizer;
    (void)snprintf(e->cache, sizeof e->cache, "VKVAE_CACHE=%s/cache", r->folder);
    bool cache = true;
    for (size_t i = 0; i < 4 && r->variable[i]; i++)
        cache = cache && !names_same("VKVAE_CACHE=", r->variable[i]);
    if (cache) e->list[n++] = e->cache;
    for (size_t i = 0; i < 4 && r->variable[i]; i++) e->list[n++] = (char *)(uintptr_t)r->variable[i];
    e->list[n] = NULL;
}

// Signals are as a shell leaves them to a program in the foreground, but for that of a file that is too
// large: ignored, it makes the write fail as on a full disk.
static void spawn_words(struct room *r, const char *program, char *const *words) {
    struct environment environment = {0};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t signals;
    make_environment(r, &environment);
    assert_int_equal(posix_spawn_file_actions_init(&files), 0);
    assert_int_equal(posix_spawnattr_init(&attributes), 0);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    (void)posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(&files, 1, in(r, "stdout"), flags, 0600);
    (void)posix_spawn_file_actions_addopen(&files, 2, in(r, "stderr"), flags, 0600);
    (void)sigemptyset(&signals);
    (void)posix_spawnattr_setsigmask(&attributes, &signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigaddset(&signals, SIGPIPE);
    (void)posix_spawnattr_setsigdefault(&attributes, &signals);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawn(&r->pid, program, &files, &attributes, words, environment.list);
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&attributes);
    if (failed) r->pid = 0;
    if (failed) fail_msg("%s does not start: %s", program, strerror(failed));
}

static void spawn_limited(struct room *r, const char *program, char *const *words) {
    struct rlimit before, limited;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limited = before;
    limited.rlim_cur = r->file_limit;
    (void)signal(SIGXFSZ, SIG_IGN);
    if (r->file_limit) assert_int_equal(setrlimit(RLIMIT_FSIZE, &limited), 0);
    spawn_words(r, program, words);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

static void start_list(struct room *r, va_list list) {
    char *words[WORDS + 2] = {(char *)(uintptr_t)VKVAE_PROGRAM};
    int count = 1;
    while ((words[count] = va_arg(list, char *)) != NULL) {
        count++;
        assert_in_range(count, 1, WORDS);
    }
    spawn_limited(r, VKVAE_PROGRAM, words);
}

void program_start(struct room *r, ...) {
    va_list list;
    va_start(list, r);
    start_list(r, list);
    va_end(list);
}

int program_run(struct room *r, ...) {
    va_list list;
    va_start(list, r);
    start_list(r, list);
    va_end(list);
    return program_finish(r);
}

int run_shell(struct room *r, const char *line) {
    char shell[] = "/bin/sh", option[] = "-c";
    spawn_limited(r, shell, (char *[]){shell, option, (char *)(uintptr_t)line, NULL});
    return program_finish(r);
}

static void read_text(const char *path, char text[TEXT_SIZE]) {
    size_t size;
    unsigned char *bytes = read_bytes(path, &size);
    assert_in_range(size, 0, TEXT_SIZE - 1);
    memcpy(text, bytes, size + 1);
    free(bytes);
}

int program_finish(struct room *r) {
    int status;
    pid_t pid = r->pid;
    r->pid = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    r->code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    read_text(in(r, "stdout"), r->out);
    read_text(in(r, "stderr"), r->err);
    return r->code;
}

void pause_ms(unsigned ms) {
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)nanosleep(&time, NULL);
}

static void await_text(struct room *r, const char *file, char said[TEXT_SIZE], const char *text) {
    for (int i = 0; i < 12000; i++) {
        read_text(in(r, "%s", file), said);
        if (strstr(said, text)) return;
        pause_ms(5);
    }
    fail_msg("'%s' was never written; there is: %s", text, said);
}

void await_out(struct room *r, const char *text) {
    await_text(r, "stdout", r->out, text);
}

void await_err(struct room *r, const char *text) {
    await_text(r, "stderr", r->err, text);
}

void await_file(const struct room *r, const char *path) {
    struct stat info;
    for (int i = 0; i < 12000; i++) {
        if (stat(path, &info) == 0) return;
        siginfo_t ended = {0};
        if (waitid(P_PID, (id_t)r->pid, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid) break;
        pause_ms(5);
    }
    fail_msg("%s was never written", path);
}

// ---- What it said ----

void assert_has(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("'%s' is not in: %s", part, text);
}

int count_of(const char *text, const char *part) {
    int count = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part)) count++;
    return count;
}

void assert_ok(const struct room *r) {
    if (r->code != 0) fail_msg("exit code %d: %s", r->code, r->err);
}

static bool is_told(const char *line) {
    static const char *const starts[] = {"device: ", "data: ", "model: ", "memory: ", "warning: "};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(line, starts[i], strlen(starts[i])) == 0) return true;
    return false;
}

// The one line of error; what stands beside it is only what may.
static void find_error(const struct room *r, char line[2048]) {
    int errors = 0;
    for (const char *at = r->err; *at;) {
        const int length = (int)strcspn(at, "\n");
        if (at[length] != '\n') fail_msg("the last line has no end: %s", r->err);
        if (strncmp(at, "vkvae", 5) == 0) {
            errors++;
            assert_in_range(snprintf(line, 2048, "%.*s", length, at), 30, 2047);
        } else if (!is_told(at)) {
            fail_msg("a line that does not belong there: %s", r->err);
        }
        at += length + 1;
    }
    if (errors != 1) fail_msg("%d lines of error, exit code %d: %s", errors, r->code, r->err);
}

void assert_refused(const struct room *r, int code, ...) {
    char line[2048];
    if (r->code != code) fail_msg("exit code %d instead of %d: %s%s", r->code, code, r->err, r->out);
    find_error(r, line);
    va_list parts;
    va_start(parts, code);
    for (const char *part; (part = va_arg(parts, const char *)) != NULL;) assert_has(line, part);
    va_end(parts);
    if (strstr(r->out, "next:")) fail_msg("it says that it is done: %s", r->out);
}

// ---- What it left ----

bool exists(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0;
}

static bool among(const char *names, const char *name) {
    size_t length = strlen(name);
    for (const char *at = names; (at = strstr(at, name)) != NULL; at++)
        if ((at == names || at[-1] == ' ') && (at[length] == ' ' || !at[length])) return true;
    return false;
}

struct listing list_folder(const char *folder, const char *skip) {
    struct listing listing = {{0}};
    struct dirent **entries;
    size_t used = 0;
    int count = scandir(folder, &entries, NULL, alphasort);
    if (count < 0) fail_msg("%s: %s", folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !among(skip, name)) {
            char path[2 * PATH_SIZE];
            size_t size;
            (void)snprintf(path, sizeof path, "%s/%s", folder, name);
            unsigned char *bytes = read_bytes(path, &size);
            used += (size_t)snprintf(listing.text + used, sizeof listing.text - used, "%s %zu %08lx\n",
                                     name, size, crc32_z(0, bytes, size));
            free(bytes);
            assert_in_range(used, 1, sizeof listing.text - 1);
        }
        free(entries[i]);
    }
    free(entries);
    return listing;
}

void assert_same_run(const char *a, const char *b) {
    static const char skipped[] = "timing.jsonl resume-previous.safetensors";
    struct listing one = list_folder(a, skipped), other = list_folder(b, skipped);
    assert_has(one.text, "resume.safetensors");  // there is something to compare
    assert_string_equal(one.text, other.text);
}

void assert_same_file(const char *a, const char *b) {
    size_t size, other_size;
    unsigned char *bytes = read_bytes(a, &size), *others = read_bytes(b, &other_size);
    const bool same = size == other_size && memcmp(bytes, others, size) == 0;
    free(bytes);
    free(others);
    if (!same) fail_msg("%s and %s differ", a, b);
}

void assert_tidy(const char *folder) {
    struct listing listing = list_folder(folder, "");
    if (strstr(listing.text, ".tmp") || listing.text[0] == '.')
        fail_msg("%s holds what should be gone:\n%s", folder, listing.text);
}
