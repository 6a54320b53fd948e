// A tape made into one command buffer: launches, plan, arena, then dispatches and barriers in tape
// order.
#include "internal.h"
#include "size.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool make_launches(struct vv_exec *e, const struct vv_tape *t, struct vv_launch *launches,
                          uint64_t *scratch) {
    for (uint32_t i = 0; i < t->count; i++) {
        const struct vv_node *y = t->nodes[i];
        if (!y->op->launch) continue;
        if (!y->op->launch(y, &e->limits, &launches[i])) {
            char shape[VV_SHAPE_TEXT];
            return vv_fail(
                e->ctx, VV_FAILED,
                "tape '%s': node '%s' (%s %s) does not fit the limits of %s: take a smaller batch or "
                "model, or another device",
                t->name, y->name, y->op->name, y->shape.rank ? vv_shape_print(y->shape, shape) : "",
                e->description);
        }
        scratch[i] = launches[i].scratch_bytes;
    }
    return true;
}

// What kernels wrote is seen by the kernels that follow (texel reads are shader reads); and they wait
// for the reads before them, so that they may write.
static void barrier(const struct vv_program *p) {
    vv_memory_barrier(p->vk, p->commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                      VK_ACCESS_SHADER_WRITE_BIT, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                      VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT |
                          VK_ACCESS_UNIFORM_READ_BIT);
}

static bool record_dispatch(struct vv_program *p, const struct vv_node *y, const struct vv_dispatch *d) {
    struct vv_vulkan *vk = p->vk;
    assert(d->groups[0] <= vk->exec.limits.max_groups && d->groups[1] <= vk->exec.limits.max_groups);
    assert(d->spec[0] <= vk->exec.limits.max_invocations);
    struct vv_pipeline pipeline;
    if (!vv_pipeline_get(vk, d, &pipeline)) return false;
    const struct vv_layout *layout = &vk->layouts[pipeline.layout];
    VkDescriptorSet set;
    uint32_t base[VV_MAX_BINDINGS] = {0};
    if (!vv_set_make(p, y, d, layout, &set, base)) return false;

    unsigned char args[VV_MAX_ARGS];
    assert(d->args_bytes >= sizeof base && d->args_bytes <= sizeof args && d->args_bytes % 4 == 0);
    memcpy(args, d->args, d->args_bytes);
    memcpy(args, base, sizeof base);
    vk->vk.vkCmdBindPipeline(p->commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.handle);
    vk->vk.vkCmdBindDescriptorSets(p->commands, VK_PIPELINE_BIND_POINT_COMPUTE, layout->pipeline, 0, 1,
                                   &set, 0, NULL);
    vk->vk.vkCmdPushConstants(p->commands, layout->pipeline, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                              d->args_bytes, args);
    vk->vk.vkCmdDispatch(p->commands, d->groups[0], d->groups[1], d->groups[2]);
    return true;
}

static bool record_node(struct vv_program *p, const struct vv_node *y, const struct vv_launch *launch) {
    const struct vv_instance *instance = &p->vk->instance;
    const bool alone = p->watched && launch->count;  // so that its time is its own
    if (p->plan.nodes[y->index].barrier || alone) barrier(p);
    if (launch->count == 0) return true;
    VkDebugUtilsLabelEXT label = {.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_LABEL_EXT,
                                  .pLabelName = y->name};
    if (instance->begin_label) instance->begin_label(p->commands, &label);
    bool ok = true;
    for (uint32_t i = 0; ok && i < launch->count; i++) {
        if (i > 0) barrier(p);
        ok = record_dispatch(p, y, &launch->dispatch[i]);
    }
    if (instance->end_label) instance->end_label(p->commands);
    return ok;
}

static bool begin(struct vv_program *p) {
    struct vv_vulkan *vk = p->vk;
    VkCommandBufferAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandPool = vk->commands,
        .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
        .commandBufferCount = 1,
    };
    VkResult result = vk->vk.vkAllocateCommandBuffers(vk->device, &allocate, &p->commands);
    if (result != VK_SUCCESS) p->commands = VK_NULL_HANDLE;
    if (!vv_vk_ok(vk->exec.ctx, result, "vkAllocateCommandBuffers")) return false;
    VkCommandBufferBeginInfo begin = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
        .flags = VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT,
    };
    result = vk->vk.vkBeginCommandBuffer(p->commands, &begin);
    return vv_vk_ok(vk->exec.ctx, result, "vkBeginCommandBuffer");
}

// `slot`: of a program that is watched, whose recording it is.
static bool record(struct vv_program *p, const struct vv_launch *launches, uint32_t slot) {
    struct vv_vulkan *vk = p->vk;
    uint32_t next = 0;
    if (!begin(p)) return false;
    if (p->watched) vv_watched_begin(p, slot);
    barrier(p);  // against the replay before
    if (p->watched) vv_watched_mark(p, slot, &next);
    for (uint32_t i = 0; i < p->tape->count; i++) {
        if (!record_node(p, p->tape->nodes[i], &launches[i])) return false;
        if (p->watched && p->watched->timed[i]) vv_watched_mark(p, slot, &next);
    }
    return vv_vk_ok(vk->exec.ctx, vk->vk.vkEndCommandBuffer(p->commands), "vkEndCommandBuffer");
}

static bool record_watched(struct vv_program *p, const struct vv_launch *launches) {
    for (uint32_t slot = 0; slot < VV_IN_FLIGHT; slot++) {
        if (!record(p, launches, slot)) return false;
        p->watched->commands[slot] = p->commands;
        p->commands = VK_NULL_HANDLE;
    }
    return true;
}

static bool make(struct vv_program *p, struct vv_launch *launches, uint64_t *scratch) {
    struct vv_vulkan *vk = p->vk;
    if (!make_launches(&vk->exec, p->tape, launches, scratch)) return false;
    if (!vv_plan_make(p->tape, scratch, true, &p->plan)) return false;
    char name[128];
    (void)snprintf(name, sizeof name, "memory of tape %.64s", p->tape->name);
    if (p->plan.arena_bytes &&
        !vv_buffer_create(vk, VV_MEMORY_DEVICE, p->plan.arena_bytes, name, &p->arena))
        return false;
    const bool watched = vk->exec.watching;
    return (!watched || vv_watched_init(p, launches)) && vv_sets_init(p, launches) &&
           (watched ? record_watched(p, launches) : record(p, launches, 0)) &&
           vk->instance.messages == 0;
}

struct vv_program *vv_program_record(struct vv_exec *e, const struct vv_tape *t) {
    struct vv_program *p = vv_alloc(e->ctx, 1, sizeof *p);
    struct vv_launch *launches = vv_alloc(e->ctx, t->count, sizeof *launches);
    uint64_t *scratch = vv_alloc(e->ctx, t->count, sizeof *scratch);
    bool ok = p && launches && scratch;
    if (ok) {
        p->vk = vv_vulkan_of(e);
        p->tape = t;
        ok = make(p, launches, scratch);
    }
    free(launches);
    free(scratch);
    if (ok) return p;
    vv_program_finish(p);
    return NULL;
}

void vv_program_finish(struct vv_program *p) {
    if (p && p->vk) {
        struct vv_vulkan *vk = p->vk;
        if (p->commands) vk->vk.vkFreeCommandBuffers(vk->device, vk->commands, 1, &p->commands);
        vv_watched_finish(p);
        vv_sets_finish(p);
        vv_buffer_destroy(vk, &p->arena);
        vv_plan_finish(&p->plan);
    }
    free(p);
}
