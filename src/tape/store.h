// State: tensors that outlive tapes and are shared by them (parameters, moments, data, counters).
#ifndef VV_TAPE_STORE_H
#define VV_TAPE_STORE_H

#include "arena.h"
#include "shape.h"

struct vv_state {
    const char *name;
    enum vv_type type;
    struct vv_shape shape;
    uint64_t bytes;
    uint32_t index;  // its place in the store
    bool whole;      // all of it is written before any of it is read: it need not begin as zeros
    bool peeked;     // the host reads it while programs run (vv_exec_peek); set before it is realized
    bool poked;      // the host writes it while programs run (vv_exec_address); likewise
};

struct vv_store {
    struct vv_context *ctx;
    struct vv_arena arena;
    struct vv_state **states;
    uint32_t count, room;
};

void vv_store_init(struct vv_store *store, struct vv_context *ctx);
void vv_store_finish(struct vv_store *store);

// A new zeroed state tensor, owned by the store; NULL with the context's error set. Executors give it
// memory at vv_exec_realize.
struct vv_state *vv_store_add(struct vv_store *store, const char *name, enum vv_type type,
                              struct vv_shape shape);

#endif
