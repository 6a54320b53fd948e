// Where the time of training steps goes: some steps are run watched, by programs of their own, the
// others as always, and both are timed.
#ifndef VV_TRAIN_PROFILE_H
#define VV_TRAIN_PROFILE_H

#include "exec.h"

// What all nodes of one op took.
struct vv_profile_row {
    const char *op;
    uint64_t calls;
    double seconds;
    double flop, bytes;
};

// A run of steps of one kind.
enum vv_profile_kind {
    VV_UNTIMED,  // the first step of a program: the driver compiles kernels
    VV_NORMAL,   // as always
    VV_WATCHED,
    VV_PROFILE_KINDS
};

struct vv_profile {
    struct vv_context *ctx;
    struct vv_exec *exec;
    bool traced;  // events are kept
    bool clocks;  // the device has timestamps

    uint64_t steps[VV_PROFILE_KINDS];  // done
    double seconds[VV_PROFILE_KINDS];  // of the host's clock
    double submit, wait;               // of the host, in watched steps
    struct vv_profile_row *rows;       // the one with the most time first, once it is finished
    uint32_t row_count, row_room;

    struct vv_profile_event *events;
    uint64_t event_count, event_room;
    uint64_t dropped;  // runs of nodes for which there was no room
    double begin;      // of all

    // The steps that are submitted now.
    bool open;
    enum vv_profile_kind kind;
    double since;
    uint64_t scheduled;  // steps that are not untimed, so far
};

// Takes the executor's watch: one profile at a time. `traced`: vv_profile_trace will be called.
void vv_profile_init(struct vv_profile *profile, struct vv_exec *exec, bool traced);
void vv_profile_finish(struct vv_profile *profile);  // takes a zeroed one

// Compiles a tape to be run where vv_profile_next says so.
struct vv_program *vv_profile_compile(struct vv_profile *profile, const struct vv_tape *t);
// What the next steps are, of at most *n, which is made less where they are of several kinds. `fresh`:
// the first of their tape. Waits where the kind changes.
bool vv_profile_next(struct vv_profile *profile, bool fresh, uint32_t *n, enum vv_profile_kind *kind);
// Waits; what follows is no step.
bool vv_profile_pause(struct vv_profile *profile);
// Sorts the rows.
void vv_profile_sort(struct vv_profile *profile);

// Writes the Chrome trace format, which Perfetto shows: a track for the device, one for the host. The
// tapes must still be there.
bool vv_profile_trace(const struct vv_profile *profile, const char *path);

#endif
