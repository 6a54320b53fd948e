// NumPy's .npz (numpy.lib.format): which arrays one holds.
#ifndef VV_DATA_NPZ_H
#define VV_DATA_NPZ_H

#include "zip.h"

// The array `name`, which is the member name.npy. NULL: there is none.
const struct vv_zip_member *vv_npz_find(const struct vv_zip *zip, const char *name);
bool vv_npz_is_called(const struct vv_zip_member *member, const char *name);

// For messages: "x, y", of many the first, or "none".
const char *vv_npz_names(struct vv_arena *arena, const struct vv_zip *zip);

#endif
