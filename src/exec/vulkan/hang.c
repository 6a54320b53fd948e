// A device that does not answer. Nothing of it can be waited for, and so nothing that it may still use
// can be destroyed: its objects, the device and the instance are left to it, and end with the process.
#include "internal.h"

#include <stdio.h>

#define KINDS(X)                                                                                        \
    X(Buffer)                                                                                           \
    X(BufferView)                                                                                       \
    X(CommandPool)                                                                                      \
    X(DescriptorPool)                                                                                   \
    X(DescriptorSetLayout)                                                                              \
    X(Fence)                                                                                            \
    X(Pipeline)                                                                                         \
    X(PipelineCache)                                                                                    \
    X(PipelineLayout)                                                                                   \
    X(QueryPool)

#define KEEP(kind)                                                                                      \
    static VKAPI_ATTR void VKAPI_CALL keep_##kind(VkDevice d, Vk##kind o,                               \
                                                  const VkAllocationCallbacks *a) {                     \
        (void)d, (void)o, (void)a;                                                                      \
    }
KINDS(KEEP)

static VKAPI_ATTR void VKAPI_CALL keep_memory(VkDevice d, VkDeviceMemory m,
                                              const VkAllocationCallbacks *a) {
    (void)d, (void)m, (void)a;
}

static VKAPI_ATTR void VKAPI_CALL keep_commands(VkDevice d, VkCommandPool p, uint32_t n,
                                                const VkCommandBuffer *c) {
    (void)d, (void)p, (void)n, (void)c;
}

static VKAPI_ATTR void VKAPI_CALL keep_device(VkDevice d, const VkAllocationCallbacks *a) {
    (void)d, (void)a;
}

static VKAPI_ATTR VkResult VKAPI_CALL lost_idle(VkDevice d) {
    (void)d;
    return VK_ERROR_DEVICE_LOST;
}

static VKAPI_ATTR VkResult VKAPI_CALL lost_submit(VkQueue q, uint32_t n, const VkSubmitInfo *i,
                                                  VkFence f) {
    (void)q, (void)n, (void)i, (void)f;
    return VK_ERROR_DEVICE_LOST;
}

static VKAPI_ATTR VkResult VKAPI_CALL lost_wait(VkDevice d, uint32_t n, const VkFence *f, VkBool32 all,
                                                uint64_t time) {
    (void)d, (void)n, (void)f, (void)all, (void)time;
    return VK_ERROR_DEVICE_LOST;
}

// What the executor calls from now on.
static void abandon(struct vv_vulkan *vk) {
#define SET(kind) vk->vk.vkDestroy##kind = keep_##kind;
    KINDS(SET)
    vk->vk.vkFreeMemory = keep_memory;
    vk->vk.vkFreeCommandBuffers = keep_commands;
    vk->vk.vkDestroyDevice = keep_device;
    vk->vk.vkDeviceWaitIdle = lost_idle;
    vk->vk.vkQueueSubmit = lost_submit;
    vk->vk.vkWaitForFences = lost_wait;
    vk->instance.left = vk->instance.messenger != VK_NULL_HANDLE;
    vk->instance.messenger = VK_NULL_HANDLE;
    vk->instance.handle = VK_NULL_HANDLE;
    vk->lost = true;
}

// The first and the last node of the pieces, views left out, which nothing is done for.
static void describe(const struct vv_work *work, char *text, size_t size) {
    const struct vv_program *p = work->program;
    if (!p) {
        (void)snprintf(text, size, "a copy between host and device");
        return;
    }
    uint32_t first = p->starts[work->first];
    uint32_t last = (work->end < p->piece_count ? p->starts[work->end] : p->tape->count) - 1;
    while (first < last && !p->tape->nodes[first]->op->launch) first++;
    while (last > first && !p->tape->nodes[last]->op->launch) last--;
    const struct vv_node *a = p->tape->nodes[first], *b = p->tape->nodes[last];
    int used = snprintf(text, size, "tape '%.64s', node%s '%.64s' (%.32s)", p->tape->name,
                        first < last ? "s" : "", a->name, a->op->name);
    if (first < last)
        used += snprintf(text + used, size - (size_t)used, " to '%.64s' (%.32s)", b->name, b->op->name);
    if (work->times > 1) (void)snprintf(text + used, size - (size_t)used, ", %u times", work->times);
}

bool vv_hang(struct vv_vulkan *vk, const struct vv_work *work) {
    struct vv_context *ctx = vk->exec.ctx;
    char text[320];
    describe(work, text, sizeof text);
    abandon(vk);
    if (ctx->status == VV_OK) ctx->lost = true;
    return vv_fail(ctx, VV_FAILED,
                   "%.200s hangs: it did not end what it was given (%s) within %.4g s; see the system's "
                   "log, update the driver, take another device, or wait longer with --device-timeout",
                   vk->exec.description, text, vk->timeout);
}
