// The folder of a run among folders of pictures: the PNGs in it were drawn by a model.
#ifndef VV_DATA_RUN_FOLDER_H
#define VV_DATA_RUN_FOLDER_H

#include <stdbool.h>

// Whether a folder holds resume.safetensors, or a config.json with "record".
bool vv_is_run_folder(const char *folder);

#endif
