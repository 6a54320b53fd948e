// The public handle, and what its functions share.
#ifndef VV_API_HANDLE_H
#define VV_API_HANDLE_H

#include <vkvae/vkvae.h>

#include "exec.h"
#include "vulkan.h"

struct vkvae {
    struct vv_context ctx;
    vkvae_log_fn log;
    void *log_user;
};

// An executor over a store, as asked for; NULL with the error set. `saved`: the kernels of the run that
// is continued, used again unless the options name others; NULL for a new run.
struct vv_exec *vv_open_device(struct vv_store *store, const vkvae_device_options *options,
                               const char *saved);
// The same, of the device alone that a description tells of, where that is not NULL.
struct vv_exec *vv_open_same(struct vv_store *store, const vkvae_device_options *options,
                             const char *saved, const char *same);

// A second executor on the device that the options mean, for measurements.
struct vv_exec *vv_open_again(struct vv_store *store, const vkvae_device_options *options);

// Whether a user's words mean the reference, and not a Vulkan device; NULL does not.
bool vv_is_reference(const char *device);

// The context's status after a call; `ok` is what the call returned.
vkvae_status vv_result(struct vv_context *ctx, bool ok);

#endif
