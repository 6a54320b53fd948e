// The plan of a tape: one arena of memory for all temporaries, ranges reused, and where barriers stand.
#ifndef VV_TAPE_PLAN_H
#define VV_TAPE_PLAN_H

#include <stdio.h>

#include "tape.h"

struct vv_plan_node {
    uint64_t offset, bytes;                  // in the arena; bytes 0: not a temporary
    uint64_t scratch_offset, scratch_bytes;  // alive during the node alone
    uint32_t last_use;                       // tape index of the last reader of its memory
    bool barrier;                            // before this node, what was written must be seen
};

struct vv_plan {
    uint64_t arena_bytes;     // with reuse
    uint64_t unshared_bytes;  // what it would be without
    uint64_t state_bytes;     // of the states that the tape touches
    uint32_t barriers;
    uint32_t count;
    struct vv_plan_node *nodes;  // one for each node of the tape
};

// Ranges start on what the strictest device wants of a binding's offset.
#define VV_ARENA_UNIT 256

// Something to be placed in an arena, alive from `first` to `last`.
struct vv_plan_item {
    uint64_t bytes, *offset;  // a multiple of VV_ARENA_UNIT; where it is placed
    uint32_t first, last;
};
// Places them, so that none overlaps another that is alive at the same time, and sorts them on the way;
// returns the arena's bytes.
uint64_t vv_plan_pack(struct vv_plan_item *items, uint32_t count);

// scratch[i]: bytes that node i's launch wants (NULL: none). element sizes are the device's (f32 = 4)
// or, with host_reals, the host's. reuse false gives each temporary a range of its own (the oracle in
// tests).
bool vv_plan_make(const struct vv_tape *t, const uint64_t *scratch, bool reuse, struct vv_plan *plan);
void vv_plan_finish(struct vv_plan *plan);

// Prints each node with name, op, shape, bytes, arena offset, barriers; then the totals.
void vv_plan_print(const struct vv_tape *t, const struct vv_plan *plan, FILE *out);

#endif
