// One test case for an op: a small graph over random inputs. The same tables are run on the device
// against the reference (ops_test.c), and in double against finite differences (gradient_test.c).
#ifndef VV_TESTS_OPS_CASES_H
#define VV_TESTS_OPS_CASES_H

#include "tape.h"

#define MAX_INPUTS 8

enum kind {
    NORMAL,    // f32, N(0,1)
    WEIGHT,    // f32, as NORMAL, but constant: no gradient is asked for it
    PICTURE,   // f32 in [0,1], constant
    VARIANCE,  // f32 >= 0, constant
    BYTES,     // u8
    INDEX,     // u32 below `limit`
    CLOCK,     // a clock at some step
    TABLE,     // u32: rows of struct vv_step_row
};

struct graph {
    struct vv_tape *t;
    uint32_t misalign;  // elements by which f32 inputs start late
    uint32_t seed;
    uint32_t count;
    struct vv_state *state[MAX_INPUTS];
    vv_ref input[MAX_INPUTS];
    bool differentiable[MAX_INPUTS];
    vv_real *value[MAX_INPUTS];  // f32 inputs: what the state holds; else NULL
    void *bytes[MAX_INPUTS];     // all inputs: the state's initial bytes
};

struct op_case {
    const struct vv_op *op;
    vv_ref (*build)(struct graph *g, const uint32_t *n);  // returns the node of the op
    uint32_t n[4];                                        // sizes, as the function takes them
};

// A file cases_NAME.c ends in OP_FAMILY(NAME), behind its table `cases`; cases.c lists the families.
struct op_family {
    const struct op_case *cases;
    uint32_t count;
};
#define OP_FAMILY(name)                                                                                 \
    extern const struct op_family op_family_##name;                                                     \
    const struct op_family op_family_##name = {cases, sizeof cases / sizeof *cases};

// Of all families, one after the other.
uint32_t op_case_count(void);
const struct op_case *op_case_at(uint32_t i);

// What the cases build with: an input of the graph, of that kind; INDEX, TABLE: words below `limit`.
vv_ref input(struct graph *g, enum kind kind, struct vv_shape shape);
vv_ref input_below(struct graph *g, enum kind kind, struct vv_shape shape, uint32_t limit);

// Builds a case on a fresh tape: makes its states in the tape's store, with values drawn from `seed`.
vv_ref graph_build(struct graph *g, const struct op_case *c, struct vv_tape *t, uint32_t misalign,
                   uint32_t seed);
void graph_finish(struct graph *g);

double random_normal(uint32_t *seed);

#endif
