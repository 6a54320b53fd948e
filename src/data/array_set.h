// Arrays and tables of numbers as sets: .npy, .npz, .csv.
#ifndef VV_DATA_ARRAY_SET_H
#define VV_DATA_ARRAY_SET_H

#include "arena.h"
#include "dataset.h"
#include "reading.h"

// Reads the set whole.
bool vv_array_set_open(struct vv_arena *arena, const char *path, const struct vv_reading *reading,
                       struct vv_dataset *set);

#endif
