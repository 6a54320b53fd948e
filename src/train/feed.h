// The pictures of a pass on their way to the device: the whole set, loaded once; or, where that is
// larger than the memory for it, batch after batch through a ring, which a thread fills in the epoch's
// order while steps run. The kernels see no difference: they find picture i of the epoch at order[i].
#ifndef VV_TRAIN_FEED_H
#define VV_TRAIN_FEED_H

#include <pthread.h>

#include "binarize.h"
#include "dataset.h"
#include "exec.h"

struct vv_feed {
    struct vv_exec *exec;
    struct vv_state *data;   // u8 or f32 [pictures that it holds, pixels]
    struct vv_state *order;  // u32 [count]
    uint32_t count, batch, steps;
    uint32_t slots;  // batches that the ring holds; 0: the whole set is there
    uint64_t row;    // bytes of a picture
    // Set before the images are loaded: pixels are drawn to be 0 or 1 on their way to the device.
    struct vv_binarize binarize;

    // Of a ring.
    struct vv_images images;  // owned
    unsigned char *ring;      // the state's memory
    const uint32_t *pictures;
    pthread_t thread;
    pthread_mutex_t lock;  // of what follows
    pthread_cond_t batch_is_in, slot_is_free;
    bool alone;  // no thread: batches are put in when they are asked for, as where the system gives none
    bool open, threaded, stop;
    uint32_t filled, landed;  // steps of the epoch: whose batches were put in, are not needed any more
};

// How large a pass is.
struct vv_feed_size {
    uint64_t row;  // bytes of a picture
    uint32_t count, pixels, batch;
};

// The slots of two passes that share `memory` bytes (0: what the device can spare, by `room`). Returns
// the least bytes that the two can do with, at which each that streams has two slots: more than `memory`
// means that it is not enough.
uint64_t vv_feed_divide(const struct vv_room *room, uint64_t memory, const struct vv_feed_size sizes[2],
                        uint32_t slots[2]);

// Adds the states "NAME.data" and "NAME.order", for images of which only the sizes are looked at, and
// whether they are floats. The feed must not move from here on.
bool vv_feed_init(struct vv_feed *feed, struct vv_exec *exec, const char *name,
                  const struct vv_images *images, uint32_t batch, uint32_t slots);
// Both of a set, for batches of these sizes, in `memory` bytes that they share.
bool vv_feeds_init(struct vv_feed *train, struct vv_feed *test, struct vv_exec *exec,
                   const struct vv_dataset *set, const uint32_t batches[2], uint64_t memory);
// Puts the first `count` images into a state, as the feed gives them to the device.
bool vv_feed_write(const struct vv_feed *feed, const struct vv_images *images, struct vv_state *state,
                   uint32_t count);
// Puts the images there, in the set's own order. They are lost to the caller: can only be finished.
bool vv_feed_load(struct vv_feed *feed, struct vv_images *images);
void vv_feed_finish(struct vv_feed *feed);  // takes a zeroed one, and one that is not ended

// Begins an epoch at step `first`. `pictures`: its order, unchanged until the end; NULL: the set's own,
// for all epochs.
bool vv_feed_begin(struct vv_feed *feed, const uint32_t *pictures, uint32_t first);
// Waits until the batch of step `first` is there; how many from there on can be submitted now, of at
// most `wanted`.
uint32_t vv_feed_take(struct vv_feed *feed, uint32_t first, uint32_t wanted);
// The steps before `step` of the epoch have landed.
void vv_feed_land(struct vv_feed *feed, uint32_t step);
// Ends the epoch, wherever it is; nothing more is written to the device.
void vv_feed_end(struct vv_feed *feed);

#endif
