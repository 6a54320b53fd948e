// An executor runs tapes: the scalar reference on the host, or Vulkan. Not thread-safe.
#ifndef VV_EXEC_EXEC_H
#define VV_EXEC_EXEC_H

#include "plan.h"

struct vv_exec;
struct vv_program;  // a tape made ready by an executor

// Most submissions that may be in flight; vv_exec_submit waits for the oldest beyond that.
#define VV_IN_FLIGHT 2

// When something ran, in seconds of vv_now().
struct vv_span {
    double begin, end;
};

// What is known of one run of a watched program, told when the host has waited for it.
struct vv_times {
    const struct vv_tape *tape;
    // Of each node, by its index; empty for one that does nothing. Their length is by the device's
    // clock. NULL: the device has none.
    const struct vv_span *nodes;
    struct vv_span submitted, waited;  // the host, handing the run over and waiting for its end
};
typedef void (*vv_watch_fn)(void *user, const struct vv_times *times);

// Bytes that there are for states: for one that kernels bind whole, and for all that are still to be
// made, with what programs need.
struct vv_room {
    uint64_t one, all;
};

struct vv_exec_functions {
    void (*destroy)(struct vv_exec *e);
    bool (*realize)(struct vv_exec *e);
    bool (*write)(struct vv_exec *e, const struct vv_state *s, uint64_t offset, const void *data,
                  uint64_t n);
    bool (*read)(struct vv_exec *e, const struct vv_state *s, uint64_t offset, void *data, uint64_t n);
    struct vv_program *(*compile)(struct vv_exec *e, const struct vv_tape *t);
    void (*program_destroy)(struct vv_program *p);
    bool (*submit)(struct vv_exec *e, struct vv_program *p, uint32_t times);
    bool (*submit_parts)(struct vv_exec *e, struct vv_program *p, uint32_t parts);
    bool (*land)(struct vv_exec *e, uint64_t submission);
    bool (*peek)(struct vv_exec *e, const struct vv_state *s, uint64_t offset, void *data, uint64_t n);
    void *(*address)(struct vv_exec *e, const struct vv_state *s);
    struct vv_room (*room)(struct vv_exec *e);
    bool (*read_node)(struct vv_exec *e, struct vv_program *p, const struct vv_node *y, void *data);
    const struct vv_plan *(*plan)(const struct vv_program *p);
};

struct vv_exec {
    const struct vv_exec_functions *f;
    struct vv_context *ctx;
    struct vv_store *store;   // whose states it holds
    struct vv_limits limits;  // what launches are made for
    char description[256];    // device and driver, for people and config.json
    char kernels[64];   // the choice of kernels, saved with a run: "reference", "subgroup-texel/8", …
    vv_watch_fn watch;  // told of the runs of watched programs
    void *watch_user;
    bool watching;        // the program that is being compiled is to be watched
    uint64_t submitted;   // submissions until now: the number of the last one
    uint64_t most_bytes;  // of the device's memory that it ever held at a time; 0: of the host alone
    double piece_work;    // the most work of a piece that a program is cut into; tests change it
    bool no_reuse;        // of Vulkan: each temporary in a range of its own, for tests
};

// Multiplications that take even a slow device no longer than 100 to 200 ms.
#define VV_PIECE_WORK 2.5e8

// The scalar reference. Options are for tests.
struct vv_reference_options {
    bool poison;       // fill free arena memory with NaN, before a run and after each last use
    bool check;        // fail when an op changes an input that it does not declare in .writes
    uint32_t shuffle;  // not 0: seed for running the nodes between two barriers in another order
    bool no_reuse;     // each temporary in a range of its own
};
struct vv_exec *vv_reference_create(struct vv_store *store, const struct vv_reference_options *options);

void vv_exec_destroy(struct vv_exec *e);  // takes NULL; programs must be destroyed before

// Gives memory (zeroed) to the states added to the store since the last call.
bool vv_exec_realize(struct vv_exec *e);
// Copies n bytes to or from a state, `offset` bytes from its start (multiples of 4 but for the end).
// Waits for what is in flight. F32 is vv_real on the host side.
bool vv_exec_write(struct vv_exec *e, const struct vv_state *s, uint64_t offset, const void *data,
                   uint64_t n);
bool vv_exec_read(struct vv_exec *e, const struct vv_state *s, uint64_t offset, void *data, uint64_t n);
// Realizes new states, plans and records a tape, which must outlive the program. NULL with the error
// set: the tape failed, or does not fit the device (bytes needed, bytes there).
struct vv_program *vv_exec_compile(struct vv_exec *e, const struct vv_tape *t);
// The same for a program of which each run is timed: node after node, none beside another, and one run a
// submission. `watch` is called from within the functions here that wait, in the order of the runs. The
// results are those of the program that is not watched.
struct vv_program *vv_exec_compile_watched(struct vv_exec *e, const struct vv_tape *t, vv_watch_fn watch,
                                           void *user);
void vv_program_destroy(struct vv_exec *e, struct vv_program *p);  // waits; takes NULL
// Runs a program `times` times in a row, in one submission; returns before it is done.
bool vv_exec_submit(struct vv_exec *e, struct vv_program *p, uint32_t times);
// Runs a program once, in up to `parts` submissions of about equal work, cut between nodes: systems kill
// a submission that takes seconds.
#define VV_ALL_PARTS UINT32_MAX
bool vv_exec_submit_parts(struct vv_exec *e, struct vv_program *p, uint32_t parts);
// Waits until the submission of that number (vv_exec.submitted, after it was made) and those before it
// are done. Later ones go on.
bool vv_exec_land(struct vv_exec *e, uint64_t submission);
bool vv_exec_wait(struct vv_exec *e);  // for all
// Like vv_exec_read, of a state marked `peeked`, without a wait: what landed submissions wrote is there;
// what later ones write may or may not be.
bool vv_exec_peek(struct vv_exec *e, const struct vv_state *s, uint64_t offset, void *data, uint64_t n);
// Where a state marked `poked` lies for the host, once it is realized, and as long as the executor is
// there. On any thread the host may write there what no submission in flight reads; a submission sees
// what was written before it. Reading there can be slow.
void *vv_exec_address(struct vv_exec *e, const struct vv_state *s);
struct vv_room vv_exec_room(struct vv_exec *e);
// After a run: the value of a node marked keep. Waits.
bool vv_exec_read_node(struct vv_exec *e, struct vv_program *p, const struct vv_node *y, void *data);
const struct vv_plan *vv_program_plan(struct vv_exec *e, const struct vv_program *p);

#endif
