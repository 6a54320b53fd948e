// A trained model in use: what a call of use.h holds, from its options to an executor with the weights.
#ifndef VV_API_USED_H
#define VV_API_USED_H

#include <vkvae/vkvae.h>

#include "checkpoint.h"
#include "exec.h"

// Pictures that lie behind each other: one part of the set, or both.
struct vv_used_part {
    const struct vv_images *images;
    uint32_t count;  // of them, the first
    uint32_t half;   // as vv_binarize has it
};

struct vv_used {
    struct vv_context *ctx;
    const vkvae_use *use;
    struct vv_checkpoint run;
    bool configured;  // there is a config.json, and `settings` are of it
    struct vv_settings settings;
    struct vv_dataset set;
    bool every_class;             // set between: not only those that its own set was taken of
    bool own;                     // it is the one that the run was trained on
    struct vv_used_part part[2];  // what is looked at; the second may be empty
    uint32_t count;               // of both
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_weights weights;
    double told;  // when progress was
};

// Reads the run or the checkpoint; no device, no data. What follows takes one that this began, also
// where it failed.
bool vv_used_begin(struct vv_used *used, struct vv_context *ctx, const vkvae_use *use);
// Reads the set that is meant, and chooses the part.
bool vv_used_load(struct vv_used *used);
// The same for the half of a set alone, whatever `part` says: "train", "test", "all".
bool vv_used_choose(struct vv_used *used, const char *part);
// Turns to what the model was trained on: of its own set, the first `limit` pictures of the part to
// train on. Those of before are gone.
bool vv_used_turn(struct vv_used *used, uint32_t limit);
// Opens the device, and puts the weights there.
bool vv_used_open(struct vv_used *used);
void vv_used_finish(struct vv_used *used);  // takes a zeroed one

// Puts what a checkpoint has learnt into the states of its model, which have memory.
bool vv_weights_write(struct vv_exec *exec, const struct vv_checkpoint *run,
                      const struct vv_weights *weights);

// Pictures first .. first + count - 1 of those that are looked at, as the model is tested with them
// (drawn to be 0 or 1, where it was trained so), from 0 to 1.   x [count,pixels]
void vv_used_pictures(const struct vv_used *used, uint32_t first, uint32_t count, float *x);
// Whether all of them have a label; and that of one.
bool vv_used_has_labels(const struct vv_used *used);
uint32_t vv_used_label(const struct vv_used *used, uint32_t i);
// The name of a class in `text`: the set's, or the label's number.
void vv_used_class(const struct vv_used *used, uint32_t label, char text[64]);

// VV_USAGE where the model is of text: `what` is for pictures.
bool vv_used_need_pictures(const struct vv_used *used, const char *what);

// VV_USAGE where its encoder has more latent numbers than principal.h looks for components of.
bool vv_used_check_components(const struct vv_used *used);
// VV_USAGE where a number is none from `least` to `most`.
bool vv_check_whole(struct vv_context *ctx, const char *option, uint32_t value, uint32_t least,
                    uint32_t most);

// Tells how far it is, at most a few times a second, and at the end.
void vv_used_tell(struct vv_used *used, uint64_t done, uint64_t all);

#endif
