#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"
#include "size.h"

_Static_assert(sizeof((vkvae_device *)0)->uuid == sizeof((struct vv_device_info *)0)->uuid_text &&
                   sizeof((vkvae_device *)0)->name == sizeof((struct vv_device_info *)0)->name &&
                   sizeof((vkvae_device *)0)->type == sizeof((struct vv_device_info *)0)->type &&
                   sizeof((vkvae_device *)0)->driver == sizeof((struct vv_device_info *)0)->driver &&
                   sizeof((vkvae_device *)0)->api_version ==
                       sizeof((struct vv_device_info *)0)->api_version &&
                   sizeof((vkvae_device *)0)->reason == sizeof((struct vv_device_info *)0)->reason,
               "texts are copied whole");

static void copy_device(const struct vv_device_info *in, vkvae_device *out) {
    *out = (vkvae_device){
        .index = in->index,
        .memory_bytes = in->memory_bytes,
        .drivers = in->drivers,
        .usable = in->usable,
        .subgroup_size = in->limits.subgroup_size,
        .max_invocations = in->limits.max_invocations,
        .max_shared_bytes = in->limits.max_shared_bytes,
        .max_texel_elements = in->limits.max_texel_elements,
        .max_storage_range = in->limits.max_storage_range,
    };
    memcpy(out->uuid, in->uuid_text, sizeof out->uuid);
    memcpy(out->name, in->name, sizeof out->name);
    memcpy(out->type, in->type, sizeof out->type);
    memcpy(out->driver, in->driver, sizeof out->driver);
    memcpy(out->api_version, in->api_version, sizeof out->api_version);
    memcpy(out->reason, in->reason, sizeof out->reason);
}

static bool list(struct vv_context *ctx, const char *wanted, vkvae_device **devices, uint32_t *count,
                 uint32_t *chosen, char why[256]) {
    struct vv_device_info *found = NULL;
    *devices = NULL;
    if (vv_vulkan_list(ctx, wanted, &found, count, chosen, why))
        *devices = vv_alloc(ctx, *count, sizeof **devices);
    if (!*devices) *count = 0;
    for (uint32_t i = 0; i < *count; i++) copy_device(&found[i], &(*devices)[i]);
    free(found);
    return *devices != NULL;
}

vkvae_status vkvae_devices(vkvae *v, const char *wanted, vkvae_device **devices, uint32_t *count,
                           uint32_t *chosen, char why[256]) {
    struct vv_context *ctx = &v->ctx;
    vv_clear(ctx);
    if (!vv_is_reference(wanted)) return vv_result(ctx, list(ctx, wanted, devices, count, chosen, why));
    bool ok = list(ctx, NULL, devices, count, chosen, why);
    if (ctx->status == VV_NO_DEVICE) {  // the reference needs none
        vv_clear(ctx);
        ok = true;
    }
    *chosen = UINT32_MAX;
    (void)snprintf(why, 256, "scalar code on the host");
    return vv_result(ctx, ok);
}
