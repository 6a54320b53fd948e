// A folder that is written by one process, or one handle, at a time. The system keeps the lock: no file
// lies there for it, and it ends with the process, however that ends.
#ifndef VV_BASE_LOCK_H
#define VV_BASE_LOCK_H

#include "context.h"

// Zeroed: not held.
struct vv_lock {
    bool held;
    int descriptor;
    const char *folder;  // as it was given, whose it is
    bool told;           // that it cannot be locked
};

// VV_USAGE while another holds it; what is held already is checked. True without holding it where the
// folder is not there, or, which a warning tells, its file system knows no locks.
bool vv_lock_take(struct vv_context *ctx, const char *folder, struct vv_lock *lock);
// For a moment's work on a folder that several use: waits for the others, though no longer than a
// second, behind which it goes on without.
void vv_lock_wait(const char *folder, struct vv_lock *lock);
// VV_FAILED where the folder of its path is not the one that is held: it was moved or removed, and what
// is there now, if anything, may be another's. True without a look where nothing is held.
bool vv_lock_check(struct vv_context *ctx, const struct vv_lock *lock);
void vv_lock_release(struct vv_lock *lock);

#endif
