// Command buffers on their way: submissions, fences, barriers.
#include "clock.h"
#include "internal.h"
#include "size.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// What a lost device holds is undefined, though its memory can be read: nothing of it may be saved.
static bool healthy(const struct vv_vulkan *vk) {
    return vk->instance.messages == 0 && !vk->lost;
}

bool vv_done(struct vv_vulkan *vk, VkResult result, const char *call) {
    vk->lost |= result == VK_ERROR_DEVICE_LOST;
    return vv_vk_ok(vk->exec.ctx, result, call);
}

void vv_memory_barrier(const struct vv_vulkan *vk, VkCommandBuffer commands, VkPipelineStageFlags from,
                       VkAccessFlags written, VkPipelineStageFlags to, VkAccessFlags access) {
    VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = written,
        .dstAccessMask = access,
    };
    vk->vk.vkCmdPipelineBarrier(commands, from, to, 0, 1, &barrier, 0, NULL, 0, NULL);
}

static bool begin(struct vv_vulkan *vk, VkCommandBuffer commands, VkCommandBufferUsageFlags usage) {
    VkCommandBufferBeginInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
                                     .flags = usage};
    return vv_done(vk, vk->vk.vkBeginCommandBuffer(commands, &info), "vkBeginCommandBuffer");
}

// Makes what kernels wrote visible to the host, which reads mapped memory directly.
static bool record_finish(struct vv_vulkan *vk) {
    if (!begin(vk, vk->finish, VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT)) return false;
    vv_memory_barrier(vk, vk->finish, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
                      VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT | VK_ACCESS_HOST_WRITE_BIT);
    return vv_done(vk, vk->vk.vkEndCommandBuffer(vk->finish), "vkEndCommandBuffer");
}

static bool create_fence(struct vv_vulkan *vk, VkFence *fence) {
    VkFenceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
    return vv_done(vk, vk->vk.vkCreateFence(vk->device, &info, NULL, fence), "vkCreateFence");
}

bool vv_run_init(struct vv_vulkan *vk) {
    VkCommandPoolCreateInfo pool = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
        .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
        .queueFamilyIndex = vk->gpu.queue_family,
    };
    VkResult result = vk->vk.vkCreateCommandPool(vk->device, &pool, NULL, &vk->commands);
    if (!vv_done(vk, result, "vkCreateCommandPool")) return false;
    VkCommandBuffer both[2];
    VkCommandBufferAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandPool = vk->commands,
        .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
        .commandBufferCount = 2,
    };
    result = vk->vk.vkAllocateCommandBuffers(vk->device, &info, both);
    if (!vv_done(vk, result, "vkAllocateCommandBuffers")) return false;
    vk->transfer = both[0];
    vk->finish = both[1];
    if (!record_finish(vk) || !create_fence(vk, &vk->transfer_fence)) return false;
    for (uint32_t i = 0; i < VV_IN_FLIGHT; i++)
        if (!create_fence(vk, &vk->flight[i].fence)) return false;
    return true;
}

void vv_run_finish(struct vv_vulkan *vk) {
    for (uint32_t i = 0; i < VV_IN_FLIGHT; i++)
        if (vk->flight[i].fence) vk->vk.vkDestroyFence(vk->device, vk->flight[i].fence, NULL);
    if (vk->transfer_fence) vk->vk.vkDestroyFence(vk->device, vk->transfer_fence, NULL);
    if (vk->commands)
        vk->vk.vkDestroyCommandPool(vk->device, vk->commands, NULL);  // and its command buffers
    free(vk->list);
}

// Runs command buffers; the fence tells when they are done.
static bool submit(struct vv_vulkan *vk, const VkCommandBuffer *list, uint32_t count, VkFence fence) {
    VkSubmitInfo info = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
        .commandBufferCount = count,
        .pCommandBuffers = list,
    };
    return vv_done(vk, vk->vk.vkResetFences(vk->device, 1, &fence), "vkResetFences") &&
           vv_done(vk, vk->vk.vkQueueSubmit(vk->queue, 1, &info, fence), "vkQueueSubmit");
}

// In short waits, of which none counts for more than it was to be: a process that was stopped, by Ctrl-Z
// or a debugger, has not waited. VK_TIMEOUT: the device hangs.
static VkResult wait_bounded(const struct vv_vulkan *vk, VkFence fence) {
    const double slice = fmin(vk->timeout / 8, 1);
    VkResult result = VK_TIMEOUT;
    for (double waited = 0; result == VK_TIMEOUT && waited < vk->timeout;) {
        const double since = vv_now();
        result = vk->vk.vkWaitForFences(vk->device, 1, &fence, VK_TRUE, (uint64_t)(1e9 * slice));
        waited += fmin(vv_now() - since, slice);
    }
    return result;
}

static bool wait_for(struct vv_vulkan *vk, VkFence fence, const struct vv_work *work) {
    const VkResult result = wait_bounded(vk, fence);
    if (result == VK_TIMEOUT) return vv_hang(vk, work);
    // What it uses may be destroyed next. Of a device that was lost this ends, too.
    if (result != VK_SUCCESS) (void)vk->vk.vkDeviceWaitIdle(vk->device);
    return vv_done(vk, result, "vkWaitForFences");
}

// After a failure nothing is waited for again: a lost device stays lost.
static bool land(struct vv_vulkan *vk, struct vv_flight *flight) {
    const bool busy = flight->busy;
    const double since = flight->watched ? vv_now() : 0;
    flight->busy = false;
    return !busy || (wait_for(vk, flight->fence, &flight->work) &&
                     (!flight->watched || vv_watched_tell(vk, flight, since)));
}

// Makes way for a submission.
static bool land_oldest(struct vv_vulkan *vk) {
    return land(vk, &vk->flight[vk->turn]);
}

static bool make_room(struct vv_vulkan *vk, uint32_t count) {
    if (count <= vk->list_room) return true;
    VkCommandBuffer *list = vv_alloc(vk->exec.ctx, count, sizeof(VkCommandBuffer));
    if (!list) return false;
    free(vk->list);
    vk->list = list;
    vk->list_room = count;
    return true;
}

// Sends off what make_room's list begins with, and what makes it visible to the host. `watched`: the
// program whose run ends there, NULL for none that is; the run was begun at `since`.
static bool send(struct vv_vulkan *vk, uint32_t count, struct vv_work work, struct vv_program *watched,
                 double since) {
    struct vv_flight *flight = &vk->flight[vk->turn];
    vk->list[count] = vk->finish;
    if (!submit(vk, vk->list, count + 1, flight->fence)) return false;
    flight->busy = true;
    flight->work = work;
    flight->watched = watched;
    flight->submitted = (struct vv_span){since, watched ? vv_now() : 0};
    flight->number = ++vk->exec.submitted;
    vk->turn = (vk->turn + 1) % VV_IN_FLIGHT;
    return healthy(vk);
}

bool vv_run_submit(struct vv_exec *e, struct vv_program *p, uint32_t times) {
    struct vv_vulkan *vk = vv_vulkan_of(e);
    if (p->watched) {  // each run has timestamps of its own
        while (times > 0 && vv_run_submit_parts(e, p, 1)) times--;
        return times == 0;
    }
    const uint64_t count = (uint64_t)times * p->piece_count;
    assert(count < UINT32_MAX);
    if (!land_oldest(vk) || !make_room(vk, (uint32_t)count + 1)) return false;
    for (uint32_t i = 0; i < count; i++) vk->list[i] = p->pieces[i % p->piece_count];
    return send(vk, (uint32_t)count, (struct vv_work){p, 0, p->piece_count, times}, NULL, 0);
}

bool vv_run_submit_parts(struct vv_exec *e, struct vv_program *p, uint32_t parts) {
    struct vv_vulkan *vk = vv_vulkan_of(e);
    struct vv_watched *w = p->watched;
    const uint32_t pieces = p->piece_count;
    const VkCommandBuffer *recording = p->pieces + (w ? w->next * pieces : 0);
    double since = 0;
    if (parts > pieces) parts = pieces;
    if (!make_room(vk, pieces + 1)) return false;
    if (w) w->next = (w->next + 1) % VV_IN_FLIGHT;
    for (uint32_t part = 0, first = 0; part < parts; part++) {
        const uint32_t end = (uint32_t)((part + 1) * (uint64_t)pieces / parts);
        if (!land_oldest(vk)) return false;
        if (w && part == 0) since = vv_now();
        memcpy(vk->list, recording + first, (end - first) * sizeof(VkCommandBuffer));
        const struct vv_work work = {p, first, end, 1};
        if (!send(vk, end - first, work, w && end == pieces ? p : NULL, since)) return false;
        first = end;
    }
    return true;
}

bool vv_run_land(struct vv_exec *e, uint64_t submission) {
    struct vv_vulkan *vk = vv_vulkan_of(e);
    bool ok = true;
    for (uint32_t i = 0; i < VV_IN_FLIGHT; i++) {
        struct vv_flight *flight = &vk->flight[(vk->turn + i) % VV_IN_FLIGHT];
        if (flight->number <= submission) ok = land(vk, flight) && ok;
    }
    return ok && healthy(vk);
}

bool vv_run_wait(struct vv_exec *e) {
    return vv_run_land(e, e->submitted);
}

bool vv_transfer_begin(struct vv_vulkan *vk) {
    return begin(vk, vk->transfer, VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT);
}

bool vv_transfer_end(struct vv_vulkan *vk) {
    const struct vv_work copy = {.program = NULL};
    VkResult result = vk->vk.vkEndCommandBuffer(vk->transfer);
    return vv_done(vk, result, "vkEndCommandBuffer") &&
           submit(vk, &vk->transfer, 1, vk->transfer_fence) && wait_for(vk, vk->transfer_fence, &copy) &&
           healthy(vk);
}
