// What a measurement made with an executor holds for.
#include "internal.h"
#include "kernel.h"

#include <stdio.h>

// FNV-1a, over all kernels with their names.
static uint64_t hash(uint64_t h, const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) h = (h ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
    return h;
}

static uint64_t hash_kernels(void) {
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < vv_kernel_count; i++) {
        h = hash(h, vv_kernels[i].name, strlen(vv_kernels[i].name) + 1);
        h = hash(h, vv_kernels[i].words, vv_kernels[i].bytes);
    }
    return h;
}

void vv_vulkan_identify(const struct vv_exec *e, struct vv_identity *identity) {
    const struct vv_vulkan *vk = (const struct vv_vulkan *)e;
    VkPhysicalDeviceProperties properties;
    vkGetPhysicalDeviceProperties(vk->gpu.handle, &properties);
    *identity = (struct vv_identity){.shaders = hash_kernels()};
    (void)snprintf(identity->device, sizeof identity->device, "%s", vk->gpu.info.uuid_text);
    (void)snprintf(identity->driver, sizeof identity->driver, "%s, %08x", vk->gpu.info.driver,
                   properties.driverVersion);
    for (char *c = identity->driver; *c; c++)  // a line, whatever a driver calls itself
        if ((unsigned char)*c < ' ') *c = ' ';
}
