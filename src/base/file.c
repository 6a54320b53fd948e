#include "file.h"

#include "leftover.h"
#include "size.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

// Of what a signal interrupted nothing is done: it is asked for again.
static int open_again(const char *path, int flags) {
    int descriptor;
    do {
        descriptor = open(path, flags);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

bool vv_file_sync(int descriptor) {
    int result;
    do {
        result = fsync(descriptor);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

static bool close_checked(int descriptor) {
    // After EINTR the descriptor is gone on Linux and unspecified elsewhere: never close it twice.
    return close(descriptor) == 0 || errno == EINTR;
}

static bool cannot_open(struct vv_context *ctx, const char *path) {
    if (ctx->status == VV_OK) ctx->unread = errno != ENOENT && errno != ENOTDIR;
    return vv_fail(ctx, VV_BAD_DATA, "%s: cannot be opened (%s); check the path, and who may read it",
                   path, strerror(errno));
}

// `follow`: 0 or O_NOFOLLOW.
static bool open_regular(struct vv_context *ctx, const char *path, int follow, int *descriptor,
                         uint64_t *size) {
    struct stat info;
    int cause = 0;
    // O_NONBLOCK: opening a FIFO must not wait for its writer; regular files do not care.
    *descriptor = open_again(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | follow);
    if (*descriptor < 0 && follow && errno == ELOOP) {
        (void)vv_fail(ctx, VV_BAD_DATA,
                      "%s: is a link, which may lead to a file of any kind; remove it, or put the file "
                      "itself there",
                      path);
        goto error;
    }
    if (*descriptor < 0 || fstat(*descriptor, &info) != 0) {
        cause = errno;
        (void)cannot_open(ctx, path);
        goto error;
    }
    if (!S_ISREG(info.st_mode)) {
        (void)vv_fail(ctx, VV_BAD_DATA, "%s: is %s; name a regular file", path,
                      S_ISDIR(info.st_mode) ? "a folder" : "a device, a pipe or a socket");
        goto error;
    }
    if (size) *size = (uint64_t)info.st_size;
    return true;
error:
    if (*descriptor >= 0) (void)close(*descriptor);
    *descriptor = -1;
    errno = cause;
    return false;
}

bool vv_file_open(struct vv_context *ctx, const char *path, int *descriptor, uint64_t *size) {
    return open_regular(ctx, path, 0, descriptor, size);
}

static bool too_large(struct vv_context *ctx, const char *path, uint64_t size, uint64_t limit) {
    return vv_fail(
        ctx, VV_BAD_DATA,
        "%s: has %llu bytes or more, and at most %llu are read; check that it is the right file", path,
        (unsigned long long)size, (unsigned long long)limit);
}

// Reads to the end of the file, not to its stated size, the first guess at *room: it may be growing, or
// in /proc. *bytes stays the caller's in any case.
static bool read_all(struct vv_context *ctx, const char *path, int descriptor, uint64_t limit,
                     unsigned char **bytes, uint64_t room, uint64_t *used) {
    *bytes = vv_alloc(ctx, room + 1, 1);
    if (!*bytes) return false;
    for (*used = 0;;) {
        ssize_t got = read(descriptor, *bytes + *used, (size_t)(room + 1 - *used));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            if (ctx->status == VV_OK) ctx->unread = true;
            return vv_fail(
                ctx, VV_BAD_DATA,
                "%s: cannot be read at offset %llu (%s); see to its disk, or restore it from a copy",
                path, (unsigned long long)*used, strerror(errno));
        }
        if (got == 0) return true;
        *used += (uint64_t)got;
        if (*used > limit) return too_large(ctx, path, *used, limit);
        if (*used <= room) continue;
        room = 2 * room + 4096;
        unsigned char *larger = realloc(*bytes, (size_t)(room + 1));
        if (!larger)
            return vv_fail(
                ctx, VV_FAILED,
                "%s: out of memory after %llu bytes; close other programs, or name a smaller file", path,
                (unsigned long long)*used);
        *bytes = larger;
    }
}

static bool read_regular(struct vv_context *ctx, const char *path, int follow, uint64_t limit,
                         unsigned char **bytes, uint64_t *size) {
    int descriptor = -1, cause;
    unsigned char *memory = NULL;
    uint64_t stated = 0, used = 0;
    if (!open_regular(ctx, path, follow, &descriptor, &stated)) return false;
    if (stated > limit || stated > SIZE_MAX / 4) {
        (void)too_large(ctx, path, stated, limit);
        goto error;
    }
    if (!read_all(ctx, path, descriptor, limit, &memory, stated, &used)) goto error;
    memory[used] = '\0';
    (void)close(descriptor);
    *bytes = memory;
    *size = used;
    return true;
error:
    cause = errno;
    free(memory);
    (void)close(descriptor);
    errno = cause;
    return false;
}

bool vv_file_read(struct vv_context *ctx, const char *path, uint64_t limit, unsigned char **bytes,
                  uint64_t *size) {
    return read_regular(ctx, path, 0, limit, bytes, size);
}

bool vv_file_read_itself(struct vv_context *ctx, const char *path, uint64_t limit, unsigned char **bytes,
                         uint64_t *size) {
    return read_regular(ctx, path, O_NOFOLLOW, limit, bytes, size);
}

// The folder of a path, "." when it names none, and the name inside it.
static char *folder_of(struct vv_context *ctx, const char *path, const char **name) {
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    size_t length = slash ? (size_t)(slash - path) : 0;
    char *folder = vv_alloc(ctx, length + 2, 1);
    if (!folder) return NULL;
    if (length > 0)
        memcpy(folder, path, length);
    else
        folder[0] = slash ? '/' : '.';
    return folder;
}

enum { ATTEMPTS = 10000 };  // at a name that nobody has

static char *temporary_name(struct vv_context *ctx, const char *path, unsigned counter) {
    const char *name;
    char *folder = folder_of(ctx, path, &name);
    char *text = NULL;
    if (!folder) return NULL;
    // A name may have 255 bytes with its suffix, so that a long one is cut.
    size_t room = strlen(folder) + 1 + 200 + 64;
    text = vv_alloc(ctx, room, 1);
    if (text) (void)snprintf(text, room, "%s/.%.200s.%ld-%u.tmp", folder, name, (long)getpid(), counter);
    free(folder);
    return text;
}

// A leftover, a symbolic link planted there, or another thread's file: each is passed over, by O_EXCL
// where it came just now. Noted before it is there: a signal may come at once.
static bool create_temporary(struct vv_writer *writer) {
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        struct stat info;
        writer->temporary = temporary_name(writer->ctx, writer->path, i);
        if (!writer->temporary) return false;
        int cause = EEXIST;
        const bool is_there = lstat(writer->temporary, &info) == 0;
        if (!is_there) {
            vv_leftover_note(writer->temporary);
            writer->descriptor =
                open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
            if (writer->descriptor >= 0) return true;
            cause = errno;
        }
        vv_leftover_free(writer->temporary);
        writer->temporary = NULL;  // not ours: abort must not remove it
        if (cause == EEXIST || cause == EINTR) continue;
        return vv_fail(writer->ctx, VV_FAILED,
                       "%s: cannot be written (%s); check that its folder exists and is writable",
                       writer->path, strerror(cause));
    }
    return vv_fail(writer->ctx, VV_FAILED,
                   "%s: %u temporary files, .*.tmp, lie beside it already; remove them", writer->path,
                   (unsigned)ATTEMPTS);
}

bool vv_writer_open(struct vv_context *ctx, const char *path, struct vv_writer *writer) {
    *writer = (struct vv_writer){.ctx = ctx, .descriptor = -1};
    size_t length = strlen(path);
    struct stat info;
    if (length == 0 || path[length - 1] == '/') {
        (void)vv_fail(ctx, VV_FAILED, "'%s' names no file to write to; add a file name", path);
        goto error;
    }
    // Renaming over a device or a folder would replace it (as root, even /dev/null).
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
        (void)vv_fail(ctx, VV_FAILED, "%s: is %s; choose another name to write to", path,
                      S_ISDIR(info.st_mode) ? "a folder" : "not a regular file");
        goto error;
    }
    writer->path = vv_alloc(ctx, length + 1, 1);
    if (!writer->path) goto error;
    memcpy(writer->path, path, length);
    if (!create_temporary(writer)) goto error;
    return true;
error:
    writer->failed = true;
    vv_writer_abort(writer);
    return false;
}

static bool writer_fail(struct vv_writer *writer, const char *what) {
    writer->failed = true;
    return vv_fail(
        writer->ctx, VV_FAILED,
        "%s: %s failed (%s); the file is as it was before: see to the disk, or write to another",
        writer->path, what, strerror(errno));
}

bool vv_writer_write(struct vv_writer *writer, const void *bytes, uint64_t size) {
    if (writer->failed || !writer->temporary) return false;
    const unsigned char *next = bytes;
    while (size > 0) {
        const uint64_t most = 1u << 30;  // Linux writes at most about 2 GiB in a call
        ssize_t done = write(writer->descriptor, next, (size_t)(size < most ? size : most));
        if (done < 0 && errno == EINTR) continue;
        if (done == 0) errno = ENOSPC;
        if (done <= 0) {
            char what[48];
            (void)snprintf(what, sizeof what, "writing at offset %llu",
                           (unsigned long long)writer->size);
            return writer_fail(writer, what);
        }
        next += done;
        size -= (uint64_t)done;
        writer->size += (uint64_t)done;
    }
    return true;
}

static bool sync_folder(struct vv_writer *writer) {
    const char *name;
    char *folder = folder_of(writer->ctx, writer->path, &name);
    if (!folder) return false;
    bool ok = true;
    int cause = 0, descriptor = open_again(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        cause = errno;
        ok = cause == EACCES;  // a folder that one may write but not list
    } else {
        if (!vv_file_sync(descriptor)) {
            cause = errno;
            ok = cause == EINVAL;  // a file system that cannot sync folders
        }
        (void)close(descriptor);
    }
    if (!ok)
        (void)vv_fail(writer->ctx, VV_FAILED,
                      "%s: is written, but its folder cannot be synced (%s): it may not survive a power "
                      "cut; see to the disk, or write to another",
                      writer->path, strerror(cause));
    free(folder);
    return ok;
}

// A second name of the file at path, unlike any other; NULL, and why in errno: it can have none.
static char *link_again(struct vv_writer *writer, const char *previous) {
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        char *name = temporary_name(writer->ctx, previous, i);
        if (!name || link(writer->path, name) == 0) return name;
        const int cause = errno;
        free(name);
        errno = cause;
        if (cause != EEXIST) break;
    }
    return NULL;
}

// Keeps the file at path under `previous` too, or, without hard links, instead (*moved). What is there
// stays until it is replaced.
static bool keep_previous(struct vv_writer *writer, const char *previous, bool *moved) {
    assert(strcmp(writer->path, previous) != 0);
    struct stat info;
    if (lstat(writer->path, &info) != 0 && errno == ENOENT) return true;
    char *again = link_again(writer, previous);
    if (writer->ctx->status != VV_OK) return false;
    bool ok = rename(again ? again : writer->path, previous) == 0;
    *moved = ok && !again;
    if (!ok) ok = writer_fail(writer, "keeping the present one");
    if (again) (void)unlink(again);  // where both are names of one file, renaming does nothing
    free(again);
    return ok;
}

static bool commit(struct vv_writer *writer, const char *previous) {
    bool moved = false;
    if (writer->failed || !writer->temporary) goto error;
    if (!vv_file_sync(writer->descriptor)) {
        (void)writer_fail(writer, "fsync");
        goto error;
    }
    int descriptor = writer->descriptor;
    writer->descriptor = -1;
    if (!close_checked(descriptor)) {
        (void)writer_fail(writer, "closing");
        goto error;
    }
    if (previous && !keep_previous(writer, previous, &moved)) goto error;
    if (rename(writer->temporary, writer->path) != 0) {
        (void)writer_fail(writer, "renaming");
        if (moved) (void)rename(previous, writer->path);
        goto error;
    }
    vv_leftover_free(writer->temporary);
    writer->temporary = NULL;  // it is `path` now
    bool ok = sync_folder(writer);
    vv_writer_abort(writer);
    return ok;
error:
    vv_writer_abort(writer);
    return false;
}

bool vv_writer_commit(struct vv_writer *writer) {
    return commit(writer, NULL);
}

bool vv_writer_commit_keeping(struct vv_writer *writer, const char *previous) {
    return commit(writer, previous);
}

void vv_writer_abort(struct vv_writer *writer) {
    // A zeroed writer has descriptor 0, which is not ours: `temporary` tells whether one is open.
    if (writer->temporary) {
        if (writer->descriptor >= 0) (void)close(writer->descriptor);
        (void)unlink(writer->temporary);
    }
    vv_leftover_free(writer->temporary);
    free(writer->path);
    writer->temporary = writer->path = NULL;
    writer->descriptor = -1;
}

bool vv_file_write(struct vv_context *ctx, const char *path, const void *bytes, uint64_t size) {
    struct vv_writer writer;
    if (!vv_writer_open(ctx, path, &writer)) return false;
    (void)vv_writer_write(&writer, bytes, size);
    return vv_writer_commit(&writer);
}

bool vv_disk_fails(int cause) {
    return cause == EIO || cause == EMFILE || cause == ENFILE || cause == ENOMEM;
}

// What a failing disk hides is there: who goes on to read it says what is wrong.
bool vv_path_exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 || vv_disk_fails(errno);
}

bool vv_path_is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool create_one_folder(struct vv_context *ctx, const char *path) {
    if (mkdir(path, 0777) == 0) return true;
    int cause = errno;
    // Not only EEXIST: a read-only or guarded file system may answer with something else first.
    if (vv_path_is_folder(path)) return true;
    return vv_fail(ctx, VV_FAILED, "%s: the folder cannot be created (%s); name another place", path,
                   strerror(cause));
}

bool vv_folder_create(struct vv_context *ctx, const char *path) {
    size_t length = strlen(path);
    if (length == 0) return vv_fail(ctx, VV_FAILED, "'' names no folder to create; give it a name");
    char *part = vv_alloc(ctx, length + 1, 1);
    if (!part) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < length; i++) {
        part[i] = path[i];
        bool ends_name = path[i] != '/' && (path[i + 1] == '/' || path[i + 1] == '\0');
        if (ends_name) ok = create_one_folder(ctx, part);
    }
    free(part);
    return ok;
}

DIR *vv_list_open(struct vv_context *ctx, const char *path) {
    DIR *folder = opendir(path);
    if (!folder) (void)cannot_open(ctx, path);
    return folder;
}

struct dirent *vv_list_next(struct vv_context *ctx, const char *path, DIR *folder) {
    errno = 0;
    struct dirent *entry = readdir(folder);
    if (!entry && errno)
        (void)vv_fail(ctx, VV_BAD_DATA, "%s: its files cannot be listed (%s); see to its disk", path,
                      strerror(errno));
    return entry;
}

bool vv_folder_has_entries(struct vv_context *ctx, const char *path, bool *has) {
    DIR *folder = opendir(path);
    *has = false;
    if (!folder) return errno == ENOENT || errno == ENOTDIR || cannot_open(ctx, path);
    for (struct dirent *entry; !*has && (entry = vv_list_next(ctx, path, folder)) != NULL;)
        *has = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    (void)closedir(folder);
    return ctx->status == VV_OK;
}

bool vv_disk_room(struct vv_context *ctx, const char *path, uint64_t *bytes) {
    struct statvfs disk;
    const char *name;
    int result = statvfs(path, &disk);
    char *folder = NULL;
    // The nearest folder above that is there.
    while (result != 0 && errno == ENOENT && strcmp(path, "/") != 0 && strcmp(path, ".") != 0) {
        char *above = folder_of(ctx, path, &name);
        free(folder);
        path = folder = above;
        if (!above) return false;
        result = statvfs(path, &disk);
    }
    free(folder);
    // Some file systems know of no blocks. Those that are kept for root are there for root.
    return result == 0 && disk.f_blocks &&
           vv_mul_u64(geteuid() == 0 ? disk.f_bfree : disk.f_bavail, disk.f_frsize, bytes);
}

char *vv_path_join(struct vv_context *ctx, const char *folder, const char *name) {
    size_t length = strlen(folder);
    bool slash = length > 0 && folder[length - 1] != '/';
    size_t room = length + slash + strlen(name) + 1;
    char *path = vv_alloc(ctx, room, 1);
    if (path) (void)snprintf(path, room, "%s%s%s", folder, slash ? "/" : "", name);
    return path;
}

// By the XDG specification a relative $XDG_CACHE_HOME is invalid and ignored.
const char *vv_cache_folder(char *room, size_t size) {
    const char *own = getenv("VKVAE_CACHE"), *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (own) return *own ? own : NULL;
    int n = -1;
    if (xdg && *xdg == '/')
        n = snprintf(room, size, "%s/vkvae", xdg);
    else if (home && *home == '/')
        n = snprintf(room, size, "%s/.cache/vkvae", home);
    return n > 0 && (size_t)n < size ? room : NULL;
}
