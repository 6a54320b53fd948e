// Preloaded into the program: makes calls of the C library fail, by these variables:
// - VKVAE_FAULT=FUNCTION[:PART], PART of the path it is called with. "alloc:BYTES" stands for the
//   allocations of so many bytes or more, "any" for every call here that reaches a file system,
//   "writing" for those of them that a full disk refuses
// - VKVAE_FAULT_N: which of these calls (1: the first; 0: all); VKVAE_FAULT_ON=1: and all after it
// - VKVAE_FAULT_ERRNO: the number that it leaves in errno
// - VKVAE_FAULT_UNDER=FOLDER: of "any" and "writing" relative paths and those below this folder alone,
//   so that a driver's own files do not count
// - VKVAE_FAULT_REPORT=FILE receives the function and the path of the first call that failed
// - VKVAE_FAULT_COUNT=FILE receives at the program's end how many of these calls there were
// - VKVAE_FAULT_SHORT=BYTES: files are read and written by so many bytes at most, and every second call
//   of write, pread, open and fsync is interrupted by a signal first (not of read: zlib gives up then,
//   and disks let no signal through there)
// - VKVAE_FAULT_FREE=BYTES: so much room statvfs finds on a disk, VKVAE_FAULT_KEPT=BYTES of it for root
// Files in which gcov counts are let alone: what could not be read of them it would begin anew.
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
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTORS = 1024 };

static unsigned long number(const char *variable) {
    const char *text = getenv(variable);
    return text ? strtoul(text, NULL, 10) : 0;
}

// ---- Which calls ----

static atomic_ulong wanted_calls;

static void write_line(const char *to, const char *line) {
    const long file = syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) return;
    (void)syscall(SYS_write, file, line, strlen(line));
    (void)syscall(SYS_close, file);
}

static void report(const char *function, const char *path) {
    static atomic_flag told = ATOMIC_FLAG_INIT;
    const char *to = getenv("VKVAE_FAULT_REPORT");
    char line[512];
    if (!to || atomic_flag_test_and_set(&told)) return;
    (void)snprintf(line, sizeof line, "%s %s\n", function, path ? path : "");
    write_line(to, line);
}

__attribute__((destructor)) static void report_count(void) {
    const char *to = getenv("VKVAE_FAULT_COUNT");
    char line[32];
    (void)snprintf(line, sizeof line, "%lu\n", atomic_load(&wanted_calls));
    if (to) write_line(to, line);
}

// Whether this call, of the wanted kind, is the one.
static bool is_due(const char *function, const char *path) {
    const unsigned long n = number("VKVAE_FAULT_N"), this = atomic_fetch_add(&wanted_calls, 1) + 1;
    if (n && this != n && !(this > n && number("VKVAE_FAULT_ON"))) return false;
    report(function, path);
    errno = (int)number("VKVAE_FAULT_ERRNO");
    return true;
}

// What a full disk refuses.
static bool is_writing(const char *function) {
    static const char *const names[] = {"create", "write", "pwrite", "fsync",     "close",
                                        "rename", "link",  "mkdir",  "ftruncate", NULL};
    for (int i = 0; names[i]; i++)
        if (strcmp(function, names[i]) == 0) return true;
    return false;
}

static bool is_ours(const char *path) {
    const char *under = getenv("VKVAE_FAULT_UNDER");
    return !under || !path || *path != '/' || strncmp(path, under, strlen(under)) == 0;
}

static bool fails(const char *function, const char *path) {
    const char *wanted = getenv("VKVAE_FAULT");
    const size_t length = strlen(function);
    const bool any = wanted && strcmp(wanted, "any") == 0;
    if (any || (wanted && strcmp(wanted, "writing") == 0))
        return (any || is_writing(function)) && is_ours(path) && is_due(function, path);
    if (!wanted || strncmp(wanted, function, length) != 0) return false;
    if (wanted[length] && wanted[length] != ':') return false;
    if (wanted[length] && (!path || !strstr(path, wanted + length + 1))) return false;
    return is_due(function, path);
}

static bool refused(size_t size) {
    const char *wanted = getenv("VKVAE_FAULT");
    if (!wanted || strncmp(wanted, "alloc:", 6) != 0) return false;
    return size >= strtoul(wanted + 6, NULL, 10) && is_due("alloc", NULL);
}

// Of "any": descriptors of files that are not ours.
static atomic_bool foreign[DESCRIPTORS];

static int opened(int fd, const char *path) {
    if (fd >= 0 && fd < DESCRIPTORS) foreign[fd] = !is_ours(path);
    return fd;
}

static bool is_counted(int fd) {
    char name[64], path[4096];
    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(name, path, sizeof path);
    return length > 5 && memcmp(path + length - 5, ".gcda", 5) == 0;
}

static bool fails_at(const char *function, int fd) {
    return !(fd >= 0 && fd < DESCRIPTORS && foreign[fd]) && !is_counted(fd) && fails(function, NULL);
}

// ---- Short and interrupted ----

static bool is_interrupted(void) {
    static atomic_ulong count;
    if (!number("VKVAE_FAULT_SHORT") || atomic_fetch_add(&count, 1) % 2) return false;
    errno = EINTR;
    return true;
}

static size_t shortened(size_t size) {
    const size_t most = number("VKVAE_FAULT_SHORT");
    return most && size > most ? most : size;
}

// ---- The calls ----

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
    const char *wanted = getenv("VKVAE_FAULT");
    const bool creates = flags & O_CREAT && wanted && strcmp(wanted, "writing") == 0;
    if (fails(creates ? "create" : "open", path) || is_interrupted()) return -1;
    return opened(real.function(path, flags, mode), path);
}

FILE *fopen(const char *restrict path, const char *restrict mode) {
    REAL(FILE *, "fopen", const char *, const char *);
    FILE *file = fails("fopen", path) ? NULL : real.function(path, mode);
    if (file) (void)opened(fileno(file), path);
    return file;
}

size_t fread(void *restrict buffer, size_t size, size_t count, FILE *restrict file) {
    REAL(size_t, "fread", void *restrict, size_t, size_t, FILE *restrict);
    if (!fails_at("fread", fileno(file))) return real.function(buffer, size, count, file);
    file->_flags |= 0x20;  // what ferror() looks at
    return 0;
}

ssize_t read(int fd, void *buffer, size_t size) {
    REAL(ssize_t, "read", int, void *, size_t);
    if (fails_at("read", fd)) return -1;
    return real.function(fd, buffer, shortened(size));
}

ssize_t pread(int fd, void *buffer, size_t size, off_t offset) {
    REAL(ssize_t, "pread", int, void *, size_t, off_t);
    if (fails_at("pread", fd) || is_interrupted()) return -1;
    return real.function(fd, buffer, shortened(size), offset);
}

ssize_t write(int fd, const void *buffer, size_t size) {
    REAL(ssize_t, "write", int, const void *, size_t);
    if (fd > 2 && (fails_at("write", fd) || is_interrupted())) return -1;
    return real.function(fd, buffer, fd > 2 ? shortened(size) : size);
}

ssize_t pwrite(int fd, const void *buffer, size_t size, off_t offset) {
    REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
    if (fails_at("pwrite", fd) || is_interrupted()) return -1;
    return real.function(fd, buffer, shortened(size), offset);
}

int ftruncate(int fd, off_t size) {
    REAL(int, "ftruncate", int, off_t);
    return fails_at("ftruncate", fd) ? -1 : real.function(fd, size);
}

// Of files alone: memory that is no file's is not a disk's affair.
void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
    REAL(void *, "mmap", void *, size_t, int, int, int, off_t);
    if (!(flags & MAP_ANONYMOUS) && fails_at("mmap", fd)) return MAP_FAILED;
    return real.function(address, size, protection, flags, fd, offset);
}

int fsync(int fd) {
    REAL(int, "fsync", int);
    return fails_at("fsync", fd) || is_interrupted() ? -1 : real.function(fd);
}

int close(int fd) {
    REAL(int, "close", int);
    const int result = real.function(fd);
    return fails_at("close", fd) ? -1 : result;
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

int rmdir(const char *path) {
    REAL(int, "rmdir", const char *);
    return fails("rmdir", path) ? -1 : real.function(path);
}

int unlinkat(int folder, const char *path, int flags) {
    REAL(int, "unlinkat", int, const char *, int);
    return fails_at("unlinkat", folder) ? -1 : real.function(folder, path, flags);
}

int pipe(int ends[2]) {
    REAL(int, "pipe", int[2]);
    return fails("pipe", NULL) ? -1 : real.function(ends);
}

int flock(int fd, int operation) {
    REAL(int, "flock", int, int);
    return fails_at("flock", fd) ? -1 : real.function(fd, operation);
}

DIR *opendir(const char *path) {
    REAL(DIR *, "opendir", const char *);
    DIR *folder = fails("opendir", path) ? NULL : real.function(path);
    if (folder) (void)opened(dirfd(folder), path);
    return folder;
}

struct dirent *readdir(DIR *folder) {
    REAL(struct dirent *, "readdir", DIR *);
    return fails_at("readdir", dirfd(folder)) ? NULL : real.function(folder);
}

// The C library's scandir reads a folder without calling this opendir.
int scandir(const char *restrict path, struct dirent ***restrict list,
            int (*filter)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **)) {
    REAL(int, "scandir", const char *restrict, struct dirent ***restrict, int (*)(const struct dirent *),
         int (*)(const struct dirent **, const struct dirent **));
    return fails("scandir", path) ? -1 : real.function(path, list, filter, compare);
}

int stat(const char *restrict path, struct stat *restrict info) {
    REAL(int, "stat", const char *restrict, struct stat *restrict);
    return fails("stat", path) ? -1 : real.function(path, info);
}

int lstat(const char *restrict path, struct stat *restrict info) {
    REAL(int, "lstat", const char *restrict, struct stat *restrict);
    return fails("lstat", path) ? -1 : real.function(path, info);
}

int fstat(int fd, struct stat *info) {
    REAL(int, "fstat", int, struct stat *);
    return fails_at("fstat", fd) ? -1 : real.function(fd, info);
}

int statvfs(const char *restrict path, struct statvfs *restrict info) {
    REAL(int, "statvfs", const char *restrict, struct statvfs *restrict);
    const int result = fails("statvfs", path) ? -1 : real.function(path, info);
    if (getenv("VKVAE_FAULT_FREE")) {
        info->f_frsize = 1;
        info->f_bfree = number("VKVAE_FAULT_FREE");
        info->f_bavail = info->f_bfree - number("VKVAE_FAULT_KEPT");
    }
    return result;
}

struct tm *localtime_r(const time_t *restrict seconds, struct tm *restrict local) {
    REAL(struct tm *, "localtime_r", const time_t *restrict, struct tm *restrict);
    return fails("localtime_r", NULL) ? NULL : real.function(seconds, local);
}
