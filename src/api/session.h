// What training and choosing kernels share: a run from its options to its executor.
#ifndef VV_API_SESSION_H
#define VV_API_SESSION_H

#include <vkvae/vkvae.h>

#include "dataset.h"
#include "loader.h"
#include "profiler.h"
#include "run.h"
#include "tuning.h"

// All that a call of vkvae_train, or of vkvae_autotune, holds.
struct vv_session {
    struct vv_context *ctx;
    const vkvae_train_options *options;
    const struct vv_retry *again;  // what was tried before; NULL: nothing
    bool begun;                    // all was ready, and the run's folder is its own
    struct vv_settings settings;
    struct vv_resume resume;
    struct vv_config_record asked;  // with `resume`: how the run was asked for until now
    vkvae_reading reading;          // in force: as asked for, or as the continued run has it
    struct vv_dataset set;
    uint32_t classes, skipped;  // of the set, as vkvae_start has them
    char normalize[16];
    struct vv_shapes drawn;  // of a set that is
    struct vv_loader loader;
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_run_tuning tuning;
    struct vv_trainer trainer;
    struct vv_profile profile;
    struct vv_peak peak;
    struct vv_run run;
    struct vv_save_every save_every;
    vkvae_train_result result;
};

// Looks at the options, and finds the settings and the sizes of the set.
bool vv_session_settle(struct vv_session *s);
// The second part of that: the options are fit to be looked at one by one, and the folder is claimed.
bool vv_session_take(struct vv_session *s);
// Whether the set has the sizes that a continued run wants.
bool vv_session_alike(const struct vv_session *s);
// The pictures, which a loader that was started has read until now.
bool vv_session_load(struct vv_session *s);
// Of what is settled: the set, the device, and the trainer there with its initial weights.
bool vv_session_begin(struct vv_session *s);
void vv_session_finish(struct vv_session *s);

// The kernels of each product, where not the fixed table chooses: measured, the run's own, or those of
// the run that is repeated. For what is compiled from now on.
bool vv_session_choose_kernels(struct vv_session *s);

#endif
