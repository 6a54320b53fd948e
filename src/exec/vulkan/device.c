// The logical device and its one queue.
#include "internal.h"

VkResult vv_device_create(const struct vv_gpu *gpu, VkDevice *device) {
    const char *extensions[2];
    uint32_t count = 0;
    if (gpu->portability) extensions[count++] = "VK_KHR_portability_subset";
    if (gpu->pins_subgroups) extensions[count++] = VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME;

    VkPhysicalDeviceSubgroupSizeControlFeaturesEXT subgroups = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES_EXT,
        .subgroupSizeControl = VK_TRUE,
        .computeFullSubgroups = VK_TRUE,
    };
    const VkPhysicalDeviceFeatures features = {.shaderInt64 = gpu->info.limits.int64};
    const float priority = 1;
    VkDeviceQueueCreateInfo queue = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
        .queueFamilyIndex = gpu->queue_family,
        .queueCount = 1,
        .pQueuePriorities = &priority,
    };
    VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
        .pNext = gpu->pins_subgroups ? &subgroups : NULL,
        .queueCreateInfoCount = 1,
        .pQueueCreateInfos = &queue,
        .enabledExtensionCount = count,
        .ppEnabledExtensionNames = extensions,
        .pEnabledFeatures = &features,
    };
    *device = VK_NULL_HANDLE;
    return vkCreateDevice(gpu->handle, &info, NULL, device);
}

void vv_device_destroy(VkDevice device) {
    PFN_vkDestroyDevice destroy =
        (PFN_vkDestroyDevice)(void (*)(void))vkGetDeviceProcAddr(device, "vkDestroyDevice");
    destroy(device, NULL);
}

void vv_device_init(struct vv_vulkan *vk) {
    volkLoadDeviceTable(&vk->vk, vk->device);
    vk->vk.vkGetDeviceQueue(vk->device, vk->gpu.queue_family, 0, &vk->queue);
    vkGetPhysicalDeviceMemoryProperties(vk->gpu.handle, &vk->memory);
}

void vv_device_finish(struct vv_vulkan *vk) {
    if (vk->device) vk->vk.vkDestroyDevice(vk->device, NULL);
    vk->device = VK_NULL_HANDLE;
}

void vv_set_name(const struct vv_vulkan *vk, VkObjectType type, uint64_t handle, const char *name) {
    if (!vk->instance.set_name) return;
    VkDebugUtilsObjectNameInfoEXT info = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT,
        .objectType = type,
        .objectHandle = handle,
        .pObjectName = name,
    };
    (void)vk->instance.set_name(vk->device, &info);  // a name is a nicety
}
