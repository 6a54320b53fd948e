// A device beside the reference, and what a case makes of both.
#ifndef VV_TESTS_OPS_FIXTURE_H
#define VV_TESTS_OPS_FIXTURE_H

#include "cases.h"
#include "vulkan.h"

struct fixture {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *device, *reference;
};

// For cmocka; kernels: the family of products, NULL: the device's own. minimum: the least limits.
int open_fixture(void **state, const char *kernels, bool minimum);
int open_chosen(void **state);  // NULL, false
int close_fixture(void **state);

// The case on a fresh tape; what it gives is kept.
vv_ref build_case(struct fixture *f, const struct op_case *c, uint32_t misalign, struct vv_tape *t,
                  struct graph *g);
// Runs what was built on both executors, from the same inputs, and compares.
void run_graph(struct fixture *f, const struct op_case *c, const struct vv_tape *t,
               const struct graph *g, const struct vv_node *y);

#endif
