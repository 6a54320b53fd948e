#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bool vv_lock_check(struct vv_context *ctx, const struct vv_lock *lock) {
    struct stat held, there;
    if (!lock->held || fstat(lock->descriptor, &held) != 0) return true;
    const bool is_there = stat(lock->folder, &there) == 0;
    if (is_there ? held.st_dev == there.st_dev && held.st_ino == there.st_ino
                 : errno != ENOENT && errno != ENOTDIR)
        return true;
    return vv_fail(ctx, VV_FAILED,
                   "%s: is no longer the folder that this run began in: it was moved, removed or "
                   "replaced, and nothing more is written; put it back, and go on from its last save "
                   "with --resume",
                   lock->folder);
}

bool vv_lock_take(struct vv_context *ctx, const char *folder, struct vv_lock *lock) {
    if (lock->held) return vv_lock_check(ctx, lock);
    int descriptor;
    do {
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } while (descriptor < 0 && errno == EINTR);
    // Not there yet, no folder, or one that may be written and not read: what writes there finds out.
    // But what cannot be locked for another reason might be another's.
    if (descriptor < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ||
               vv_fail(ctx, VV_BAD_DATA,
                       "%s: cannot be opened (%s); check the path, and who may read it", folder,
                       strerror(errno));
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
        *lock = (struct vv_lock){.held = true, .descriptor = descriptor, .folder = folder};
        return true;
    }
    const bool taken = errno == EWOULDBLOCK;
    if (!taken && !lock->told)
        vv_say(ctx, VV_LOG_WARNING,
               "%s: cannot be locked (%s): see to it that no other vkvae writes there", folder,
               strerror(errno));
    lock->told = !taken;
    (void)close(descriptor);
    return !taken ||
           vv_fail(ctx, VV_USAGE,
                   "%s: another vkvae is writing there; wait for it, or name another folder", folder);
}

void vv_lock_wait(const char *folder, struct vv_lock *lock) {
    const struct timespec moment = {.tv_nsec = 10000000};
    const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *lock = (struct vv_lock){.held = descriptor >= 0, .descriptor = descriptor, .folder = folder};
    for (int tries = 0; lock->held && tries < 100 && flock(descriptor, LOCK_EX | LOCK_NB) != 0;
         tries++) {
        if (errno != EWOULDBLOCK && errno != EINTR) return;
        (void)nanosleep(&moment, NULL);
    }
}

void vv_lock_release(struct vv_lock *lock) {
    if (lock->held) (void)close(lock->descriptor);
    *lock = (struct vv_lock){0};
}
