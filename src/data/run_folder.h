// The folder of a run among folders of pictures: the PNGs in it were drawn by a model.
#ifndef VV_DATA_RUN_FOLDER_H
#define VV_DATA_RUN_FOLDER_H

#include "context.h"

// *is: whether a folder holds resume.safetensors, or a config.json with "record". false, with the error:
// the disk does not tell.
bool vv_run_folder_look(struct vv_context *ctx, const char *folder, bool *is);

#endif
