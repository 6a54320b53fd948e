// Folders of PNG and JPEG files as a set of pictures of one size.
#ifndef VV_DATA_FOLDER_H
#define VV_DATA_FOLDER_H

#include "dataset.h"
#include "reading.h"

// Bytes of one picture of a set.
#define VV_FOLDER_STRIDE_MAX (UINT64_C(1) << 30)

// Whether a folder, or a folder below it, holds a file that is named as a PNG or JPEG file is. Those in
// a run's folder do not count.
bool vv_folder_has_pictures(const char *path);

// Finds, decodes (with all cores) and divides the pictures of a folder, or takes what an earlier call
// kept in the cache's folder. Sub-folders are classes, their names in alphabetical order the labels;
// where there are the sub-folders `train` and `test` these are the parts, with classes below. Pixels are
// in place, in memory or in a file of the cache that is mapped there.
bool vv_folder_open(struct vv_context *ctx, const char *path, const struct vv_reading *reading,
                    struct vv_dataset *set);

#endif
