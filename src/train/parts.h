// What a trainer is made of: trainer.c makes it, step.c builds its tapes, epoch.c runs them.
#ifndef VV_TRAIN_PARTS_H
#define VV_TRAIN_PARTS_H

#include <assert.h>

#include "feed.h"
#include "objective.h"
#include "statistics.h"
#include "trainer.h"

// A pass over a set: its pictures, its clock, table and log, and two programs: one for full batches, one
// for the last, smaller batch (NULL when there is none).
struct vv_sweep {
    struct vv_feed feed;
    struct vv_state *clock, *table, *log;
    uint32_t count, batch, steps, stream;
    struct vv_tape tape[2];
    struct vv_program *program[2];
    struct vv_program *watched[2];  // with a profile: the same tapes again
    bool ran[2];
};

struct vv_trainer_parts {
    struct vv_state *grads;
    struct vv_state *sum,
        *seen;  // with --accumulate: of gradients, of moments of the batches; else NULL
    struct vv_statistics statistics;  // of a model with running ones
    struct vv_position whole;         // where the group that is on its way began
    struct vv_position trained;       // the end of the last epoch's steps, before its test
    float
        *begun[VV_KEPT_STATES];  // with --on-nan rollback: states as they were at the epoch's beginning
    struct vv_sweep train, test;
    struct vv_kl_rule kl;      // with states of ours where it is weighed
    float *costs;              // of an epoch's steps, of kl.log; NULL: it is not weighed
    struct vv_step_row *rows;  // of an epoch's table
    float *log;                // of an epoch
    uint32_t *order;           // of its pictures
};

enum { VV_LOG_RECON, VV_LOG_KL, VV_LOG_COLUMNS };  // as vv_record has them

// Pictures of a full batch, or of the last one; 0: there is no such.
static inline uint32_t vv_sweep_batch(const struct vv_sweep *sweep, bool last) {
    assert(sweep->batch > 0);
    return last ? sweep->count % sweep->batch : sweep->batch;
}

// With --on-nan rollback: keeps what the states are now, and goes back to that.
bool vv_trainer_remember(struct vv_trainer *trainer);
bool vv_trainer_go_back(struct vv_trainer *trainer);

// Builds, compiles and, unless `print` is NULL, prints the tapes of both passes.
bool vv_steps_compile(struct vv_trainer *trainer, FILE *print);

#endif
