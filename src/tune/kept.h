// What was measured, kept in a file from one start to the next: one for each device and size of its
// subgroups. A file of another driver or program, or one that is damaged, is as if it were not there.
#ifndef VV_TUNE_KEPT_H
#define VV_TUNE_KEPT_H

#include "measure.h"

// What a measurement holds for.
struct vv_tuning_key {
    char device[40];   // UUID
    char driver[280];  // one line
    uint64_t shaders;  // a hash of the kernels built in
    struct vv_limits limits;
};

// FOLDER/tuning-UUID-LANES.txt, which the caller frees. NULL: memory is out.
char *vv_kept_path(const char *folder, const struct vv_tuning_key *key);

// Adds what the file says to `m`. False, leaving `m` empty: there is none, or it is not for the key.
bool vv_kept_read(const char *path, const struct vv_tuning_key *key, struct vv_measurements *m);
// Adds `m` to what the file says, which others may have written meanwhile. Atomic; the folder is created
// where it is missing. False with the context's error set.
bool vv_kept_write(struct vv_context *ctx, const char *path, const struct vv_tuning_key *key,
                   const struct vv_measurements *m);

// The same for bytes alone: whether a text ends in the checksum of what stands before it, which is then
// cut off; and a text with its checksum, which the caller frees.
bool vv_kept_unseal(char *text, size_t size);
char *vv_kept_seal(struct vv_context *ctx, const char *text);

#endif
