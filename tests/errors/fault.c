// Preloaded into the program: makes one call of the C library fail.   VKVAE_FAULT=FUNCTION[:PART], PART
// of the path it is called with; VKVAE_FAULT_N: which of these calls (1: the first; 0: all),
// VKVAE_FAULT_ERRNO: the number that it leaves in errno. "alloc:BYTES" stands for the allocations of so
// many bytes or more.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static unsigned long number(const char *variable) {
    const char *text = getenv(variable);
    return text ? strtoul(text, NULL, 10) : 0;
}

// Whether this call, of the wanted kind, is the one.
static bool is_due(void) {
    static atomic_ulong count;
    const unsigned long n = number("VKVAE_FAULT_N");
    if (atomic_fetch_add(&count, 1) + 1 != n && n) return false;
    errno = (int)number("VKVAE_FAULT_ERRNO");
    return true;
}

static bool fails(const char *function, const char *path) {
    const char *wanted = getenv("VKVAE_FAULT");
    const size_t length = strlen(function);
    if (!wanted || strncmp(wanted, function, length) != 0) return false;
    if (wanted[length] && wanted[length] != ':') return false;
    if (wanted[length] && (!path || !strstr(path, wanted + length + 1))) return false;
    return is_due();
}

static bool refused(size_t size) {
    const char *wanted = getenv("VKVAE_FAULT");
    if (!wanted || strncmp(wanted, "alloc:", 6) != 0) return false;
    return size >= strtoul(wanted + 6, NULL, 10) && is_due();
}

// The C library's own. A union: ISO C has no cast from an object pointer to a function pointer.
#define REAL(type, name, ...)                                                                           \
    union {                                                                                             \
        void *object;                                                                                   \
        type (*function)(__VA_ARGS__);                                                                  \
    } real = {.object = dlsym(RTLD_NEXT, name)}

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size) {
    return refused(size) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return refused(count * size) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    return refused(size) ? NULL : __libc_realloc(memory, size);
}

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    const mode_t mode = va_arg(list, mode_t);
    va_end(list);
    REAL(int, "open", const char *, int, ...);
    return fails("open", path) ? -1 : real.function(path, flags, mode);
}

FILE *fopen(const char *restrict path, const char *restrict mode) {
    REAL(FILE *, "fopen", const char *, const char *);
    return fails("fopen", path) ? NULL : real.function(path, mode);
}

ssize_t read(int fd, void *buffer, size_t size) {
    REAL(ssize_t, "read", int, void *, size_t);
    return fails("read", NULL) ? -1 : real.function(fd, buffer, size);
}

ssize_t write(int fd, const void *buffer, size_t size) {
    REAL(ssize_t, "write", int, const void *, size_t);
    return fd > 2 && fails("write", NULL) ? -1 : real.function(fd, buffer, size);
}

int fsync(int fd) {
    REAL(int, "fsync", int);
    return fails("fsync", NULL) ? -1 : real.function(fd);
}

int close(int fd) {
    REAL(int, "close", int);
    const int result = real.function(fd);
    return fails("close", NULL) ? -1 : result;
}

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    return fails("rename", to) ? -1 : real.function(from, to);
}

int link(const char *from, const char *to) {
    REAL(int, "link", const char *, const char *);
    return fails("link", to) ? -1 : real.function(from, to);
}

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    return fails("unlink", path) ? -1 : real.function(path);
}

int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    return fails("mkdir", path) ? -1 : real.function(path, mode);
}

int pipe(int ends[2]) {
    REAL(int, "pipe", int[2]);
    return fails("pipe", NULL) ? -1 : real.function(ends);
}

int flock(int fd, int operation) {
    REAL(int, "flock", int, int);
    return fails("flock", NULL) ? -1 : real.function(fd, operation);
}

DIR *opendir(const char *path) {
    REAL(DIR *, "opendir", const char *);
    return fails("opendir", path) ? NULL : real.function(path);
}

// The C library's scandir reads a folder without calling this opendir.
int scandir(const char *restrict path, struct dirent ***restrict list,
            int (*filter)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **)) {
    REAL(int, "scandir", const char *restrict, struct dirent ***restrict, int (*)(const struct dirent *),
         int (*)(const struct dirent **, const struct dirent **));
    return fails("scandir", path) ? -1 : real.function(path, list, filter, compare);
}

int lstat(const char *restrict path, struct stat *restrict info) {
    REAL(int, "lstat", const char *restrict, struct stat *restrict);
    return fails("lstat", path) ? -1 : real.function(path, info);
}

int fstat(int fd, struct stat *info) {
    REAL(int, "fstat", int, struct stat *);
    return fails("fstat", NULL) ? -1 : real.function(fd, info);
}

struct tm *localtime_r(const time_t *restrict seconds, struct tm *restrict local) {
    REAL(struct tm *, "localtime_r", const time_t *restrict, struct tm *restrict);
    return fails("localtime_r", NULL) ? NULL : real.function(seconds, local);
}
