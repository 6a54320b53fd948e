#include "handle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "leftover.h"
#include "selftest.h"

const char *vkvae_version(void) {
    return VV_VERSION;
}

vkvae *vkvae_create(void) {
    vkvae *v = calloc(1, sizeof *v);
    if (v) vv_context_init(&v->ctx);
    return v;
}

void vkvae_destroy(vkvae *v) {
    free(v);
}

const char *vkvae_error(const vkvae *v) {
    return v->ctx.error;
}

static void forward(void *user, enum vv_log_level level, const char *line) {
    const vkvae *v = user;
    v->log(v->log_user, level == VV_LOG_WARNING, line);
}

void vkvae_set_log(vkvae *v, vkvae_log_fn log, void *user) {
    v->log = log;
    v->log_user = user;
    v->ctx.log = log ? forward : NULL;
    v->ctx.log_user = v;
}

void vkvae_free(void *memory) {
    free(memory);
}

void vkvae_remove_unfinished(void) {
    vv_leftover_remove();
}

vkvae_status vv_result(struct vv_context *ctx, bool ok) {
    if (ok) return VKVAE_OK;
    if (ctx->status == VV_OK)
        (void)vv_fail(ctx, VV_FAILED, "failed without a reason; please report this");
    return (vkvae_status)ctx->status;
}

bool vv_is_reference(const char *device) {
    return device && strcmp(device, "reference") == 0;
}

static struct vv_exec *open_reference(struct vv_store *store, const char *wanted, bool continued) {
    if (wanted && strcmp(wanted, "reference") != 0 && !continued) {
        (void)vv_fail(store->ctx, VV_USAGE,
                      "--kernels %s: the reference device has no kernels to choose; leave it out",
                      wanted);
        return NULL;
    }
    if (wanted && strcmp(wanted, "reference") != 0) {
        (void)vv_fail(
            store->ctx, VV_FAILED,
            "the reference device has no kernels '%s'; continue on the device of the run, or take "
            "--kernels auto, which may change the last bits of the results",
            wanted);
        return NULL;
    }
    return vv_reference_create(store, NULL);
}

static struct vv_exec *open_vulkan(struct vv_store *store, const vkvae_device_options *options,
                                   const char *kernels, const char *same) {
    char room[4096];
    const struct vv_vulkan_options vulkan = {.device = options->device,
                                             .same = same,
                                             .minimum_limits = options->minimum_limits,
                                             .validate = options->validate,
                                             .timeout = options->timeout,
                                             .kernels = kernels,
                                             .cache = vv_cache_folder(room, sizeof room)};
    return vv_vulkan_create(store, &vulkan);
}

struct vv_exec *vv_open_again(struct vv_store *store, const vkvae_device_options *options) {
    return open_vulkan(store, options, NULL, NULL);
}

struct vv_exec *vv_open_same(struct vv_store *store, const vkvae_device_options *options,
                             const char *saved, const char *same) {
    const char *asked = options->kernels;
    const char *wanted = !asked ? saved : strcmp(asked, "auto") == 0 ? NULL : asked;
    const bool reference = vv_is_reference(options->device);
    struct vv_exec *exec = reference ? open_reference(store, wanted, saved != NULL)
                                     : open_vulkan(store, options, wanted, same);
    if (!exec) return NULL;
    if (!vv_selftest_noise(exec)) {
        vv_exec_destroy(exec);
        return NULL;
    }
    vv_say(store->ctx, VV_LOG_INFO, "device: %s, kernels: %s", exec->description, exec->kernels);
    if (!reference) vv_vulkan_explain(exec);
    return exec;
}

struct vv_exec *vv_open_device(struct vv_store *store, const vkvae_device_options *options,
                               const char *saved) {
    return vv_open_same(store, options, saved, NULL);
}
