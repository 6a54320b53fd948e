// What a run's folder or a checkpoint file tells, without a device.
#ifndef VV_API_DESCRIBE_H
#define VV_API_DESCRIBE_H

#include <vkvae/vkvae.h>

#include "run.h"

// The tensors of a checkpoint. `list` is malloc'ed, NULL when there are none.
struct vv_tensor_list {
    vkvae_tensor *list;
    uint32_t count;
};

// A run's folder that was scanned. What is damaged or missing is info->problem; false, with the
// context's error set only where memory is out: nothing could be read at all.
bool vv_describe_run(struct vv_context *ctx, const char *folder, const struct vv_run_files *files,
                     vkvae_run_info *info, struct vv_tensor_list *tensors);

// A checkpoint file.
bool vv_describe_checkpoint(struct vv_context *ctx, const char *path, vkvae_run_info *info,
                            struct vv_tensor_list *tensors);

// Into an array of `size` bytes; what is too long is cut, between two characters.
void vv_describe_text(char *to, size_t size, const char *text);

#endif
