// NumPy's .npz (numpy.lib.format): a .zip file with an .npy for each array.
#ifndef VV_DATA_NPZ_WRITE_H
#define VV_DATA_NPZ_WRITE_H

#include "safetensors.h"

// One member NAME.npy for each array, stored and not deflated, so that numpy.load maps the names to
// them; of any rank up to 4, 0 included. zip64 throughout: no array is too large. No two names are the
// same, and none is longer than VV_NPZ_NAME bytes. At most 65,535 arrays. The same arguments give the
// same bytes. Atomic.
enum { VV_NPZ_NAME = 1024 };
bool vv_npz_write(struct vv_context *ctx, const char *path, const struct vv_tensor *arrays,
                  uint32_t count);

#endif
