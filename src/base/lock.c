#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

bool vv_lock_take(struct vv_context *ctx, const char *folder, struct vv_lock *lock) {
    if (lock->held) return true;
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
        *lock = (struct vv_lock){.held = true, .descriptor = descriptor};
        return true;
    }
    const bool taken = errno == EWOULDBLOCK;
    (void)close(descriptor);
    return !taken ||
           vv_fail(ctx, VV_USAGE,
                   "%s: another vkvae is writing there; wait for it, or name another folder", folder);
}

void vv_lock_wait(const char *folder, struct vv_lock *lock) {
    const struct timespec moment = {.tv_nsec = 10000000};
    const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *lock = (struct vv_lock){.held = descriptor >= 0, .descriptor = descriptor};
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
