// What the files of the Vulkan executor share. Nobody else includes this.
#ifndef VV_EXEC_VULKAN_INTERNAL_H
#define VV_EXEC_VULKAN_INTERNAL_H

#include "vulkan.h"

#include <pthread.h>

// The core alone; and <vulkan/vulkan.h> would be ours, seen from src/exec.
#define VOLK_VULKAN_H_PATH <vulkan/vulkan_core.h>
#include <volk.h>

// instance.c: the loader, the instance, validation messages.
struct vv_instance {
    struct vv_context *ctx;
    VkInstance handle;
    VkDebugUtilsMessengerEXT messenger;  // when validating
    pthread_mutex_t telling;             // messages may come from the threads that make pipelines
    uint32_t messages;                   // of the validation layer
    bool left;  // to a device that hangs, with its messenger, so that messages may come as long as the
                // process lives
    // NULL without VK_EXT_debug_utils. Ours and not volk's, which follow the instance made last.
    PFN_vkSetDebugUtilsObjectNameEXT set_name;
    PFN_vkCmdBeginDebugUtilsLabelEXT begin_label;
    PFN_vkCmdEndDebugUtilsLabelEXT end_label;
};

// The instance must not move: messages are reported to its address.
bool vv_instance_init(struct vv_instance *instance, struct vv_context *ctx, bool validate);
// Where it was left, its memory must stay: messages still find it, and are not told.
void vv_instance_finish(struct vv_instance *instance);

// True for VK_SUCCESS; else the context's error says which call failed and what that means.
bool vv_vk_ok(struct vv_context *ctx, VkResult result, const char *call);
const char *vv_vk_meaning(VkResult result);  // in a few words
// The error that there is no loader, driver or device, and what to install.
bool vv_fail_without(struct vv_context *ctx, const char *what);

// list.c: physical devices.
struct vv_gpu {
    VkPhysicalDevice handle;
    struct vv_device_info info;
    uint32_t queue_family;
    uint32_t timestamp_bits;   // that are valid; 0: it has no timestamps
    double timestamp_seconds;  // of a tick
    bool portability;          // VK_KHR_portability_subset is listed, so it must be enabled
    bool tells_budget;         // VK_EXT_memory_budget is listed
    bool pins_subgroups;       // a pipeline can ask for full subgroups of limits.subgroup_size
    uint64_t max_allocation;
    uint32_t vendor, product, driver;  // VkDriverId, 0 where unknown
    uint8_t cache_uuid[VK_UUID_SIZE];  // of pipeline caches
    uint32_t other;     // where in the list the same device is under another driver; 0: nowhere
    char refusal[128];  // why one of its drivers, or the last, did not open it
};

// *gpus is the caller's to free(); at least one, else VV_NO_DEVICE. Behind the `count` devices come what
// others' `other` means.
bool vv_gpus_find(struct vv_instance *instance, struct vv_gpu **gpus, uint32_t *count);
// Opens gpus[index] by the first of its drivers that can. False: it is not usable from now on.
bool vv_gpu_open(struct vv_gpu *gpus, uint32_t index, VkDevice *device);
// The one that the user's words mean (NULL: the best); index UINT32_MAX with VV_NO_DEVICE and what there
// is, or out of memory.
struct vv_choice vv_gpu_choose(struct vv_context *ctx, const struct vv_gpu *gpus, uint32_t count,
                               const char *wanted);

// A buffer with memory of its own.
struct vv_buffer {
    VkBuffer handle;
    VkDeviceMemory memory;
    uint64_t bytes;  // a multiple of VV_BUFFER_UNIT
    uint64_t taken;  // of device memory
    void *mapped;    // coherent and cached, or NULL
};
#define VV_BUFFER_UNIT 16  // a texel of four floats

// The bindings of a dispatch, by kind.
struct vv_layout {
    uint32_t count;
    uint8_t kind[VV_MAX_BINDINGS];
    VkDescriptorSetLayout set;
    VkPipelineLayout pipeline;
};

struct vv_pipeline {
    const struct vv_kernel *kernel;
    uint32_t spec_count, spec[VV_MAX_SPEC];
    uint32_t layout;  // in vv_vulkan.layouts
    VkPipeline handle;
};

// What a submission runs: pieces [first, end) of a program, over and over.
struct vv_work {
    const struct vv_program *program;  // NULL: a copy between host and device
    uint32_t first, end, times;
};

struct vv_flight {
    VkFence fence;
    bool busy;
    uint64_t number;  // of the submission
    struct vv_work work;
    struct vv_program *watched;  // whose run ends with it; NULL: none that is watched
    struct vv_span submitted;    // that run
};

// The device's clock, at the last run that was watched.
struct vv_device_clock {
    bool known;
    uint64_t ticks;
    double seconds, host;  // both in those of vv_now(): of that tick, and when its run was submitted
};

struct vv_vulkan {
    struct vv_exec exec;  // first
    struct vv_instance instance;
    struct vv_gpu gpu;
    struct vv_choice choice;
    bool asked;   // for the device, by the user
    bool lost;    // the device is, or it hangs
    bool stages;  // copies through a staging buffer even where memory is host-visible

    VkDevice device;
    struct VolkDeviceTable vk;
    VkQueue queue;
    VkPhysicalDeviceMemoryProperties memory;
    double timeout;      // seconds until it hangs
    uint64_t allocated;  // bytes, of all memory types; exec.most_bytes is what it was at most

    VkPipelineCache cache;
    char *cache_path;         // NULL: it is not kept
    uint32_t cache_checksum;  // of what the file held; 0: nothing
    struct vv_layout *layouts;
    uint32_t layout_count;
    struct vv_pipeline *pipelines;
    uint32_t pipeline_count;

    struct vv_buffer *states;  // by the state's index
    uint32_t realized;         // of the store's states
    struct vv_buffer staging;  // made when first needed

    VkCommandPool commands;
    VkCommandBuffer transfer;  // recorded anew for each copy
    VkCommandBuffer finish;    // ends a submission: the host may read what was written
    VkFence transfer_fence;
    struct vv_flight flight[VV_IN_FLIGHT];
    uint32_t turn;  // the flight that the next submission takes
    struct vv_device_clock clock;
    VkCommandBuffer *list;  // of one submission
    uint32_t list_room;
};

static inline struct vv_vulkan *vv_vulkan_of(struct vv_exec *e) {
    return (struct vv_vulkan *)e;
}

// device.c: the logical device and its queue.
VkResult vv_device_create(const struct vv_gpu *gpu, VkDevice *device);
void vv_device_destroy(VkDevice device);
void vv_device_init(struct vv_vulkan *vk);  // of vk->gpu and vk->device
void vv_device_finish(struct vv_vulkan *vk);
void vv_set_name(const struct vv_vulkan *vk, VkObjectType type, uint64_t handle, const char *name);

// memory.c
enum vv_memory {
    VV_MEMORY_DEVICE,   // fast for the device; mapped where that costs nothing
    VV_MEMORY_PEEKED,   // the same, and always mapped
    VV_MEMORY_POKED,    // always mapped, to be written in order and not to be read
    VV_MEMORY_STAGING,  // always mapped
};
// `name` is for errors and debuggers. The content is undefined.
bool vv_buffer_create(struct vv_vulkan *vk, enum vv_memory kind, uint64_t bytes, const char *name,
                      struct vv_buffer *buffer);
void vv_buffer_destroy(struct vv_vulkan *vk, struct vv_buffer *buffer);
bool vv_states_realize(struct vv_exec *e);
struct vv_room vv_memory_room(struct vv_exec *e);
// Copies between the host and a buffer; waits for what is in flight.
bool vv_buffer_write(struct vv_vulkan *vk, const struct vv_buffer *buffer, uint64_t offset,
                     const void *data, uint64_t n);
bool vv_buffer_read(struct vv_vulkan *vk, const struct vv_buffer *buffer, uint64_t offset, void *data,
                    uint64_t n);

// kernel.c: pipelines, made when first needed: those of all launches at once, then got one by one.
bool vv_pipelines_make(struct vv_vulkan *vk, const struct vv_launch *launches, uint32_t count);
bool vv_pipeline_get(struct vv_vulkan *vk, const struct vv_dispatch *d, struct vv_pipeline *pipeline);
void vv_pipelines_finish(struct vv_vulkan *vk);
VkDescriptorType vv_descriptor_type(uint32_t kind);  // of an enum vv_binding_kind

// cache.c: the driver's pipeline cache, kept in a file. Only a failing call of the driver is an error.
bool vv_cache_init(struct vv_vulkan *vk, const char *folder);  // NULL: not kept
void vv_cache_finish(struct vv_vulkan *vk);  // writes the file where it is not the same
// Whether the bytes, any, are such a file without damage; then whether what follows `VV_CACHE_HEAD` of
// them is of this device and driver.
enum { VV_CACHE_HEAD = 24 };
bool vv_cache_is_whole(const unsigned char *file, uint64_t size);
bool vv_cache_is_ours(const struct vv_gpu *gpu, const void *data, uint64_t bytes);

// record.c: a tape as command buffers. The reference executor has its own struct of this name.
struct vv_program {
    struct vv_vulkan *vk;
    const struct vv_tape *tape;
    struct vv_plan plan;
    struct vv_buffer arena;
    VkDescriptorPool sets;
    VkBufferView *views;
    uint32_t view_count;
    VkCommandBuffer *pieces;     // run in this order; cut where one would be more work than is wanted
    uint32_t *starts;            // the node that each piece of a recording begins with
    uint32_t piece_count;        // of a recording
    uint32_t recorded;           // of all: one that is watched has VV_IN_FLIGHT, one after the other
    struct vv_watched *watched;  // NULL: it is not
    VkCommandBuffer commands;    // the piece that is being recorded
};
struct vv_program *vv_program_record(struct vv_exec *e, const struct vv_tape *t);
void vv_program_finish(struct vv_program *p);  // takes NULL; nothing may be in flight

// profile.c: programs that are watched have a recording for each run in flight, with a pool of its own
// for the timestamps.
struct vv_watched {
    VkQueryPool pools[VV_IN_FLIGHT];  // NULL where the device has no timestamps
    uint32_t next, landing;           // recordings: for the next run, and of the oldest run in flight
    bool *timed;                      // by node: a timestamp follows it
    uint32_t count;                   // of timestamps: one more than nodes that are timed
    uint64_t *ticks;
    struct vv_span *spans;  // by node
};
bool vv_watched_init(struct vv_program *p, const struct vv_launch *launches);
void vv_watched_finish(struct vv_program *p);
// Both record into p->commands.
void vv_watched_begin(struct vv_program *p, uint32_t slot);
void vv_watched_mark(struct vv_program *p, uint32_t slot, uint32_t *next);  // the next timestamp
// Tells of the run that ended with a submission which has landed; the host began to wait at `since`.
bool vv_watched_tell(struct vv_vulkan *vk, struct vv_flight *flight, double since);

// hang.c: a device that does not answer. Sets the error, which names the work that it does not end, and
// from now on the device is one that was lost: false.
bool vv_hang(struct vv_vulkan *vk, const struct vv_work *work);

// bind.c: operands as descriptors.
bool vv_sets_init(struct vv_program *p, const struct vv_launch *launches);  // room for all of them
void vv_sets_finish(struct vv_program *p);
// A set with the operands of a dispatch, and what its kernel must add to find them in the bound ranges.
bool vv_set_make(struct vv_program *p, const struct vv_node *y, const struct vv_dispatch *d,
                 const struct vv_layout *layout, VkDescriptorSet *set, uint32_t base[VV_MAX_BINDINGS]);

// run.c: submissions.
// vv_vk_ok of a call on the device, which may have been lost.
bool vv_done(struct vv_vulkan *vk, VkResult result, const char *call);
bool vv_run_init(struct vv_vulkan *vk);
void vv_run_finish(struct vv_vulkan *vk);
bool vv_run_submit(struct vv_exec *e, struct vv_program *p, uint32_t times);
bool vv_run_submit_parts(struct vv_exec *e, struct vv_program *p, uint32_t parts);
bool vv_run_land(struct vv_exec *e, uint64_t submission);
bool vv_run_wait(struct vv_exec *e);
// One batch of copies, waited for: begin, record into vk->transfer, end.
bool vv_transfer_begin(struct vv_vulkan *vk);
bool vv_transfer_end(struct vv_vulkan *vk);
void vv_memory_barrier(const struct vv_vulkan *vk, VkCommandBuffer commands, VkPipelineStageFlags from,
                       VkAccessFlags written, VkPipelineStageFlags to, VkAccessFlags access);

#endif
