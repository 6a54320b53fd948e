// Which matrix products a run computes: collected by an executor that runs nothing, so that whatever
// builds tapes for a real one tells them as it is.
#ifndef VV_TUNE_PRODUCTS_H
#define VV_TUNE_PRODUCTS_H

#include "exec.h"

// One product, and a node of the run that is it: the op with its attributes (bias, activation), and the
// shapes of what it takes.
struct vv_job {
    struct vv_product product;
    const struct vv_op *op;
    struct vv_attributes attr;
    uint32_t inputs;
    struct vv_shape in[VV_MAX_INPUTS];
};

// Each product once, in the order in which they are met.
struct vv_jobs {
    struct vv_context *ctx;
    struct vv_job *list;
    uint32_t count, room;
};

// Compiles tapes by adding their products to `jobs`, which outlives it; writes nothing, reads zeros.
struct vv_exec *vv_collector_create(struct vv_store *store, const struct vv_limits *limits,
                                    struct vv_jobs *jobs);
void vv_jobs_finish(struct vv_jobs *jobs);  // takes a zeroed one

#endif
