// A device that is lost, or hangs, in the midst of a run: the run is begun again on the device opened
// anew, from its last save.
#ifndef VV_API_RETRY_H
#define VV_API_RETRY_H

#include "session.h"

struct vv_retry {
    vkvae_train_options options;  // of the next attempt
    uint32_t done, most;          // attempts after the first
    struct vv_lock lock;          // on the run's folder, between two of them
    // Of the attempts until now that came to train.
    bool begun, saved;
    const char *folder;       // that is written; NULL: none
    struct vv_context moved;  // what vv_lock_check says of it
    struct vv_position save;  // with `saved`: from here it can be continued
    uint32_t epochs;
    uint64_t most_bytes;  // of the device
    char device[256];     // its description
};

void vv_retry_init(struct vv_retry *again, const vkvae_train_options *options);
// What is known of the run, behind an attempt.
void vv_retry_note(struct vv_retry *again, const struct vv_session *s);
// Behind one that failed: whether there is another, said as a warning, for which `options` are. The lock
// is then no more the session's.
bool vv_retry_next(struct vv_retry *again, struct vv_session *s);
// Adds to the error of the last one, a device that is lost or a disk that is full, what is saved, and
// how to go on.
void vv_retry_tell(const struct vv_retry *again, struct vv_context *ctx);
// In the attempts after the first: the device that it must be again, whose bytes the run has. NULL: any.
const char *vv_retry_device(const struct vv_retry *again);

#endif
