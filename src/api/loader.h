// Reads a set's pictures on a thread of its own, while the device and its kernels are made ready.
#ifndef VV_API_LOADER_H
#define VV_API_LOADER_H

#include <pthread.h>
#include <stdatomic.h>

#include "shapes.h"

struct vv_loader {
    struct vv_dataset *set;   // found; its sizes do not change while it is read
    struct vv_shapes shapes;  // of a set that is drawn
    struct vv_context ctx;    // the thread's
    pthread_t thread;
    bool busy, threaded, ok;
    atomic_bool done, stop;  // it has read; it is to end before that
    uint32_t checksum;       // vv_set_checksum, once it is read
};

// Begins. The loader and the set must not move until vv_loader_finish.
void vv_loader_start(struct vv_loader *loader, struct vv_dataset *set, const struct vv_shapes *shapes);

// Waits, and meanwhile asks whether to stop (NULL: it does not). False: what could not be read is the
// error of `ctx`, in the place of any that is there; VV_STOPPED: that was said. Takes a zeroed one, and
// one that is finished.
bool vv_loader_finish(struct vv_loader *loader, struct vv_context *ctx, bool (*stop)(void *user),
                      void *user);

#endif
