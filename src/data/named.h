// Sets that are known by name, and where they are searched.
#ifndef VV_DATA_NAMED_H
#define VV_DATA_NAMED_H

#include "arena.h"

// The folder of a set of that name: in $VKVAE_DATA, in the user's data folder or in /usr/share/datasets;
// the first that holds a set, else the first at all. VV_BAD_DATA names the folders that were searched
// and the sets that are there.
bool vv_named_find(struct vv_arena *arena, const char *name, const char **folder);

#endif
