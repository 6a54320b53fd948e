// Buffers, each with memory of its own, and copies between them and the host.
#include "internal.h"
#include "size.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// One piece of a staged copy.
#define STAGING_BYTES (UINT64_C(4) << 20)

#define DEVICE_WRITES (VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT)
#define DEVICE_STAGES (VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT)

#define COHERENT (VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT)
#define MAPPED   (COHERENT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT)

// What is wanted of memory, the best first; 0 ends a list and takes any. A discrete GPU's window for the
// host is device-local and visible, but not cached: reading through it is slow, so it is not taken for
// mapped memory, unless the host only writes.
static const VkMemoryPropertyFlags wishes[][3] = {
    [VV_MEMORY_DEVICE] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | MAPPED,
                          VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0},
    // Coherent memory that the host sees is on every device.
    [VV_MEMORY_PEEKED] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | MAPPED, MAPPED, COHERENT},
    [VV_MEMORY_POKED] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | COHERENT, COHERENT, COHERENT},
    [VV_MEMORY_STAGING] = {MAPPED, COHERENT, 0},
};

static uint64_t heap_of(const struct vv_vulkan *vk, uint32_t type) {
    return vk->memory.memoryHeaps[vk->memory.memoryTypes[type].heapIndex].size;
}

// The window can be as small as 256 MiB, of which the system takes its part: no more than a quarter.
static bool is_roomy(const struct vv_vulkan *vk, enum vv_memory kind, uint32_t wish, uint32_t type,
                     uint64_t bytes) {
    return kind != VV_MEMORY_POKED || wish > 0 || bytes <= heap_of(vk, type) / 4;
}

static uint32_t find_type(const struct vv_vulkan *vk, enum vv_memory kind, uint32_t allowed,
                          uint64_t bytes) {
    for (uint32_t wish = 0; wish < 3; wish++) {
        VkMemoryPropertyFlags wanted = wishes[kind][wish];
        for (uint32_t i = 0; i < vk->memory.memoryTypeCount; i++)
            if ((allowed >> i & 1) && (vk->memory.memoryTypes[i].propertyFlags & wanted) == wanted &&
                is_roomy(vk, kind, wish, i, bytes))
                return i;
    }
    return 0;  // not reached: a buffer always allows a type
}

// Of the heap that the device computes from: what the system would give now, less what is taken.
struct vv_room vv_memory_room(struct vv_exec *e) {
    const struct vv_vulkan *vk = vv_vulkan_of(e);
    const uint32_t type = find_type(vk, VV_MEMORY_DEVICE, UINT32_MAX, 0);
    const uint32_t heap = vk->memory.memoryTypes[type].heapIndex;
    uint64_t all = heap_of(vk, type), taken = vk->allocated, one = all;
    VkPhysicalDeviceMemoryBudgetPropertiesEXT budget = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT};
    VkPhysicalDeviceMemoryProperties2 memory = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, .pNext = &budget};
    if (vk->gpu.tells_budget) {
        vkGetPhysicalDeviceMemoryProperties2(vk->gpu.handle, &memory);
        if (budget.heapBudget[heap] && budget.heapBudget[heap] < all) all = budget.heapBudget[heap];
        if (budget.heapUsage[heap] > taken) taken = budget.heapUsage[heap];
    }
    if (vk->gpu.max_allocation < one) one = vk->gpu.max_allocation;
    if (e->limits.max_storage_range < one) one = e->limits.max_storage_range;
    return (struct vv_room){one, all > taken ? all - taken : 0};
}

static bool check_size(struct vv_vulkan *vk, enum vv_memory kind, uint64_t bytes, const char *name) {
    uint64_t heap = heap_of(vk, find_type(vk, kind, UINT32_MAX, bytes));
    uint64_t most = heap < vk->gpu.max_allocation ? heap : vk->gpu.max_allocation;
    if (bytes <= most) return true;
    return vv_fail(
        vk->exec.ctx, VV_FAILED,
        "'%s' needs %llu bytes of device memory in one piece, and %s gives at most %llu: take a "
        "smaller batch or model, or a device with more memory",
        name, (unsigned long long)bytes, vk->gpu.info.name, (unsigned long long)most);
}

static bool say_exhausted(struct vv_vulkan *vk, VkResult result, uint32_t type, uint64_t bytes,
                          const char *name) {
    return vv_fail(
        vk->exec.ctx, VV_FAILED,
        "vkAllocateMemory failed (%d): %s: '%s' needs %llu bytes beside the %llu that are taken, and %s "
        "has %llu: take a smaller batch or model, close other programs that use the device, or take a "
        "device with more memory",
        (int)result, vv_vk_meaning(result), name, (unsigned long long)bytes,
        (unsigned long long)vk->allocated, vk->gpu.info.name, (unsigned long long)heap_of(vk, type));
}

static bool allocate(struct vv_vulkan *vk, enum vv_memory kind, const char *name, struct vv_buffer *b) {
    VkMemoryRequirements needs;
    vk->vk.vkGetBufferMemoryRequirements(vk->device, b->handle, &needs);
    uint32_t type = find_type(vk, kind, needs.memoryTypeBits, needs.size);
    VkMemoryAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .allocationSize = needs.size,
        .memoryTypeIndex = type,
    };
    VkResult result = vk->vk.vkAllocateMemory(vk->device, &info, NULL, &b->memory);
    if (result != VK_SUCCESS) {
        b->memory = VK_NULL_HANDLE;
        if (result != VK_ERROR_OUT_OF_DEVICE_MEMORY && result != VK_ERROR_OUT_OF_HOST_MEMORY)
            return vv_done(vk, result, "vkAllocateMemory");
        return say_exhausted(vk, result, type, needs.size, name);
    }
    b->taken = needs.size;
    vk->allocated += b->taken;
    if (vk->allocated > vk->exec.most_bytes) vk->exec.most_bytes = vk->allocated;
    result = vk->vk.vkBindBufferMemory(vk->device, b->handle, b->memory, 0);
    if (!vv_done(vk, result, "vkBindBufferMemory")) return false;
    bool mappable = (vk->memory.memoryTypes[type].propertyFlags & MAPPED) == MAPPED;
    if (kind == VV_MEMORY_DEVICE && (vk->stages || !mappable)) return true;
    result = vk->vk.vkMapMemory(vk->device, b->memory, 0, VK_WHOLE_SIZE, 0, &b->mapped);
    return vv_done(vk, result, "vkMapMemory");
}

bool vv_buffer_create(struct vv_vulkan *vk, enum vv_memory kind, uint64_t bytes, const char *name,
                      struct vv_buffer *b) {
    *b = (struct vv_buffer){.bytes = vv_align_up(bytes, VV_BUFFER_UNIT)};
    if (!check_size(vk, kind, b->bytes, name)) return false;
    VkBufferUsageFlags usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    if (kind != VV_MEMORY_STAGING)
        usage |= VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT |
                 VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT | VK_BUFFER_USAGE_STORAGE_TEXEL_BUFFER_BIT;
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .size = b->bytes,
        .usage = usage,
        .sharingMode = VK_SHARING_MODE_EXCLUSIVE,
    };
    VkResult result = vk->vk.vkCreateBuffer(vk->device, &info, NULL, &b->handle);
    if (result != VK_SUCCESS) b->handle = VK_NULL_HANDLE;
    if (vv_done(vk, result, "vkCreateBuffer")) {
        vv_set_name(vk, VK_OBJECT_TYPE_BUFFER, (uint64_t)b->handle, name);
        if (allocate(vk, kind, name, b)) return true;
    }
    vv_buffer_destroy(vk, b);
    return false;
}

void vv_buffer_destroy(struct vv_vulkan *vk, struct vv_buffer *b) {
    if (b->handle) vk->vk.vkDestroyBuffer(vk->device, b->handle, NULL);
    if (b->memory) vk->vk.vkFreeMemory(vk->device, b->memory, NULL);  // unmaps
    vk->allocated -= b->taken;
    *b = (struct vv_buffer){0};
}

static bool grow_states(struct vv_vulkan *vk) {
    uint32_t count = vk->exec.store->count;
    struct vv_buffer *states = vv_alloc(vk->exec.ctx, count, sizeof *states);
    if (!states) return false;
    if (vk->realized) memcpy(states, vk->states, vk->realized * sizeof *states);
    free(vk->states);
    vk->states = states;
    return true;
}

// Unmapped memory is zeroed by the device: the fills are recorded here and run together.
static bool create_states(struct vv_vulkan *vk, uint32_t *fills) {
    const struct vv_store *store = vk->exec.store;
    for (; vk->realized < store->count; vk->realized++) {
        const struct vv_state *s = store->states[vk->realized];
        struct vv_buffer *b = &vk->states[vk->realized];
        const enum vv_memory kind = s->peeked  ? VV_MEMORY_PEEKED
                                    : s->poked ? VV_MEMORY_POKED
                                               : VV_MEMORY_DEVICE;
        if (!vv_buffer_create(vk, kind, s->bytes, s->name, b)) return false;
        if (s->whole) continue;
        if (b->mapped) {
            memset(b->mapped, 0, b->bytes);
            continue;
        }
        if (*fills == 0 && !vv_transfer_begin(vk)) {
            vv_buffer_destroy(vk, b);
            return false;
        }
        ++*fills;
        vk->vk.vkCmdFillBuffer(vk->transfer, b->handle, 0, VK_WHOLE_SIZE, 0);
    }
    return true;
}

bool vv_states_realize(struct vv_exec *e) {
    struct vv_vulkan *vk = vv_vulkan_of(e);
    if (vk->realized == e->store->count) return true;
    uint32_t fills = 0;
    if (!vv_run_wait(e) || !grow_states(vk)) return false;
    bool ok = create_states(vk, &fills);
    if (fills == 0) return ok;
    vv_memory_barrier(vk, vk->transfer, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
                      DEVICE_STAGES,
                      VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_UNIFORM_READ_BIT |
                          VK_ACCESS_TRANSFER_READ_BIT | DEVICE_WRITES);
    return vv_transfer_end(vk) && ok;
}

static bool need_staging(struct vv_vulkan *vk) {
    return vk->staging.handle ||
           vv_buffer_create(vk, VV_MEMORY_STAGING, STAGING_BYTES, "staging", &vk->staging);
}

static bool stage_in(struct vv_vulkan *vk, const struct vv_buffer *b, uint64_t offset, const void *data,
                     uint64_t n) {
    memcpy(vk->staging.mapped, data, n);  // seen by the device: a submission makes host writes visible
    if (!vv_transfer_begin(vk)) return false;
    vv_memory_barrier(vk, vk->transfer, DEVICE_STAGES, DEVICE_WRITES, VK_PIPELINE_STAGE_TRANSFER_BIT,
                      VK_ACCESS_TRANSFER_WRITE_BIT);
    VkBufferCopy region = {.srcOffset = 0, .dstOffset = offset, .size = n};
    vk->vk.vkCmdCopyBuffer(vk->transfer, vk->staging.handle, b->handle, 1, &region);
    vv_memory_barrier(vk, vk->transfer, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
                      DEVICE_STAGES,
                      VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_UNIFORM_READ_BIT |
                          VK_ACCESS_TRANSFER_READ_BIT | DEVICE_WRITES);
    return vv_transfer_end(vk);
}

static bool stage_out(struct vv_vulkan *vk, const struct vv_buffer *b, uint64_t offset, void *data,
                      uint64_t n) {
    if (!vv_transfer_begin(vk)) return false;
    vv_memory_barrier(vk, vk->transfer, DEVICE_STAGES, DEVICE_WRITES, VK_PIPELINE_STAGE_TRANSFER_BIT,
                      VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT);
    VkBufferCopy region = {.srcOffset = offset, .dstOffset = 0, .size = n};
    vk->vk.vkCmdCopyBuffer(vk->transfer, b->handle, vk->staging.handle, 1, &region);
    // Compute waits, too: what was read here may be written next.
    vv_memory_barrier(vk, vk->transfer, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
                      DEVICE_STAGES | VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
    if (!vv_transfer_end(vk)) return false;
    memcpy(data, vk->staging.mapped, n);
    return true;
}

bool vv_buffer_write(struct vv_vulkan *vk, const struct vv_buffer *b, uint64_t offset, const void *data,
                     uint64_t n) {
    if (!vv_run_wait(&vk->exec)) return false;
    if (b->mapped) {
        memcpy((char *)b->mapped + offset, data, n);
        return true;
    }
    if (!need_staging(vk)) return false;
    for (uint64_t done = 0; done < n; done += STAGING_BYTES) {
        uint64_t piece = n - done < STAGING_BYTES ? n - done : STAGING_BYTES;
        if (!stage_in(vk, b, offset + done, (const char *)data + done, piece)) return false;
    }
    return true;
}

bool vv_buffer_read(struct vv_vulkan *vk, const struct vv_buffer *b, uint64_t offset, void *data,
                    uint64_t n) {
    if (!vv_run_wait(&vk->exec)) return false;
    if (b->mapped) {
        memcpy(data, (const char *)b->mapped + offset, n);
        return true;
    }
    if (!need_staging(vk)) return false;
    for (uint64_t done = 0; done < n; done += STAGING_BYTES) {
        uint64_t piece = n - done < STAGING_BYTES ? n - done : STAGING_BYTES;
        if (!stage_out(vk, b, offset + done, (char *)data + done, piece)) return false;
    }
    return true;
}
