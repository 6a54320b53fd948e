// The tape: an append-only list of tensor operations. Tape order is execution order.
//
// A failed append latches the tape's error in its context and returns a harmless node, so that code
// which builds models checks once, at the end (vv_tape_ok).
#ifndef VV_TAPE_TAPE_H
#define VV_TAPE_TAPE_H

#include "arena.h"
#include "launch.h"
#include "shape.h"
#include "store.h"

#define VV_MAX_INPUTS 5

typedef struct vv_node *vv_ref;
struct vv_tape;

// What the reference reads and writes: host memory of each input and of the result.
struct vv_operands {
    void *in[VV_MAX_INPUTS];
    void *out;
};

// What a node has to do, whatever computes it: what its time is held against.
struct vv_cost {
    double flop;   // floating-point operations where these are what takes time (products); 0: memory is
    double bytes;  // read and written
};

// An operation. Defined once, beside its functions, in ops/.
struct vv_op {
    const char *name;
    uint32_t arity;
    uint32_t writes;     // bit mask of inputs updated in place; such an op has no output
    bool zero_gradient;  // its gradient is zero by nature
    // Checks the inputs and sets y->type and y->shape (an op with .writes leaves the shape empty).
    bool (*shape)(struct vv_tape *t, vv_ref y);
    // Appends the gradient: dx[i] for each i in `wanted` (a bit mask); dx[i] left NULL means zero.
    void (*vjp)(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref dx[VV_MAX_INPUTS]);
    // The ground truth, on the host.
    void (*reference)(const struct vv_node *y, const struct vv_operands *io);
    // What a device does: a pure function of node, shapes, types and limits. False: it cannot be done
    // within these limits (the executor names the node). NULL: nothing to do (leaf, view).
    bool (*launch)(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *launch);
    // NULL: no arithmetic to speak of, and each operand is read or written once, as a whole.
    struct vv_cost (*cost)(const struct vv_node *y);
};

struct vv_attributes {
    uint32_t u[10];
    double f[4];
    uint64_t offset;  // of views
};

struct vv_node {
    const struct vv_op *op;
    const char *name;  // for people: printing, errors, debug labels
    uint32_t index;
    enum vv_type type;
    struct vv_shape shape;  // rank 0: no output
    uint32_t inputs;        // how many of `in`
    vv_ref in[VV_MAX_INPUTS];
    struct vv_attributes attr;
    bool keep;  // the host reads it after a run: its memory is not reused

    // Where it lives: in a state tensor (state set), or in the memory of another node (view_of set;
    // views), `offset` elements from its start; else in the arena, where the plan says.
    struct vv_state *state;
    vv_ref view_of;
    uint64_t offset;
};

struct vv_tape {
    struct vv_context *ctx;
    struct vv_store *store;
    const char *name;
    struct vv_arena arena;
    vv_ref *nodes;
    uint32_t count, room;
    bool failed;
    struct vv_node dummy;  // what appends return once one failed: one f32 element
};

void vv_tape_init(struct vv_tape *t, struct vv_store *store, const char *name);
void vv_tape_finish(struct vv_tape *t);
static inline bool vv_tape_ok(const struct vv_tape *t) {
    return !t->failed;
}

// Appends an operation. `in` holds op->arity nodes; attr may be NULL.
vv_ref vv_append(struct vv_tape *t, const struct vv_op *op, const vv_ref *in,
                 const struct vv_attributes *attr);
// Latches an error that names the node; returns false.
bool vv_tape_fail(struct vv_tape *t, const struct vv_node *y, const char *format, ...) VV_PRINTF(3, 4);

// "'fc1.weight' f32 [400,784]" in text, for messages; returns text.
#define VV_NODE_TEXT 256
const char *vv_node_print(const struct vv_node *y, char text[VV_NODE_TEXT]);

// Names a node; returns it.
vv_ref vv_name(struct vv_tape *t, vv_ref y, const char *format, ...) VV_PRINTF(3, 4);

// A whole state tensor as a node.
vv_ref vv_use(struct vv_tape *t, struct vv_state *state);
// The op of leaves.
extern const struct vv_op vv_op_state;

// The node whose memory y shares (through views), and y's element offset in that memory: in root->state
// where that is set, else in the root's own range of the arena.
const struct vv_node *vv_root(const struct vv_node *y, uint64_t *offset);
// True when y starts on a multiple of `elements` elements of its memory (arena and state start on 256
// bytes).
bool vv_aligned(const struct vv_node *y, uint32_t elements);
static inline uint64_t vv_count(const struct vv_node *y) {
    return vv_shape_count(y->shape);
}
static inline double vv_bytes(const struct vv_node *y) {
    return (double)vv_count(y) * vv_type_bytes(y->type);
}

struct vv_cost vv_cost_of(const struct vv_node *y);
// That of an op without a `cost` of its own: an input that is updated is read and written.
struct vv_cost vv_cost_of_operands(const struct vv_node *y);

#endif
