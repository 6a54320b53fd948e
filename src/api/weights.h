// The weights of what is named as a run: a folder's, or a checkpoint file.
#ifndef VV_API_WEIGHTS_H
#define VV_API_WEIGHTS_H

#include "checkpoint.h"

// Adds to the error of a file of a run that is damaged or missing how it is made anew, where there is a
// sound save.
void vv_weights_tell_remedy(struct vv_context *ctx, const char *folder);

// The path of the file, which the caller frees, also where it could not be read; NULL: out of memory.
// The error tells the remedy.
char *vv_weights_read(struct vv_context *ctx, const char *run, struct vv_checkpoint *checkpoint,
                      bool *ok);

#endif
