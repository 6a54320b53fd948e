// Training: epochs over a set on an executor, the test after each, and what a resumed run needs.
#ifndef VV_TRAIN_TRAINER_H
#define VV_TRAIN_TRAINER_H

#include <stdio.h>

#include "dataset.h"
#include "exec.h"
#include "kl_schedule.h"
#include "latents.h"
#include "model.h"
#include "profile.h"
#include "settings.h"

// Nats. Sums over images, or means per image, as said where it is used.
struct vv_losses {
    double recon, kl;
    double cost;  // what of the KL divergence is minimised: recon + cost is the objective
};

#define VV_TEST_SHOWN 8  // pictures to test on that are always on the device, where there are so many

// How far a run is. Together with the parameters and moments all that a run is made of.
struct vv_position {
    uint32_t epoch;  // whole epochs trained
    uint32_t step;   // steps done of the next one; with --accumulate batches, whole groups of them; all
                     // of them: a stop came before its test was done
    struct vv_losses partial;  // sums over the images of those steps, added in order of the steps
    uint32_t rollbacks;        // of --on-nan rollback until now, each of which halved the learning rate
};

// The states that a run is continued from.
enum vv_kept {
    VV_KEPT_PARAMS,
    VV_KEPT_M,  // moments of the optimiser
    VV_KEPT_V,
    VV_KEPT_RUNNING,  // statistics
    VV_KEPT_EMA,      // averaged weights
    VV_KEPT_EMA_RUNNING,
    VV_KEPT_STATES
};

// Asked and told between submissions; any function may be NULL.
struct vv_hooks {
    void *user;
    uint32_t until;  // stop once so many steps of the epoch are done; 0: at its end
    bool (*stop)(void *user);
    // Once, when the first step is done and the next ones are on their way: the time to make what is
    // needed later. False, with the error set, ends the epoch as failed.
    bool (*idle)(void *user);
    // In the midst of an epoch, all steps until there done and none on its way: after each step of the
    // optimiser whose number in the run is a multiple of `save_steps` (0: none is), and when it is
    // `due`. False, with the error set, ends the epoch as failed.
    bool (*save)(void *user);
    uint64_t save_steps;
    bool (*due)(void *user);
    // `loss`: mean per image so far in this epoch; `fresh` steps were done in `seconds`.
    void (*progress)(void *user, uint32_t step, uint32_t steps, double loss, double seconds,
                     uint32_t fresh);
};

enum vv_outcome { VV_EPOCH_FAILED, VV_EPOCH_STOPPED, VV_EPOCH_DONE };

struct vv_trainer {
    struct vv_context *ctx;
    struct vv_exec *exec;
    struct vv_settings settings;
    struct vv_model model;
    struct vv_position position;
    uint32_t steps;             // of an epoch
    double submission_seconds;  // how long a submission should take: well under the watchdogs of desktop
                                // systems; tests change it
    bool diverged;  // the last epoch met a NaN or an infinity: weights and position are those before
                    // that step

    struct vv_normalization normalization;  // of the set, once that is loaded
    struct vv_vocabulary vocabulary;        // the same, of text

    struct vv_state *params, *m, *v;  // flat, [model.length]; moments that the optimiser has not: NULL
    struct vv_state *running;         // flat, [model.statistics]; NULL: the model has none
    struct vv_state *ema, *ema_running;  // with --ema: averages of both, laid out likewise
    // u8 or f32 [pictures, pixels]: those to test on, or of a set that streams the first VV_TEST_SHOWN.
    struct vv_state *test_data;
    struct vv_latents latents;  // of the last test
    struct vv_trainer_parts *parts;
    struct vv_profile *profile;  // NULL: none
};

// What changes no byte of a run.
struct vv_trainer_options {
    FILE *print;           // the tapes are printed there; NULL: nowhere
    uint64_t data_memory;  // bytes of the device for the set; a larger one streams; 0: what it can spare
};

// Builds and compiles the tapes for a set, of which only the sizes are looked at, and whether pixels are
// floats. Parameters have their initial values. `options`: NULL for none.
bool vv_trainer_init(struct vv_trainer *trainer, struct vv_exec *exec,
                     const struct vv_settings *settings, const struct vv_dataset *set,
                     const struct vv_trainer_options *options);
// Once it is made: epochs are profiled. The profile outlives the trainer.
bool vv_trainer_profile(struct vv_trainer *trainer, struct vv_profile *profile);
// The likelihood's scale, that of all pixels; 0 where there is none.
bool vv_trainer_sigma(struct vv_trainer *trainer, double *sigma);
// What is tested and drawn with: the averaged weights, where there are such.
struct vv_weights vv_trainer_weights(const struct vv_trainer *trainer);
// NULL: this run has no such state.
struct vv_state *vv_trainer_kept(const struct vv_trainer *trainer, enum vv_kept which);
// With --on-nan rollback, of an epoch that is begun: the same as it was at its beginning; else NULL.
// vv_trainer_set_begun takes over such a copy, which is the caller's no more.
const float *vv_trainer_begun(const struct vv_trainer *trainer, enum vv_kept which);
void vv_trainer_set_begun(struct vv_trainer *trainer, enum vv_kept which, float *values);
// Of a step with a full batch.
const struct vv_plan *vv_trainer_plan(const struct vv_trainer *trainer);
// Puts the set on the executor's device, or takes over what streams. Its pixels and its normalization
// are lost to the caller: it can only be finished.
bool vv_trainer_load(struct vv_trainer *trainer, struct vv_dataset *set, uint32_t checksum);
void vv_trainer_finish(struct vv_trainer *trainer);  // takes a zeroed or half-built one

// Trains the next epoch, or what is left of it. DONE: `train` are the epoch's means per image and
// position.epoch went up by one. STOPPED: position.step says where.
enum vv_outcome vv_trainer_epoch(struct vv_trainer *trainer, const struct vv_hooks *hooks,
                                 struct vv_losses *train);

// The test of the epoch that was DONE just now; hooks->stop is asked. DONE: as vv_trainer_test. STOPPED:
// position is back at the end of that epoch's steps, from which vv_trainer_epoch is DONE at once.
enum vv_outcome vv_trainer_epoch_test(struct vv_trainer *trainer, const struct vv_hooks *hooks,
                                      struct vv_losses *test);

// Means per image over the test set, with one z sampled for each image: a function of the weights, the
// seed and position.epoch. trainer->latents are of it, too.
bool vv_trainer_test(struct vv_trainer *trainer, struct vv_losses *test);

// How the KL divergence counted in the last step before position, or will in the first.
struct vv_kl_step vv_trainer_kl(const struct vv_trainer *trainer);

#endif
