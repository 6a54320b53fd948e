#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

bool vv_lock_take(struct vv_context *ctx, const char *folder, struct vv_lock *lock) {
    if (lock->held) return true;
    const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return true;  // what writes there finds out why
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

void vv_lock_release(struct vv_lock *lock) {
    if (lock->held) (void)close(lock->descriptor);
    *lock = (struct vv_lock){0};
}
