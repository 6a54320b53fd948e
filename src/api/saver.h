// Writes what a run is continued from: at once, or on a thread of its own while the run goes on.
#ifndef VV_API_SAVER_H
#define VV_API_SAVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "checkpoint.h"
#include "lock.h"
#include "resume.h"

// Zeroed: nothing is being written.
struct vv_saver {
    struct vv_context ctx;  // of the thread
    struct vv_lock lock;    // on the folder, which is the run's: nothing is written into another
    char *path[3];          // of the checkpoint, the save, and the save before it
    struct vv_checkpoint checkpoint;
    struct vv_save save;
    pthread_t thread;
    bool busy, threaded;
    bool keep;  // the save that is there becomes the one before
    bool ok;
    atomic_bool failed;  // the thread, so that what it was to save is not
    double last;         // when the last save was taken, by vv_now(); 0: never
};

enum { VV_SAVE_CHECKPOINT, VV_SAVE_RESUME, VV_SAVE_PREVIOUS };

// Takes a copy of all that is to be written, into `folder`, under these names, and begins to write it.
// Nothing else is being written: vv_saver_wait was called.
bool vv_saver_begin(struct vv_saver *saver, struct vv_trainer *trainer, const struct vv_metrics *metrics,
                    const char *folder, const char *const names[3], bool keep);
// Whether what is being written has failed already: vv_saver_wait tells why, and does not wait.
bool vv_saver_has_failed(const struct vv_saver *saver);
// Waits until all is written. *position: of the save that was, unchanged where there was none. An error
// of it is the context's.
bool vv_saver_wait(struct vv_saver *saver, struct vv_context *ctx, struct vv_position *position);

// --save-every: "500", steps; "90s", "10m", "2h". One of the two is 0.
struct vv_save_every {
    uint64_t steps;
    double seconds;
};
// `text`: "none", "" or NULL for never, both 0. VV_USAGE where it makes no sense.
bool vv_save_every_parse(struct vv_context *ctx, const char *text, struct vv_save_every *every);

#endif
