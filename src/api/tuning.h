// The kernels of a run's products, where they are not left to the fixed table: measured, known from the
// cache, or those of the run that is continued or repeated.
#ifndef VV_API_TUNING_H
#define VV_API_TUNING_H

#include <vkvae/vkvae.h>

#include "dataset.h"
#include "kept.h"
#include "settings.h"

// Zeroed: nothing is tuned. It outlives what is compiled with it.
struct vv_run_tuning {
    struct vv_tuning tuning;
    struct vv_jobs jobs;           // the run's products
    struct vv_measurements known;  // of the device, more than the run's
    struct vv_tuning_key key;
    char *path;  // of the cache; NULL: none
    uint32_t measured;
    double seconds;  // that it took
};

// What is asked of a measurement.
struct vv_tuning_request {
    const vkvae_train_options *options;
    const struct vv_settings *settings;
    const struct vv_dataset *set;
    bool force;
    void (*on_product)(void *user, const vkvae_product *product);  // may be NULL
    void *user;
};

// Takes what the cache knows of the run's products on exec's device, measures the rest, keeps it, and
// makes exec use it.
bool vv_tuning_make(struct vv_run_tuning *t, struct vv_exec *exec,
                    const struct vv_tuning_request *request);

// What settings (of the run in `run`) say, with the lanes of their kernels: VV_BAD_DATA when that is no
// tuning, VV_FAILED when exec's device cannot do as it says.
bool vv_tuning_reuse(struct vv_run_tuning *t, struct vv_exec *exec, const char *run, const char *kernels,
                     const char *tuning);

// Into settings->tuning.
void vv_tuning_save(const struct vv_run_tuning *t, struct vv_settings *settings);
void vv_tuning_finish(struct vv_run_tuning *t);

void vv_tuning_key_of(const struct vv_exec *exec, struct vv_tuning_key *key);
// "UUID DRIVER HASH"
void vv_tuning_key_print(const struct vv_tuning_key *key, char *text, size_t size);
// Forgets the width of vectors that was kept for such a run under another key. False: it could not.
bool vv_vectors_check(struct vv_context *ctx, const vkvae_train_options *options, const char *key);

#endif
