// The list of physical devices.
#include "internal.h"
#include "size.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *type_name(VkPhysicalDeviceType type) {
    switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
        return "discrete";
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
        return "integrated";
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
        return "virtual";
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
        return "cpu";
    default:
        return "other";
    }
}

// What a device says of itself. Structs of extensions that it lacks stay zero.
struct answers {
    bool has_driver, has_subgroup_size, int64;
    VkPhysicalDeviceProperties2 properties;
    VkPhysicalDeviceIDProperties id;
    VkPhysicalDeviceSubgroupProperties subgroup;
    VkPhysicalDeviceMaintenance3Properties maintenance;
    VkPhysicalDeviceDriverPropertiesKHR driver;
    VkPhysicalDeviceSubgroupSizeControlPropertiesEXT size;
    VkPhysicalDeviceSubgroupSizeControlFeaturesEXT size_features;
};

static bool find_extensions(struct vv_context *ctx, struct vv_gpu *gpu, struct answers *a) {
    uint32_t count = 0;
    VkResult result = vkEnumerateDeviceExtensionProperties(gpu->handle, NULL, &count, NULL);
    if (!vv_vk_ok(ctx, result, "vkEnumerateDeviceExtensionProperties")) return false;
    VkExtensionProperties *list = vv_alloc(ctx, count, sizeof *list);
    if (!list) return false;
    result = vkEnumerateDeviceExtensionProperties(gpu->handle, NULL, &count, list);
    for (uint32_t i = 0; i < count && result == VK_SUCCESS; i++) {
        const char *name = list[i].extensionName;
        a->has_driver |= strcmp(name, VK_KHR_DRIVER_PROPERTIES_EXTENSION_NAME) == 0;
        a->has_subgroup_size |= strcmp(name, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME) == 0;
        gpu->tells_budget |= strcmp(name, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME) == 0;
        gpu->portability |= strcmp(name, "VK_KHR_portability_subset") == 0;
    }
    free(list);
    return vv_vk_ok(ctx, result, "vkEnumerateDeviceExtensionProperties");
}

static void ask(struct vv_gpu *gpu, struct answers *a) {
    a->size.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES_EXT;
    a->driver.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES_KHR;
    a->maintenance.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES;
    a->subgroup.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES;
    a->id.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES;
    a->properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
    a->properties.pNext = &a->id;
    a->id.pNext = &a->subgroup;
    a->subgroup.pNext = &a->maintenance;
    if (a->has_driver) a->maintenance.pNext = &a->driver;
    void **end = a->has_driver ? &a->driver.pNext : &a->maintenance.pNext;
    if (a->has_subgroup_size) *end = &a->size;
    vkGetPhysicalDeviceProperties2(gpu->handle, &a->properties);

    a->size_features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES_EXT;
    VkPhysicalDeviceFeatures2 features = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
        .pNext = a->has_subgroup_size ? &a->size_features : NULL,
    };
    vkGetPhysicalDeviceFeatures2(gpu->handle, &features);
    a->int64 = features.features.shaderInt64;
}

static void describe_driver(const struct answers *a, char driver[256]) {
    const VkPhysicalDeviceProperties *p = &a->properties.properties;
    if (a->driver.driverName[0])
        (void)snprintf(driver, 256, "%.120s%s%.120s", a->driver.driverName,
                       a->driver.driverInfo[0] ? " " : "", a->driver.driverInfo);
    else
        (void)snprintf(driver, 256, "driver version 0x%08x", p->driverVersion);
}

static void describe(const struct answers *a, struct vv_gpu *gpu) {
    struct vv_device_info *info = &gpu->info;
    const VkPhysicalDeviceProperties *p = &a->properties.properties;
    const uint8_t *u = a->id.deviceUUID;
    memcpy(info->uuid, u, sizeof info->uuid);
    (void)snprintf(info->uuid_text, sizeof info->uuid_text,
                   "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1],
                   u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14],
                   u[15]);
    (void)snprintf(info->name, sizeof info->name, "%s", p->deviceName);
    (void)snprintf(info->type, sizeof info->type, "%s", type_name(p->deviceType));
    (void)snprintf(info->api_version, sizeof info->api_version, "%u.%u.%u",
                   VK_API_VERSION_MAJOR(p->apiVersion), VK_API_VERSION_MINOR(p->apiVersion),
                   VK_API_VERSION_PATCH(p->apiVersion));
    describe_driver(a, info->driver);
    info->drivers = 1;
    gpu->vendor = p->vendorID;
    gpu->product = p->deviceID;
    gpu->driver = a->has_driver ? (uint32_t)a->driver.driverID : 0;
    memcpy(gpu->cache_uuid, p->pipelineCacheUUID, sizeof gpu->cache_uuid);
    gpu->max_allocation = a->maintenance.maxMemoryAllocationSize;

    VkPhysicalDeviceMemoryProperties memory;
    vkGetPhysicalDeviceMemoryProperties(gpu->handle, &memory);
    for (uint32_t i = 0; i < memory.memoryHeapCount; i++)
        if (memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT)
            info->memory_bytes += memory.memoryHeaps[i].size;
}

static uint32_t min_u32(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}
static uint64_t max_u64(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

// A driver whose subgroups vary in size may run a kernel in smaller ones than it reports, unless the
// pipeline can ask for the size: without that, its shuffles are not to be used.
static void describe_subgroups(const struct answers *a, struct vv_gpu *gpu) {
    struct vv_limits *l = &gpu->info.limits;
    bool fixed = !a->has_subgroup_size || a->size.minSubgroupSize == a->size.maxSubgroupSize;
    gpu->pins_subgroups = a->has_subgroup_size && a->size_features.subgroupSizeControl &&
                          a->size_features.computeFullSubgroups &&
                          (a->size.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT);
    l->subgroup_size = a->subgroup.subgroupSize ? a->subgroup.subgroupSize : 1;
    l->subgroup_shuffle = (a->subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT) &&
                          (a->subgroup.supportedOperations & VK_SUBGROUP_FEATURE_SHUFFLE_BIT) &&
                          (fixed || gpu->pins_subgroups);
}

static void describe_limits(const struct answers *a, struct vv_gpu *gpu) {
    const VkPhysicalDeviceLimits *from = &a->properties.properties.limits;
    struct vv_limits *l = &gpu->info.limits;
    l->is_cpu = a->properties.properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
    l->int64 = a->int64;
    l->max_invocations = min_u32(from->maxComputeWorkGroupInvocations, from->maxComputeWorkGroupSize[0]);
    const uint32_t *groups = from->maxComputeWorkGroupCount;
    l->max_groups = min_u32(groups[0], min_u32(groups[1], groups[2]));
    l->max_shared_bytes = from->maxComputeSharedMemorySize;
    l->max_texel_elements = from->maxTexelBufferElements;
    l->max_storage_range = from->maxStorageBufferRange;
    l->max_uniform_range = from->maxUniformBufferRange;
    l->offset_alignment = (uint32_t)max_u64(
        max_u64(from->minStorageBufferOffsetAlignment, from->minUniformBufferOffsetAlignment),
        max_u64(from->minTexelBufferOffsetAlignment, VV_BUFFER_UNIT));
    l->max_storage_buffers = from->maxPerStageDescriptorStorageBuffers;
    gpu->timestamp_seconds = 1e-9 * (double)from->timestampPeriod;
    describe_subgroups(a, gpu);
    l->matmul = vv_matmul_choose(l);
}

static bool find_queue_family(struct vv_gpu *gpu) {
    VkQueueFamilyProperties families[32];
    uint32_t count = sizeof families / sizeof *families;
    vkGetPhysicalDeviceQueueFamilyProperties(gpu->handle, &count, families);
    for (uint32_t i = 0; i < count; i++) {
        if (!(families[i].queueFlags & VK_QUEUE_COMPUTE_BIT)) continue;
        gpu->queue_family = i;
        // Ticks of no length tell nothing.
        gpu->timestamp_bits = gpu->timestamp_seconds > 0 ? families[i].timestampValidBits : 0;
        return true;
    }
    return false;
}

// Launches count on these.
static bool meets_floors(const struct vv_limits *l) {
    const struct vv_limits *least = &vv_limits_minimum;
    return l->max_invocations >= least->max_invocations && l->max_groups >= least->max_groups &&
           l->max_shared_bytes >= least->max_shared_bytes &&
           l->max_texel_elements >= least->max_texel_elements &&
           l->max_storage_range >= least->max_storage_range &&
           l->max_uniform_range >= least->max_uniform_range &&
           l->max_storage_buffers >= least->max_storage_buffers &&
           l->offset_alignment <= least->offset_alignment;
}

// Why a device cannot be used.
static void refuse(char reason[128], const char *format, ...) VV_PRINTF(2, 3);
static void refuse(char reason[128], const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(reason, 128, format, args);
    va_end(args);
}

static void judge(uint32_t api_version, struct vv_gpu *gpu) {
    struct vv_device_info *info = &gpu->info;
    if (api_version < VK_API_VERSION_1_1)
        refuse(info->reason, "its driver speaks Vulkan %s, and 1.1 is needed: update the driver",
               info->api_version);
    else if (!find_queue_family(gpu))
        refuse(info->reason, "it cannot compute: take another device");
    else if (!meets_floors(&info->limits))
        refuse(info->reason, "its limits are below what Vulkan promises: update the driver");
    else
        info->usable = true;
}

// What is wrong with one device is its own reason, and leaves the others usable.
static void inspect(struct vv_gpu *gpu) {
    struct answers a = {0};
    struct vv_context own;
    vv_context_init(&own);
    const bool told = find_extensions(&own, gpu, &a);
    // Of an old device only what 1.0 tells: its loader or driver may not know the rest.
    vkGetPhysicalDeviceProperties(gpu->handle, &a.properties.properties);
    uint32_t version = a.properties.properties.apiVersion;
    if (version >= VK_API_VERSION_1_1) ask(gpu, &a);
    describe(&a, gpu);
    describe_limits(&a, gpu);
    if (told)
        judge(version, gpu);
    else
        refuse(gpu->info.reason, "its driver does not list its extensions: update the driver");
}

// The same device under two drivers has one UUID. Some drivers leave it zero: those are not compared.
static struct vv_gpu *find_same(struct vv_gpu *gpus, uint32_t count, const struct vv_gpu *gpu) {
    static const unsigned char zero[16];
    if (memcmp(gpu->info.uuid, zero, 16) == 0) return NULL;
    for (uint32_t i = 0; i < count; i++)
        if (gpus[i].info.usable && memcmp(gpus[i].info.uuid, gpu->info.uuid, 16) == 0) return &gpus[i];
    return NULL;
}

// Duplicates are kept at the end of the list, the next driver of a device to be tried first.
static void fill(struct vv_gpu *list, const VkPhysicalDevice *handles, uint32_t there, uint32_t *count) {
    uint32_t spare = there;
    for (uint32_t i = 0; i < there; i++) {
        struct vv_gpu gpu = {.handle = handles[i], .info.index = *count};
        inspect(&gpu);
        struct vv_gpu *same = find_same(list, *count, &gpu);
        if (!same) {
            list[(*count)++] = gpu;
            continue;
        }
        same->info.drivers++;
        if (!gpu.info.usable) continue;
        while (same->other) same = &list[same->other];
        same->other = --spare;
        list[spare] = gpu;
    }
}

bool vv_gpus_find(struct vv_instance *instance, struct vv_gpu **gpus, uint32_t *count) {
    struct vv_context *ctx = instance->ctx;
    *gpus = NULL;
    *count = 0;
    VkPhysicalDevice handles[64];
    uint32_t there = sizeof handles / sizeof *handles;
    VkResult result = vkEnumeratePhysicalDevices(instance->handle, &there, handles);
    if (result == VK_ERROR_INITIALIZATION_FAILED || (result == VK_SUCCESS && there == 0))
        return vv_fail_without(ctx, "device");
    if (result != VK_INCOMPLETE && !vv_vk_ok(ctx, result, "vkEnumeratePhysicalDevices")) return false;
    struct vv_gpu *list = vv_alloc(ctx, there, sizeof *list);
    if (!list) return false;
    fill(list, handles, there, count);
    *gpus = list;
    return true;
}

bool vv_gpu_open(struct vv_gpu *gpus, uint32_t index, VkDevice *device) {
    struct vv_gpu *gpu = &gpus[index];
    for (;;) {
        VkResult result = vv_device_create(gpu, device);
        if (result == VK_SUCCESS) return true;
        *device = VK_NULL_HANDLE;
        refuse(gpu->refusal, "its driver does not open it (vkCreateDevice: %d, %s): update the driver",
               (int)result, vv_vk_meaning(result));
        if (!gpu->other) break;
        struct vv_gpu next = gpus[gpu->other];
        next.info.index = index;
        next.info.drivers = gpu->info.drivers;
        memcpy(next.refusal, gpu->refusal, sizeof next.refusal);
        *gpu = next;
    }
    gpu->info.usable = false;
    memcpy(gpu->info.reason, gpu->refusal, sizeof gpu->info.reason);
    return false;
}

static struct vv_device_info *copy_infos(struct vv_context *ctx, const struct vv_gpu *gpus,
                                         uint32_t count) {
    struct vv_device_info *infos = vv_alloc(ctx, count, sizeof *infos);
    for (uint32_t i = 0; i < count && infos; i++) infos[i] = gpus[i].info;
    return infos;
}

static void fail_with_list(struct vv_context *ctx, const struct vv_device_info *devices, uint32_t count,
                           const char *wanted, const char *why) {
    char list[768] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < count && used < sizeof list; i++) {
        const struct vv_device_info *d = &devices[i];
        int n =
            snprintf(list + used, sizeof list - used, "%s%u %s (%s, %s%s%s)", i ? ", " : "", d->index,
                     d->name, d->type, d->uuid_text, d->usable ? "" : ", unusable: ", d->reason);
        if (n > 0) used += (size_t)n;
    }
    if (wanted)
        (void)vv_fail(ctx, VV_NO_DEVICE, "device '%.100s' %s; the devices are: %s", wanted, why, list);
    else
        (void)vv_fail(ctx, VV_NO_DEVICE,
                      "no device is usable: mend what is said of each, or take --device reference; the "
                      "devices are: %s",
                      list);
}

struct vv_choice vv_gpu_choose(struct vv_context *ctx, const struct vv_gpu *gpus, uint32_t count,
                               const char *wanted) {
    struct vv_choice choice = {.index = UINT32_MAX};
    struct vv_device_info *infos = copy_infos(ctx, gpus, count);
    if (!infos) return choice;
    choice = vv_device_choose(infos, count, wanted);
    if (choice.index == UINT32_MAX) fail_with_list(ctx, infos, count, wanted, choice.why);
    free(infos);
    return choice;
}

// What a driver cannot open shows only when it is asked to.
static void try_each(struct vv_gpu *gpus, uint32_t count) {
    VkDevice device;
    for (uint32_t i = 0; i < count; i++)
        if (gpus[i].info.usable && vv_gpu_open(gpus, i, &device)) vv_device_destroy(device);
}

bool vv_vulkan_list(struct vv_context *ctx, const char *wanted, struct vv_device_info **devices,
                    uint32_t *count, uint32_t *chosen, char why[256]) {
    struct vv_instance instance;
    struct vv_gpu *gpus = NULL;
    *devices = NULL;
    *count = 0;
    *chosen = UINT32_MAX;
    why[0] = '\0';
    if (vv_instance_init(&instance, ctx, false) && vv_gpus_find(&instance, &gpus, count)) {
        try_each(gpus, *count);
        *devices = copy_infos(ctx, gpus, *count);
    }
    if (*devices) {
        const struct vv_choice choice = vv_device_choose(*devices, *count, wanted);
        *chosen = choice.index;
        memcpy(why, choice.why, sizeof choice.why);
    }
    free(gpus);
    vv_instance_finish(&instance);
    return *devices != NULL;
}
