// Files: read whole with a limit, or written so that a reader sees the old bytes or the new, never half.
#ifndef VV_BASE_FILE_H
#define VV_BASE_FILE_H

#include <dirent.h>
#include <stdint.h>

#include "context.h"

// Reads a whole regular file of at most `limit` bytes; *bytes is the caller's to free() and ends in a
// NUL that *size does not count. Errors name the path: VV_BAD_DATA (missing, unreadable, too large); of
// one that is there and cannot be read ctx->unread tells.
bool vv_file_read(struct vv_context *ctx, const char *path, uint64_t limit, unsigned char **bytes,
                  uint64_t *size);

// The same of a file whose bytes go on to others: a link at the end of `path` is refused, VV_BAD_DATA,
// since whoever gave the folder would choose the file that it leads to.
bool vv_file_read_itself(struct vv_context *ctx, const char *path, uint64_t limit, unsigned char **bytes,
                         uint64_t *size);

// Opens a regular file to read it. *descriptor is the caller's to close; *size may be NULL. VV_BAD_DATA
// as above, and errno tells why, or is 0 where it is no such file.
bool vv_file_open(struct vv_context *ctx, const char *path, int *descriptor, uint64_t *size);

// fsync, again where a signal interrupted it.
bool vv_file_sync(int descriptor);

// An atomic writer: bytes go to a temporary file beside `path` (O_EXCL, O_NOFOLLOW, mode 0666 less the
// umask); commit fsyncs it, renames it over `path` and fsyncs the folder. Until then `path` is as it
// was. A symbolic link at `path` is replaced, not followed; a folder, device or pipe there is refused.
// Errors are VV_FAILED and name the path.
struct vv_writer {
    struct vv_context *ctx;
    char *path, *temporary;  // owned
    int descriptor;          // -1 when closed
    bool failed;             // a write failed; commit will refuse
    uint64_t size;           // bytes accepted so far
};

bool vv_writer_open(struct vv_context *ctx, const char *path, struct vv_writer *writer);
// Retries short writes and EINTR. After the first failure does nothing and returns false.
bool vv_writer_write(struct vv_writer *writer, const void *bytes, uint64_t size);
// fsync, close, rename, fsync of the folder. On any failure the temporary file is removed and `path` is
// as it was, unless only the folder's fsync failed: then the new file is there and the error says so.
bool vv_writer_commit(struct vv_writer *writer);
// As commit, but first keeps the present file at `path`, if there is one, under `previous` (another name
// on the same file system), whose own file is lost, also when the commit fails after that.
bool vv_writer_commit_keeping(struct vv_writer *writer, const char *previous);
// Removes the temporary file. Takes a writer that failed, was committed, or was never opened (zeroed).
void vv_writer_abort(struct vv_writer *writer);

// open + write + commit in one.
bool vv_file_write(struct vv_context *ctx, const char *path, const void *bytes, uint64_t size);

// Whether an errno tells of a disk that fails, or of what this process or the machine has no more of,
// and so nothing of the file.
bool vv_disk_fails(int cause);
bool vv_path_exists(const char *path);
bool vv_path_is_folder(const char *path);
// Creates the folder and its parents (0777 less the umask); an existing folder is fine. VV_FAILED
// otherwise.
bool vv_folder_create(struct vv_context *ctx, const char *path);
// Opens a folder to list it, with closedir after it. NULL, with the error set: VV_BAD_DATA.
DIR *vv_list_open(struct vv_context *ctx, const char *path);
// The next entry, as readdir has it. NULL behind the last one, or, with the error set, where the folder
// cannot be read: a list that ends early would be taken for a whole one.
struct dirent *vv_list_next(struct vv_context *ctx, const char *path, DIR *folder);
// Whether the folder holds any entry besides . and ..; one that is not there holds none. false: it
// cannot be read, VV_BAD_DATA.
bool vv_folder_has_entries(struct vv_context *ctx, const char *path, bool *has);
// Bytes that this user can still write on the disk that `path`, which need not be there yet, is or will
// be on. false: not known.
bool vv_disk_room(struct vv_context *ctx, const char *path, uint64_t *bytes);
// folder + "/" + name (no doubled slash); the caller frees it. NULL with the error set.
char *vv_path_join(struct vv_context *ctx, const char *folder, const char *name);
// Bytes that realpath() wants for a path that is not to be of the heap: PATH_MAX of Linux, more than
// elsewhere.
enum { VV_PATH_ROOM = 4096 };

// The folder of caches, $VKVAE_CACHE, $XDG_CACHE_HOME/vkvae or ~/.cache/vkvae: `room`, or one of the
// environment's; NULL: nothing is kept. It may not be there yet.
const char *vv_cache_folder(char *room, size_t size);

#endif
