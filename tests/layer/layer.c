// A Vulkan layer that makes the devices below it other than they are, for an unmodified program. It is
// found by VK_ADD_LAYER_PATH and VK_INSTANCE_LAYERS=VK_LAYER_VKVAE_test, and steered by
// VKVAE_TEST_LAYER: words with commas between, each for all devices, or behind an @ for one of them,
// counted from 1; lost@N and oom@N count calls.
//   empty        no device                    twins        a second device, equal but for its UUID
//   other        the same of another name
//   duplicate    one device listed twice      discrete     it says that it is a discrete GPU
//   old          it speaks Vulkan 1.0         nocompute    no queue of it computes
//   below        less than Vulkan promises    small        1 MiB of memory
//   broken       vkCreateDevice fails         noise        kernels have another Philox multiplier
//   nosubgroups  subgroups cannot shuffle     wide         subgroups of twice the size
//   portability  it is hidden from whoever does not ask for such devices, and opens only with
//                VK_KHR_portability_subset enabled
//   texelproduct products that read texels subtract where they should add
//   unlisted     its extensions cannot be listed
//   nocache      vkCreatePipelineCache takes no data that were kept, and leaves a wrong handle
//   oom@N        the N-th vkAllocateMemory finds no memory
//   ticks@N      timestamps have N valid bits, and begin anew soon after the first of them; without @N
//                there are none
//   lost@N       the N-th of the vkQueueSubmit and vkWaitForFences loses the device, for good
//   least        it has the least limits of Vulkan 1.1, and no subgroup operations
//   nobarrier@N  the N-th vkCmdPipelineBarrier between kernels is not recorded
//   short@N      where the N-th storage buffer is to be bound, the smallest buffer made until then is
//   count        how many of both there were is written to standard error
//   nomemory@N, nohost@N, gone@N   the N-th of all calls that may fail, in the process, finds no memory
//   of
//                the device or the host, or loses the device
//   list         each of these calls is written to the file below ("call CALL")
//   dies         a device that was lost does not open again
//   hang@N       the N-th submission in the process never ends, nor what comes behind it; who destroys
//                anything of that device is ended, and who waits for it waits for ever
//   slow@MS      each command buffer takes so long at least; after@N: from the N-th submission on
// A file that VKVAE_TEST_LAYER_LOG names has a line for each call that failed ("failed CALL"), each
// submission ("submit COMMAND-BUFFERS"), each device's beginning ("begin") and its end ("end objects
// LEFT peak BYTES calls N"); of devices that are open at once one, of the first and of the last.
#include "faults.h"

#include <vulkan/vk_layer.h>

#include <stdlib.h>
#include <string.h>

#define SUBSET    "VK_KHR_portability_subset"
#define MOST_GPUS 16

// What the program sees for a device: the loader and other layers read the first word.
struct gpu {
    void *dispatch;
    VkPhysicalDevice below;
    uint32_t number;  // from 1
    uint8_t twin;
};

// Calls that are passed on, of the instance and of the device. One of each is open at a time.
#define INSTANCE_CALLS(X)                                                                               \
    X(DestroyInstance)                                                                                  \
    X(EnumeratePhysicalDevices)                                                                         \
    X(EnumerateDeviceExtensionProperties)                                                               \
    X(GetPhysicalDeviceProperties)                                                                      \
    X(GetPhysicalDeviceProperties2)                                                                     \
    X(GetPhysicalDeviceFeatures)                                                                        \
    X(GetPhysicalDeviceFeatures2)                                                                       \
    X(GetPhysicalDeviceMemoryProperties)                                                                \
    X(GetPhysicalDeviceMemoryProperties2)                                                               \
    X(GetPhysicalDeviceQueueFamilyProperties)                                                           \
    X(GetPhysicalDeviceQueueFamilyProperties2)                                                          \
    X(GetPhysicalDeviceFormatProperties)                                                                \
    X(GetPhysicalDeviceFormatProperties2)
#define DEVICE_CALLS(X)                                                                                 \
    X(DestroyDevice)                                                                                    \
    X(AllocateMemory)                                                                                   \
    X(QueueSubmit)                                                                                      \
    X(WaitForFences)                                                                                    \
    X(DeviceWaitIdle)                                                                                   \
    X(CreateShaderModule)                                                                               \
    X(CreatePipelineCache)                                                                              \
    X(GetQueryPoolResults)

static struct {
    PFN_vkGetInstanceProcAddr instance_function;
    PFN_vkGetDeviceProcAddr device_function;
    struct gpu gpus[MOST_GPUS];
    uint32_t count, number;  // `number` of the open device
    uint32_t allocations, submissions;
    uint64_t allocated;
    uint64_t first_tick;
    VkInstance instance;
    bool portability_wanted, lost;
#define MEMBER(name) PFN_vk##name name;
    INSTANCE_CALLS(MEMBER) DEVICE_CALLS(MEMBER)
} below;

static struct gpu *gpu_of(VkPhysicalDevice handle) {
    return (struct gpu *)handle;
}

bool layer_says(const char *word, uint32_t *number) {
    const char *at = getenv("VKVAE_TEST_LAYER");
    for (size_t n = strlen(word); at && *at; at += strcspn(at, ","), at += *at == ',') {
        if (strncmp(at, word, n) != 0 || (at[n] && !strchr(",@", at[n]))) continue;
        *number = at[n] == '@' ? (uint32_t)strtoul(at + n + 1, NULL, 10) : 0;
        return true;
    }
    return false;
}

static bool is(uint32_t number, const char *word) {
    uint32_t meant;
    return layer_says(word, &meant) && (meant == 0 || meant == number);
}

// ---- The list of devices ----

static void add(VkPhysicalDevice handle, uint8_t twin) {
    if (below.count == MOST_GPUS) return;
    const struct gpu gpu = {*(void **)handle, handle, below.count + 1, twin};
    if (is(gpu.number, "portability") && !below.portability_wanted) return;
    below.gpus[below.count++] = gpu;
}

static VkResult make_list(VkInstance instance) {
    VkPhysicalDevice handles[MOST_GPUS];
    uint32_t there = MOST_GPUS, unused;
    VkResult result = below.EnumeratePhysicalDevices(instance, &there, handles);
    if (result < VK_SUCCESS || layer_says("empty", &unused)) return result;
    for (uint32_t i = 0; i < there; i++) {
        add(handles[i], 0);
        if (layer_says("twins", &unused) || layer_says("other", &unused)) add(handles[i], 1);
        if (layer_says("duplicate", &unused)) add(handles[i], 0);
    }
    return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL enumerate(VkInstance instance, uint32_t *count,
                                                VkPhysicalDevice *list) {
    VkResult result = layer_due("vkEnumeratePhysicalDevices");
    if (result != VK_SUCCESS) return result;
    if (!below.count) result = make_list(instance);
    const uint32_t room = list ? *count : 0;
    *count = list && room < below.count ? room : below.count;
    for (uint32_t i = 0; list && i < *count; i++) list[i] = (VkPhysicalDevice)&below.gpus[i];
    return result == VK_SUCCESS && list && *count < below.count ? VK_INCOMPLETE : result;
}

// ---- What a device says of itself ----

static void make_least(VkPhysicalDeviceLimits *l) {
    l->maxComputeWorkGroupInvocations = l->maxComputeWorkGroupSize[0] = l->maxComputeWorkGroupSize[1] =
        128;
    for (int i = 0; i < 3; i++) l->maxComputeWorkGroupCount[i] = 65535;
    l->maxComputeSharedMemorySize = 16384;
    l->maxTexelBufferElements = 65536;
    l->maxStorageBufferRange = 1 << 27;
    l->maxUniformBufferRange = 16384;
    l->maxPerStageDescriptorStorageBuffers = 4;
    l->maxPerStageResources = 128;
    l->maxPushConstantsSize = 128;
    l->maxMemoryAllocationCount = 4096;
    l->minStorageBufferOffsetAlignment = l->minUniformBufferOffsetAlignment = 256;
    l->minTexelBufferOffsetAlignment = 256;
}

static void change_properties(const struct gpu *gpu, VkPhysicalDeviceProperties *p) {
    if (is(gpu->number, "discrete")) p->deviceType = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
    if (is(gpu->number, "old")) p->apiVersion = VK_API_VERSION_1_0;
    uint32_t unused;
    if (gpu->twin && layer_says("other", &unused)) memcpy(p->deviceName, "other", 5);
    if (is(gpu->number, "below")) p->limits.maxComputeWorkGroupInvocations = 64;
    if (is(gpu->number, "least")) make_least(&p->limits);
}

static VKAPI_ATTR void VKAPI_CALL get_properties(VkPhysicalDevice d, VkPhysicalDeviceProperties *p) {
    below.GetPhysicalDeviceProperties(gpu_of(d)->below, p);
    change_properties(gpu_of(d), p);
}

static void change_struct(const struct gpu *gpu, void *any) {
    const bool wide = is(gpu->number, "wide");
    VkPhysicalDeviceIDProperties *id = any;
    VkPhysicalDeviceSubgroupProperties *subgroup = any;
    VkPhysicalDeviceSubgroupSizeControlProperties *size = any;
    switch ((uint32_t)id->sType) {
    case VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES:
        id->deviceUUID[VK_UUID_SIZE - 1] ^= gpu->twin;
        return;
    case VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES:
        subgroup->subgroupSize <<= wide;
        if (is(gpu->number, "nosubgroups") || is(gpu->number, "least"))
            subgroup->supportedOperations &= ~(VkSubgroupFeatureFlags)VK_SUBGROUP_FEATURE_SHUFFLE_BIT;
        return;
    case VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES:
        size->minSubgroupSize <<= wide;
        size->maxSubgroupSize <<= wide;
        return;
    default:
        return;
    }
}

static VKAPI_ATTR void VKAPI_CALL get_properties2(VkPhysicalDevice d, VkPhysicalDeviceProperties2 *p) {
    below.GetPhysicalDeviceProperties2(gpu_of(d)->below, p);
    change_properties(gpu_of(d), &p->properties);
    for (VkBaseOutStructure *at = p->pNext; at; at = at->pNext) change_struct(gpu_of(d), at);
}

static VKAPI_ATTR void VKAPI_CALL get_families(VkPhysicalDevice d, uint32_t *count,
                                               VkQueueFamilyProperties *list) {
    below.GetPhysicalDeviceQueueFamilyProperties(gpu_of(d)->below, count, list);
    for (uint32_t i = 0; list && i < *count && is(gpu_of(d)->number, "nocompute"); i++)
        list[i].queueFlags &= ~(VkQueueFlags)VK_QUEUE_COMPUTE_BIT;
    uint32_t bits;
    for (uint32_t i = 0; list && i < *count && layer_says("ticks", &bits); i++)
        list[i].timestampValidBits = bits;
}

static VKAPI_ATTR void VKAPI_CALL get_memory(VkPhysicalDevice d, VkPhysicalDeviceMemoryProperties *p) {
    below.GetPhysicalDeviceMemoryProperties(gpu_of(d)->below, p);
    for (uint32_t i = 0; i < p->memoryHeapCount && is(gpu_of(d)->number, "small"); i++)
        p->memoryHeaps[i].size = 1 << 20;
}

static VKAPI_ATTR VkResult VKAPI_CALL get_extensions(VkPhysicalDevice d, const char *layer,
                                                     uint32_t *count, VkExtensionProperties *list) {
    const uint32_t more = !layer && is(gpu_of(d)->number, "portability"), room = *count;
    VkResult result = layer_due("vkEnumerateDeviceExtensionProperties");
    if (is(gpu_of(d)->number, "unlisted")) result = VK_ERROR_INITIALIZATION_FAILED;
    // A layer of Mesa's above this one takes what it finds there, as garbage.
    if (result != VK_SUCCESS && !list) *count = 0;
    if (result != VK_SUCCESS) return result;
    if (list && more && room) *count = room - 1;
    result = below.EnumerateDeviceExtensionProperties(gpu_of(d)->below, layer, count, list);
    if (result < VK_SUCCESS || !more || (list && !room)) return result;
    if (list) list[*count] = (VkExtensionProperties){SUBSET, 1};
    *count += 1;
    return result;
}

// The rest of what takes a device is only told which one is meant.
#define PASS(name, type)                                                                                \
    static VKAPI_ATTR void VKAPI_CALL pass_##name(VkPhysicalDevice d, type *p) {                        \
        below.name(gpu_of(d)->below, p);                                                                \
    }
PASS(GetPhysicalDeviceFeatures, VkPhysicalDeviceFeatures)
PASS(GetPhysicalDeviceFeatures2, VkPhysicalDeviceFeatures2)
PASS(GetPhysicalDeviceMemoryProperties2, VkPhysicalDeviceMemoryProperties2)
#define PASS_TWO(name, first, second)                                                                   \
    static VKAPI_ATTR void VKAPI_CALL pass_##name(VkPhysicalDevice d, first a, second b) {              \
        below.name(gpu_of(d)->below, a, b);                                                             \
    }
PASS_TWO(GetPhysicalDeviceQueueFamilyProperties2, uint32_t *, VkQueueFamilyProperties2 *)
PASS_TWO(GetPhysicalDeviceFormatProperties, VkFormat, VkFormatProperties *)
PASS_TWO(GetPhysicalDeviceFormatProperties2, VkFormat, VkFormatProperties2 *)

// ---- The device at work ----

static VKAPI_ATTR VkResult VKAPI_CALL allocate(VkDevice d, const VkMemoryAllocateInfo *info,
                                               const VkAllocationCallbacks *a, VkDeviceMemory *memory) {
    uint32_t number;
    VkResult result = layer_due("vkAllocateMemory");
    if (result != VK_SUCCESS) return result;
    below.allocated += info->allocationSize;  // what is freed is not counted: tests end before that
    if (layer_says("oom", &number) && ++below.allocations == number)
        return VK_ERROR_OUT_OF_DEVICE_MEMORY;
    if (is(below.number, "small") && below.allocated > 1 << 20) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
    result = below.AllocateMemory(d, info, a, memory);
    if (result == VK_SUCCESS) layer_allocated(*memory, info->allocationSize);
    return result;
}

static bool lose(void) {
    uint32_t number;
    if (layer_says("lost", &number) && ++below.submissions == number) below.lost = true;
    return below.lost || layer_lost();
}

static VKAPI_ATTR VkResult VKAPI_CALL submit(VkQueue q, uint32_t count, const VkSubmitInfo *infos,
                                             VkFence fence) {
    const VkResult result = layer_due("vkQueueSubmit");
    if (result != VK_SUCCESS || lose()) return result == VK_SUCCESS ? VK_ERROR_DEVICE_LOST : result;
    layer_submits(count, infos, fence);
    return below.QueueSubmit(q, count, infos, fence);
}

static VKAPI_ATTR VkResult VKAPI_CALL wait_fences(VkDevice d, uint32_t count, const VkFence *fences,
                                                  VkBool32 all, uint64_t time) {
    VkResult result = layer_due("vkWaitForFences");
    if (result != VK_SUCCESS || lose()) return result == VK_SUCCESS ? VK_ERROR_DEVICE_LOST : result;
    result = layer_waits(fences[0], time);
    return result == VK_SUCCESS ? below.WaitForFences(d, count, fences, all, time) : result;
}

static VKAPI_ATTR VkResult VKAPI_CALL wait_idle(VkDevice d) {
    layer_idles();
    VkResult result = below.DeviceWaitIdle(d);  // a driver that resets a device ends its work
    return below.lost || layer_lost() ? VK_ERROR_DEVICE_LOST : result;
}

// Whether a module has the words one after the other.
static bool holds(const uint32_t *words, size_t count, const uint32_t wanted[2]) {
    for (size_t i = 0; i + 1 < count; i++)
        if (words[i] == wanted[0] && words[i + 1] == wanted[1]) return true;
    return false;
}

// Products through texels (a member called "lower", and capability SampledBuffer) subtract where they
// should add: OpFAdd becomes OpFSub.
static void spoil_product(uint32_t *words, size_t count) {
    static const uint32_t lower[2] = {0x65776f6c, 0x00000072}, texels[2] = {0x00020011, 46};
    if (!holds(words, count, lower) || !holds(words, count, texels)) return;
    for (size_t i = 5; i < count && words[i] >> 16; i += words[i] >> 16)
        if (words[i] == 0x00050081) words[i] = 0x00050083;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_module(VkDevice d, const VkShaderModuleCreateInfo *info,
                                                    const VkAllocationCallbacks *a, VkShaderModule *m) {
    VkShaderModuleCreateInfo changed = *info;
    VkResult result = layer_due("vkCreateShaderModule");
    if (result != VK_SUCCESS) return result;
    uint32_t *words = malloc(info->codeSize);
    if (!words) return VK_ERROR_OUT_OF_HOST_MEMORY;
    memcpy(words, info->pCode, info->codeSize);
    for (size_t i = 0; i < info->codeSize / 4 && is(below.number, "noise"); i++)
        if (words[i] == 0xD2511F53) words[i] += 2;
    if (is(below.number, "texelproduct")) spoil_product(words, info->codeSize / 4);
    changed.pCode = words;
    result = below.CreateShaderModule(d, &changed, a, m);
    if (result == VK_SUCCESS) layer_counts(1);
    free(words);
    return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_cache(VkDevice d, const VkPipelineCacheCreateInfo *info,
                                                   const VkAllocationCallbacks *a, VkPipelineCache *c) {
    VkResult result = layer_due("vkCreatePipelineCache");
    if (result != VK_SUCCESS) return result;
    if (!info->initialDataSize || !is(below.number, "nocache")) {
        result = below.CreatePipelineCache(d, info, a, c);
        if (result == VK_SUCCESS) layer_counts(1);
        return result;
    }
    memset(c, 0x5a, sizeof *c);
    return VK_ERROR_INITIALIZATION_FAILED;
}

// Of timestamps, in 64 bits.
static VKAPI_ATTR VkResult VKAPI_CALL query_results(VkDevice d, VkQueryPool pool, uint32_t first,
                                                    uint32_t count, size_t size, void *data,
                                                    VkDeviceSize stride, VkQueryResultFlags flags) {
    VkResult result = layer_due("vkGetQueryPoolResults");
    if (result != VK_SUCCESS) return result;
    result = below.GetQueryPoolResults(d, pool, first, count, size, data, stride, flags);
    uint32_t bits;
    uint64_t *ticks = data;
    if (result != VK_SUCCESS || !layer_says("ticks", &bits)) return result;
    if (!below.first_tick) below.first_tick = ticks[0];
    const uint64_t all = (UINT64_C(1) << bits) - 1, start = all - 100000;
    for (uint32_t i = 0; i < count; i++) ticks[i] = (ticks[i] - below.first_tick + start) & all;
    return result;
}

static VKAPI_ATTR void VKAPI_CALL destroy_device(VkDevice d, const VkAllocationCallbacks *a) {
    layer_device_ended(below.number, below.lost || layer_lost());
    below.DestroyDevice(d, a);
    below.allocations = below.submissions = 0;
    below.allocated = below.first_tick = 0;
    below.lost = false;
}

// ---- Instance and device ----

#define LINK_OF(kind, type, info)                                                                       \
    static kind *find_##type(const void *chain) {                                                       \
        for (const VkBaseInStructure *at = chain; at; at = at->pNext)                                   \
            if ((uint32_t)at->sType == (info) && ((const kind *)at)->function == VK_LAYER_LINK_INFO)    \
                return (kind *)(uintptr_t)at;                                                           \
        return NULL;                                                                                    \
    }
LINK_OF(VkLayerInstanceCreateInfo, instance_link, VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO)
LINK_OF(VkLayerDeviceCreateInfo, device_link, VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO)

static VKAPI_ATTR VkResult VKAPI_CALL create_instance(const VkInstanceCreateInfo *info,
                                                      const VkAllocationCallbacks *a,
                                                      VkInstance *instance) {
    VkLayerInstanceCreateInfo *link = find_instance_link(info->pNext);
    VkResult result = layer_due("vkCreateInstance");
    if (result != VK_SUCCESS) return result;
    if (!link) return VK_ERROR_INITIALIZATION_FAILED;
    memset(&below, 0, sizeof below);
    below.instance_function = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    below.portability_wanted = info->flags & VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    PFN_vkCreateInstance create =
        (PFN_vkCreateInstance)below.instance_function(VK_NULL_HANDLE, "vkCreateInstance");
    result = create(info, a, instance);
    if (result != VK_SUCCESS) return result;
    below.instance = *instance;
#define LOAD(name) below.name = (PFN_vk##name)below.instance_function(*instance, "vk" #name);
    INSTANCE_CALLS(LOAD)
    return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_device(VkPhysicalDevice d, const VkDeviceCreateInfo *info,
                                                    const VkAllocationCallbacks *a, VkDevice *device) {
    VkLayerDeviceCreateInfo *link = find_device_link(info->pNext);
    VkDeviceCreateInfo passed = *info;
    const char *names[32];
    bool subset = false;
    VkResult result = layer_due("vkCreateDevice");
    if (result != VK_SUCCESS) return result;
    if (!link || info->enabledExtensionCount > 32) return VK_ERROR_INITIALIZATION_FAILED;
    passed.enabledExtensionCount = 0;
    for (uint32_t i = 0; i < info->enabledExtensionCount; i++) {
        const char *name = info->ppEnabledExtensionNames[i];
        subset |= strcmp(name, SUBSET) == 0;
        if (strcmp(name, SUBSET) != 0) names[passed.enabledExtensionCount++] = name;
    }
    passed.ppEnabledExtensionNames = names;
    below.number = gpu_of(d)->number;
    if (is(below.number, "broken") || layer_died(below.number) ||
        subset != is(below.number, "portability"))
        return VK_ERROR_INITIALIZATION_FAILED;
    PFN_vkGetInstanceProcAddr instance_function = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    below.device_function = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    PFN_vkCreateDevice create = (PFN_vkCreateDevice)instance_function(below.instance, "vkCreateDevice");
    result = create(gpu_of(d)->below, &passed, a, device);
    if (result != VK_SUCCESS) return result;
#define LOAD_DEVICE(name) below.name = (PFN_vk##name)below.device_function(*device, "vk" #name);
    DEVICE_CALLS(LOAD_DEVICE)
    layer_load(*device, below.device_function);
    layer_device_begun();
    return VK_SUCCESS;
}

// ---- The way in ----

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL instance_function(VkInstance instance, const char *name);
static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL device_function(VkDevice device, const char *name);

#define OURS(name, function)                                                                            \
    { "vk" #name, (PFN_vkVoidFunction)(function) }
static const struct function {
    const char *name;
    PFN_vkVoidFunction function;
} device_functions[] =
    {
        OURS(GetDeviceProcAddr, device_function), OURS(DestroyDevice, destroy_device),
        OURS(AllocateMemory, allocate),           OURS(QueueSubmit, submit),
        OURS(WaitForFences, wait_fences),         OURS(DeviceWaitIdle, wait_idle),
        OURS(CreateShaderModule, create_module),  OURS(CreatePipelineCache, create_cache),
        OURS(GetQueryPoolResults, query_results),
},
  instance_functions[] = {
      OURS(GetInstanceProcAddr, instance_function),
      OURS(CreateInstance, create_instance),
      OURS(CreateDevice, create_device),
      OURS(EnumeratePhysicalDevices, enumerate),
      OURS(EnumerateDeviceExtensionProperties, get_extensions),
      OURS(GetPhysicalDeviceProperties, get_properties),
      OURS(GetPhysicalDeviceProperties2, get_properties2),
      OURS(GetPhysicalDeviceQueueFamilyProperties, get_families),
      OURS(GetPhysicalDeviceMemoryProperties, get_memory),
#define OURS_PASSED(name) OURS(name, pass_##name)
      OURS_PASSED(GetPhysicalDeviceFeatures),
      OURS_PASSED(GetPhysicalDeviceFeatures2),
      OURS_PASSED(GetPhysicalDeviceMemoryProperties2),
      OURS_PASSED(GetPhysicalDeviceQueueFamilyProperties2),
      OURS_PASSED(GetPhysicalDeviceFormatProperties),
      OURS_PASSED(GetPhysicalDeviceFormatProperties2),
};

static PFN_vkVoidFunction find(const struct function *list, size_t bytes, const char *name) {
    for (size_t i = 0; i < bytes / sizeof *list; i++) {
        const size_t n = strlen(list[i].name);
        if (strncmp(list[i].name, name, n) != 0) continue;
        if (!name[n] || strcmp(name + n, "KHR") == 0) return list[i].function;
    }
    return NULL;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL device_function(VkDevice device, const char *name) {
    PFN_vkVoidFunction ours = find(device_functions, sizeof device_functions, name);
    if (!ours) ours = layer_find(name);
    return ours ? ours : below.device_function(device, name);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL instance_function(VkInstance instance,
                                                                  const char *name) {
    PFN_vkVoidFunction ours = find(instance_functions, sizeof instance_functions, name);
    if (!ours) ours = find(device_functions, sizeof device_functions, name);
    if (!ours) ours = layer_find(name);
    return ours || !below.instance_function ? ours : below.instance_function(instance, name);
}

__attribute__((visibility("default"))) VKAPI_ATTR VkResult VKAPI_CALL
vkNegotiateLoaderLayerInterfaceVersion(VkNegotiateLayerInterface *interface) {
    interface->loaderLayerInterfaceVersion = 2;
    interface->pfnGetInstanceProcAddr = instance_function;
    interface->pfnGetDeviceProcAddr = device_function;
    interface->pfnGetPhysicalDeviceProcAddr = NULL;
    return VK_SUCCESS;
}
