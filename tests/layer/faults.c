#include "faults.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_ALLOCATIONS 4096
#define MOST_FENCES      8

static struct {
    uint32_t calls, submissions;
    uint32_t devices;  // that are open: measurements have one of their own
    uint32_t died;     // the device that did
    bool lost, hung;
    int objects;
    uint64_t allocated, peak;
    struct allocation {
        VkDeviceMemory memory;
        uint64_t bytes;
    } allocations[MOST_ALLOCATIONS];
    struct pending {
        VkFence fence;
        double ready;
    } pending[MOST_FENCES];
    uint32_t next;
    double ready;  // when all that was submitted is done
    uint32_t barriers, bindings;
    VkBuffer smallest;
    uint64_t smallest_bytes;
} state;

static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;  // pipelines are made on several threads

// A line in the file that VKVAE_TEST_LAYER_LOG names.
static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *format, ...) {
    const char *path = getenv("VKVAE_TEST_LAYER_LOG");
    FILE *file = path ? fopen(path, "ab") : NULL;
    if (!file) return;
    va_list args;
    va_start(args, format);
    (void)vfprintf(file, format, args);
    va_end(args);
    (void)fclose(file);
}

static double now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void sleep_for(double seconds) {
    if (seconds <= 0) return;
    const struct timespec t = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
    (void)nanosleep(&t, NULL);
}

// ---- Calls that fail ----

VkResult layer_due(const char *call) {
    static const struct {
        const char *word;
        VkResult result;
    } kinds[] = {{"nomemory", VK_ERROR_OUT_OF_DEVICE_MEMORY},
                 {"nohost", VK_ERROR_OUT_OF_HOST_MEMORY},
                 {"gone", VK_ERROR_DEVICE_LOST}};
    VkResult result = VK_SUCCESS;
    uint32_t number;
    (void)pthread_mutex_lock(&counting);
    state.calls++;
    if (layer_says("list", &number)) note("call %s\n", call);
    for (size_t i = 0; i < 3 && result == VK_SUCCESS; i++)
        if (layer_says(kinds[i].word, &number) && state.calls == number) result = kinds[i].result;
    if (result == VK_ERROR_DEVICE_LOST) state.lost = true;
    (void)pthread_mutex_unlock(&counting);
    if (result != VK_SUCCESS) note("failed %s\n", call);
    return result;
}

bool layer_lost(void) {
    return state.lost;
}

bool layer_died(uint32_t device) {
    return state.died == device;
}

// ---- What is alive ----

void layer_device_begun(void) {
    if (state.hung) state.devices = 0;
    if (state.devices++) return;
    note("begin\n");
    state.hung = state.lost = false;
    state.objects = 0;
    state.allocated = state.peak = 0;
    state.ready = 0;
    state.barriers = state.bindings = 0;
    state.smallest = VK_NULL_HANDLE;
    memset(state.allocations, 0, sizeof state.allocations);
    memset(state.pending, 0, sizeof state.pending);
}

void layer_device_ended(uint32_t device, bool lost) {
    uint32_t unused;
    layer_idles();
    if (--state.devices == 0)
        note("end objects %d peak %llu calls %u\n", state.objects, (unsigned long long)state.peak,
             state.calls);
    if (layer_says("count", &unused))
        (void)fprintf(stderr, "%u barriers, %u storage buffers\n", state.barriers, state.bindings);
    if (lost && layer_says("dies", &unused)) state.died = device;
}

// What a device that hangs still has must be left to it.
void layer_counts(int objects) {
    if (state.hung && objects < 0) abort();
    (void)pthread_mutex_lock(&counting);
    state.objects += objects;
    (void)pthread_mutex_unlock(&counting);
}

void layer_allocated(VkDeviceMemory memory, uint64_t bytes) {
    layer_counts(1);
    state.allocated += bytes;
    if (state.allocated > state.peak) state.peak = state.allocated;
    for (uint32_t i = 0; i < MOST_ALLOCATIONS; i++) {
        if (state.allocations[i].memory) continue;
        state.allocations[i] = (struct allocation){memory, bytes};
        return;
    }
    abort();
}

static void freed(VkDeviceMemory memory) {
    layer_counts(-1);
    for (uint32_t i = 0; i < MOST_ALLOCATIONS; i++) {
        if (state.allocations[i].memory != memory) continue;
        state.allocated -= state.allocations[i].bytes;
        state.allocations[i].memory = VK_NULL_HANDLE;
        return;
    }
    abort();
}

// ---- Submissions ----

void layer_submits(uint32_t count, const VkSubmitInfo *infos, VkFence fence) {
    uint32_t number, slow, commands = 0;
    for (uint32_t i = 0; i < count; i++) commands += infos[i].commandBufferCount;
    note("submit %u\n", commands);
    state.submissions++;
    if (layer_says("hang", &number) && state.submissions == number) state.hung = true;
    if (!layer_says("after", &number)) number = 0;
    if (!layer_says("slow", &slow) || state.submissions < number) return;
    if (state.ready < now()) state.ready = now();
    state.ready += 1e-3 * slow * commands;
    state.pending[state.next++ % MOST_FENCES] = (struct pending){fence, state.ready};
}

VkResult layer_waits(VkFence fence, uint64_t nanoseconds) {
    const double patience = nanoseconds == UINT64_MAX ? 1e9 : 1e-9 * (double)nanoseconds;
    double left = 0;
    if (state.hung) {
        sleep_for(patience);
        return VK_TIMEOUT;
    }
    for (uint32_t i = 0; i < MOST_FENCES; i++)
        if (state.pending[i].fence == fence && state.pending[i].ready - now() > left)
            left = state.pending[i].ready - now();
    sleep_for(left < patience ? left : patience);
    return left <= patience ? VK_SUCCESS : VK_TIMEOUT;
}

void layer_idles(void) {
    while (state.hung) (void)pause();
}

// ---- Calls that are passed on ----

#define INFO(name)                                                                                      \
    (VkDevice d, const Vk##name##CreateInfo *i, const VkAllocationCallbacks *a, Vk##name *o)
// Their name, parameters, arguments, and how many objects they make.
#define CALLS(X)                                                                                        \
    X(CreateBufferView, INFO(BufferView), (d, i, a, o), 1)                                              \
    X(CreateCommandPool, INFO(CommandPool), (d, i, a, o), 1)                                            \
    X(CreateDescriptorPool, INFO(DescriptorPool), (d, i, a, o), 1)                                      \
    X(CreateDescriptorSetLayout, INFO(DescriptorSetLayout), (d, i, a, o), 1)                            \
    X(CreateFence, INFO(Fence), (d, i, a, o), 1)                                                        \
    X(CreatePipelineLayout, INFO(PipelineLayout), (d, i, a, o), 1)                                      \
    X(CreateQueryPool, INFO(QueryPool), (d, i, a, o), 1)                                                \
    X(CreateComputePipelines,                                                                           \
      (VkDevice d, VkPipelineCache c, uint32_t n, const VkComputePipelineCreateInfo *i,                 \
       const VkAllocationCallbacks *a, VkPipeline *o),                                                  \
      (d, c, n, i, a, o), (int)n)                                                                       \
    X(BindBufferMemory, (VkDevice d, VkBuffer b, VkDeviceMemory m, VkDeviceSize o), (d, b, m, o), 0)    \
    X(MapMemory,                                                                                        \
      (VkDevice d, VkDeviceMemory m, VkDeviceSize o, VkDeviceSize n, VkMemoryMapFlags f, void **p),     \
      (d, m, o, n, f, p), 0)                                                                            \
    X(AllocateCommandBuffers, (VkDevice d, const VkCommandBufferAllocateInfo *i, VkCommandBuffer *o),   \
      (d, i, o), 0)                                                                                     \
    X(BeginCommandBuffer, (VkCommandBuffer c, const VkCommandBufferBeginInfo *i), (c, i), 0)            \
    X(EndCommandBuffer, (VkCommandBuffer c), (c), 0)                                                    \
    X(ResetFences, (VkDevice d, uint32_t n, const VkFence *f), (d, n, f), 0)                            \
    X(AllocateDescriptorSets, (VkDevice d, const VkDescriptorSetAllocateInfo *i, VkDescriptorSet *o),   \
      (d, i, o), 0)                                                                                     \
    X(GetPipelineCacheData, (VkDevice d, VkPipelineCache c, size_t * n, void *o), (d, c, n, o), 0)
#define ENDS(X)                                                                                         \
    X(DestroyBuffer, VkBuffer)                                                                          \
    X(DestroyBufferView, VkBufferView)                                                                  \
    X(DestroyCommandPool, VkCommandPool)                                                                \
    X(DestroyDescriptorPool, VkDescriptorPool)                                                          \
    X(DestroyDescriptorSetLayout, VkDescriptorSetLayout)                                                \
    X(DestroyFence, VkFence)                                                                            \
    X(DestroyPipeline, VkPipeline)                                                                      \
    X(DestroyPipelineCache, VkPipelineCache)                                                            \
    X(DestroyPipelineLayout, VkPipelineLayout)                                                          \
    X(DestroyQueryPool, VkQueryPool)                                                                    \
    X(DestroyShaderModule, VkShaderModule)                                                              \
    X(FreeMemory, VkDeviceMemory)

static struct {
    PFN_vkCreateBuffer CreateBuffer;
    PFN_vkCmdPipelineBarrier CmdPipelineBarrier;
    PFN_vkUpdateDescriptorSets UpdateDescriptorSets;
#define CALL_MEMBER(name, parameters, arguments, made) PFN_vk##name name;
#define END_MEMBER(name, type)                         PFN_vk##name name;
    CALLS(CALL_MEMBER) ENDS(END_MEMBER)
} below;

#define CALL(name, parameters, arguments, made)                                                         \
    static VKAPI_ATTR VkResult VKAPI_CALL call_##name parameters {                                      \
        VkResult result = layer_due("vk" #name);                                                        \
        if (result != VK_SUCCESS) return result;                                                        \
        result = below.name arguments;                                                                  \
        if (result == VK_SUCCESS) layer_counts(made);                                                   \
        return result;                                                                                  \
    }
CALLS(CALL)

static bool is_memory(const char *name) {
    return strcmp(name, "FreeMemory") == 0;
}

#define END(name, type)                                                                                 \
    static VKAPI_ATTR void VKAPI_CALL end_##name(VkDevice d, type o, const VkAllocationCallbacks *a) {  \
        if (o && is_memory(#name))                                                                      \
            freed((VkDeviceMemory)o);                                                                   \
        else if (o)                                                                                     \
            layer_counts(-1);                                                                           \
        below.name(d, o, a);                                                                            \
    }
ENDS(END)

// ---- Faults for the validation layer, which lies below, to see ----

static VKAPI_ATTR void VKAPI_CALL barrier(VkCommandBuffer c, VkPipelineStageFlags from,
                                          VkPipelineStageFlags to, VkDependencyFlags flags,
                                          uint32_t memory_count, const VkMemoryBarrier *memory,
                                          uint32_t buffer_count, const VkBufferMemoryBarrier *buffers,
                                          uint32_t image_count, const VkImageMemoryBarrier *images) {
    const VkPipelineStageFlags kernels = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT;
    uint32_t number;
    const bool between = from == kernels && to == kernels;
    state.barriers += between;
    if (between && layer_says("nobarrier", &number) && state.barriers == number) return;
    below.CmdPipelineBarrier(c, from, to, flags, memory_count, memory, buffer_count, buffers,
                             image_count, images);
}

enum { MOST_WRITES = 16 };

static VKAPI_ATTR void VKAPI_CALL update_sets(VkDevice d, uint32_t count,
                                              const VkWriteDescriptorSet *writes, uint32_t copy_count,
                                              const VkCopyDescriptorSet *copies) {
    const VkDescriptorBufferInfo small = {state.smallest, 0, VK_WHOLE_SIZE};
    VkWriteDescriptorSet changed[MOST_WRITES];
    uint32_t number = 0;
    const bool cuts = layer_says("short", &number) && count <= MOST_WRITES;
    for (uint32_t i = 0; i < count; i++) {
        const bool storage = writes[i].descriptorType == VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
        state.bindings += storage;
        if (!cuts) continue;
        changed[i] = writes[i];
        if (storage && state.bindings == number) changed[i].pBufferInfo = &small;
    }
    below.UpdateDescriptorSets(d, count, cuts ? changed : writes, copy_count, copies);
}

static VKAPI_ATTR VkResult VKAPI_CALL create_buffer(VkDevice d, const VkBufferCreateInfo *info,
                                                    const VkAllocationCallbacks *a, VkBuffer *buffer) {
    VkResult result = layer_due("vkCreateBuffer");
    if (result != VK_SUCCESS) return result;
    result = below.CreateBuffer(d, info, a, buffer);
    if (result != VK_SUCCESS) return result;
    layer_counts(1);
    if (!state.smallest || info->size < state.smallest_bytes) {
        state.smallest = *buffer;
        state.smallest_bytes = info->size;
    }
    return VK_SUCCESS;
}

PFN_vkVoidFunction layer_find(const char *name) {
    if (strcmp(name, "vkCreateBuffer") == 0) return (PFN_vkVoidFunction)create_buffer;
    if (strcmp(name, "vkCmdPipelineBarrier") == 0) return (PFN_vkVoidFunction)barrier;
    if (strcmp(name, "vkUpdateDescriptorSets") == 0) return (PFN_vkVoidFunction)update_sets;
#define FIND_CALL(call, parameters, arguments, made)                                                    \
    if (strcmp(name, "vk" #call) == 0) return (PFN_vkVoidFunction)call_##call;
#define FIND_END(call, type)                                                                            \
    if (strcmp(name, "vk" #call) == 0) return (PFN_vkVoidFunction)end_##call;
    CALLS(FIND_CALL)
    ENDS(FIND_END)
    return NULL;
}

void layer_load(VkDevice device, PFN_vkGetDeviceProcAddr function) {
#define LOAD_CALL(name, parameters, arguments, made)                                                    \
    below.name = (PFN_vk##name)function(device, "vk" #name);
#define LOAD_END(name, type) below.name = (PFN_vk##name)function(device, "vk" #name);
    CALLS(LOAD_CALL)
    ENDS(LOAD_END)
    LOAD_END(CreateBuffer, VkBuffer)
    LOAD_END(CmdPipelineBarrier, VkCommandBuffer)
    LOAD_END(UpdateDescriptorSets, VkDescriptorSet)
}
