// Whether the disk has room for what a run writes, asked before it trains.
#ifndef VV_API_ROOM_H
#define VV_API_ROOM_H

#include "run.h"

// VV_FAILED where not even the first save fits; a warning where the saves and pictures of all epochs may
// not. `folder`, the run's, need not be there yet; NULL: nothing is written. What is in it and will be
// replaced (run->resumed, run->force) counts as room.
bool vv_room_check(const struct vv_run *run, const struct vv_trainer *trainer, const char *folder);

#endif
