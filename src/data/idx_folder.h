// A folder of IDX files as a set.
#ifndef VV_DATA_IDX_FOLDER_H
#define VV_DATA_IDX_FOLDER_H

#include "arena.h"
#include "dataset.h"
#include "reading.h"

extern const char vv_idx_expected[];  // the files of a set, for messages

// Whether a folder has a file of pictures to train on, or to test on. False: out of memory.
bool vv_idx_folder_holds(struct vv_arena *arena, const char *folder, bool *holds);

// The sizes of both parts, cut to the limit; then what they hold.
bool vv_idx_folder_open(struct vv_arena *arena, const char *folder, const struct vv_reading *reading,
                        struct vv_dataset *set);
bool vv_idx_folder_read(struct vv_arena *arena, const char *folder, struct vv_dataset *set);

#endif
