// How files are read, in the three forms that it has: as a user says it, as readers want it, and as a
// run keeps it.
#ifndef VV_API_HOW_H
#define VV_API_HOW_H

#include <vkvae/vkvae.h>

#include "reading.h"
#include "settings.h"

// What there is when nothing is said.
extern const vkvae_reading vv_reading_usual;

// VV_USAGE, naming the option, where a value cannot be. The result's texts are the argument's.
bool vv_reading_check(struct vv_context *ctx, const vkvae_reading *from, struct vv_reading *to);

// For a set that was opened: paths as seen from the root, so that they are found from any folder.
// `data`: the set's path.
bool vv_reading_keep(struct vv_context *ctx, const vkvae_reading *from, const char *data,
                     struct vv_data_how *to);
// The shapes of a set that is drawn, as a run keeps them.
vkvae_shapes vv_shapes_kept(const struct vv_settings *settings);
// The other way; points into `how`.
vkvae_reading vv_reading_kept(const struct vv_data_how *how);

#endif
