// A tape made into command buffers: launches, plan, arena, then dispatches and barriers in tape
// order.
#include "internal.h"
#include "size.h"

#include <assert.h>
#include <math.h>
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

// A guess at the multiplications of a node, exact for products of matrices: sqrt(MK KN MN) = MNK.
static double work_of(const struct vv_node *y) {
    double most = y->shape.rank ? (double)vv_count(y) : 1;
    const double out = most;
    for (uint32_t i = 0; i < y->inputs; i++)
        if ((double)vv_count(y->in[i]) > most) most = (double)vv_count(y->in[i]);
    if (y->inputs < 2 || !y->shape.rank) return most;
    const double product = sqrt((double)vv_count(y->in[0]) * (double)vv_count(y->in[1]) * out);
    return product > most ? product : most;
}

// It begins with node `start`.
static bool begin_piece(struct vv_program *p, uint32_t slot, uint32_t start) {
    struct vv_vulkan *vk = p->vk;
    VkCommandBufferAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandPool = vk->commands,
        .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
        .commandBufferCount = 1,
    };
    VkResult result = vk->vk.vkAllocateCommandBuffers(vk->device, &allocate, &p->commands);
    if (!vv_done(vk, result, "vkAllocateCommandBuffers")) return false;
    if (slot == 0) p->starts[p->recorded] = start;
    p->pieces[p->recorded++] = p->commands;
    VkCommandBufferBeginInfo begin = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
        .flags = VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT,
    };
    result = vk->vk.vkBeginCommandBuffer(p->commands, &begin);
    return vv_done(vk, result, "vkBeginCommandBuffer");
}

static bool end_piece(struct vv_program *p) {
    struct vv_vulkan *vk = p->vk;
    return vv_done(vk, vk->vk.vkEndCommandBuffer(p->commands), "vkEndCommandBuffer");
}

// `slot`: of a program that is watched, whose recording it is.
static bool record_pieces(struct vv_program *p, const struct vv_launch *launches, uint32_t slot) {
    const struct vv_tape *t = p->tape;
    double work = 0;
    uint32_t next = 0;
    if (!begin_piece(p, slot, 0)) return false;
    if (p->watched) vv_watched_begin(p, slot);
    barrier(p);  // against the replay before
    if (p->watched) vv_watched_mark(p, slot, &next);
    for (uint32_t i = 0; i < t->count; i++) {
        const double more = launches[i].count ? work_of(t->nodes[i]) : 0;
        if (work > 0 && more > 0 && work + more > p->vk->exec.piece_work) {
            if (!end_piece(p) || !begin_piece(p, slot, i)) return false;
            work = 0;
        }
        work += more;
        if (!record_node(p, t->nodes[i], &launches[i])) return false;
        if (p->watched && p->watched->timed[i]) vv_watched_mark(p, slot, &next);
    }
    return end_piece(p);
}

static bool record(struct vv_program *p, const struct vv_launch *launches) {
    const uint64_t recordings = p->watched ? VV_IN_FLIGHT : 1, most = (uint64_t)p->tape->count + 1;
    p->pieces = vv_alloc(p->vk->exec.ctx, recordings * most, sizeof(VkCommandBuffer));
    p->starts = vv_alloc(p->vk->exec.ctx, most, sizeof *p->starts);
    if (!p->pieces || !p->starts) return false;
    for (uint32_t slot = 0; slot < recordings; slot++)
        if (!record_pieces(p, launches, slot)) return false;
    p->piece_count = p->recorded / (uint32_t)recordings;
    return true;
}

static bool make(struct vv_program *p, struct vv_launch *launches, uint64_t *scratch) {
    struct vv_vulkan *vk = p->vk;
    if (!make_launches(&vk->exec, p->tape, launches, scratch)) return false;
    if (!vv_plan_make(p->tape, scratch, !vk->exec.no_reuse, &p->plan)) return false;
    char name[128];
    (void)snprintf(name, sizeof name, "memory of tape %.64s", p->tape->name);
    if (p->plan.arena_bytes &&
        !vv_buffer_create(vk, VV_MEMORY_DEVICE, p->plan.arena_bytes, name, &p->arena))
        return false;
    if (vk->exec.watching && !vv_watched_init(p, launches)) return false;
    return vv_pipelines_make(vk, launches, p->tape->count) && vv_sets_init(p, launches) &&
           record(p, launches) && vk->instance.messages == 0;
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
        if (p->recorded) vk->vk.vkFreeCommandBuffers(vk->device, vk->commands, p->recorded, p->pieces);
        free(p->pieces);
        free(p->starts);
        vv_watched_finish(p);
        vv_sets_finish(p);
        vv_buffer_destroy(vk, &p->arena);
        vv_plan_finish(&p->plan);
    }
    free(p);
}
