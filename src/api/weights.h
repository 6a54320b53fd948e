// The weights of what is named as a run: a folder's, or a checkpoint file.
#ifndef VV_API_WEIGHTS_H
#define VV_API_WEIGHTS_H

#include "checkpoint.h"

// The path of the file, which the caller frees, also where it could not be read; NULL: out of memory.
// Where a folder has a save that the file can be made anew from, the error says how.
char *vv_weights_read(struct vv_context *ctx, const char *run, struct vv_checkpoint *checkpoint,
                      bool *ok);

#endif
