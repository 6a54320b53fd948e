// Operands as descriptors: each its own range of a buffer, or a texel view of one.
#include "internal.h"
#include "size.h"

#include <assert.h>
#include <stdlib.h>

// Where an operand lies, and the part of its buffer that is bound.
struct range {
    const struct vv_buffer *buffer;
    uint64_t offset, bytes;  // bound; the offset suits the device
    uint32_t base;           // elements from there to the operand
};

bool vv_sets_init(struct vv_program *p, const struct vv_launch *launches) {
    struct vv_vulkan *vk = p->vk;
    uint32_t sets = 0, kinds[VV_BINDING_KINDS] = {0};
    for (uint32_t i = 0; i < p->tape->count; i++)
        for (uint32_t j = 0; j < launches[i].count; j++, sets++)
            for (uint32_t k = 0; k < launches[i].dispatch[j].binding_count; k++)
                kinds[launches[i].dispatch[j].binding[k].kind]++;
    if (sets == 0) return true;
    const uint32_t recordings = p->watched ? VV_IN_FLIGHT : 1;
    sets *= recordings;
    for (uint32_t i = 0; i < VV_BINDING_KINDS; i++) kinds[i] *= recordings;
    VkDescriptorPoolSize sizes[VV_BINDING_KINDS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < VV_BINDING_KINDS; i++)
        if (kinds[i]) sizes[count++] = (VkDescriptorPoolSize){vv_descriptor_type(i), kinds[i]};
    VkDescriptorPoolCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
        .maxSets = sets,
        .poolSizeCount = count,
        .pPoolSizes = sizes,
    };
    VkResult result = vk->vk.vkCreateDescriptorPool(vk->device, &info, NULL, &p->sets);
    p->views = vv_alloc(vk->exec.ctx, kinds[VV_TEXEL_VEC4] + kinds[VV_IMAGE_VEC4], sizeof *p->views);
    return vv_done(vk, result, "vkCreateDescriptorPool") && p->views;
}

static const struct vv_node *operand_node(const struct vv_node *y, uint32_t operand) {
    assert(operand == VV_OPERAND_OUT || operand < y->inputs);
    return operand == VV_OPERAND_OUT ? y : y->in[operand];
}

// The operand's own bytes.
static void locate(const struct vv_program *p, const struct vv_node *y, uint32_t operand,
                   struct range *r, uint32_t *unit) {
    if (operand == VV_OPERAND_SCRATCH) {
        const struct vv_plan_node *plan = &p->plan.nodes[y->index];
        *r = (struct range){&p->arena, plan->scratch_offset, plan->scratch_bytes, 0};
        *unit = 4;
        return;
    }
    const struct vv_node *x = operand_node(y, operand);
    uint64_t elements;
    const struct vv_node *root = vv_root(x, &elements);
    *unit = vv_type_bytes(x->type);
    *r = (struct range){
        .buffer = root->state ? &p->vk->states[root->state->index] : &p->arena,
        .offset = (root->state ? 0 : p->plan.nodes[root->index].offset) + elements * *unit,
        .bytes = vv_count(x) * *unit,
    };
}

static bool check_range(const struct vv_program *p, const struct vv_node *y, const struct vv_binding *b,
                        uint64_t bytes) {
    const struct vv_limits *limits = &p->vk->exec.limits;
    static const char *const names[] = {[VV_STORAGE] = "storage buffer",
                                        [VV_TEXEL_VEC4] = "texel buffer",
                                        [VV_UNIFORM] = "uniform buffer",
                                        [VV_IMAGE_VEC4] = "texel buffer"};
    const uint64_t most[] = {
        [VV_STORAGE] = limits->max_storage_range,
        [VV_TEXEL_VEC4] = (uint64_t)limits->max_texel_elements * 16,
        [VV_UNIFORM] = limits->max_uniform_range,
        [VV_IMAGE_VEC4] = (uint64_t)limits->max_texel_elements * 16,
    };
    if (bytes <= most[b->kind]) return true;
    const char *what = b->operand == VV_OPERAND_SCRATCH ? "scratch" : operand_node(y, b->operand)->name;
    return vv_fail(
        p->vk->exec.ctx, VV_FAILED,
        "the model is larger than the device's limits: node '%s' (%s) needs %llu bytes of '%s' in one "
        "%s, and %s allows %llu: take a smaller batch or model, or another device",
        y->name, y->op->name, (unsigned long long)bytes, what, names[b->kind], p->vk->exec.description,
        (unsigned long long)most[b->kind]);
}

static bool is_texel(const struct vv_binding *b) {
    return b->kind == VV_TEXEL_VEC4 || b->kind == VV_IMAGE_VEC4;
}

// The range to bind: it starts on the device's alignment, and ends on a whole word or texel.
static bool bound_range(const struct vv_program *p, const struct vv_node *y, const struct vv_binding *b,
                        struct range *r) {
    uint32_t unit;
    locate(p, y, b->operand, r, &unit);
    uint64_t before = r->offset & (p->vk->exec.limits.offset_alignment - 1);
    uint32_t granule = is_texel(b) ? 16 : 4;
    if (is_texel(b) && (before % granule || unit != 4))
        return vv_fail(p->vk->exec.ctx, VV_FAILED,
                       "node '%s' (%s) binds as texels what is not aligned to them: bind it as storage",
                       y->name, y->op->name);
    r->offset -= before;
    r->base = (uint32_t)(before / unit);
    r->bytes = vv_align_up(before + r->bytes, granule);
    assert(r->bytes && r->offset + r->bytes <= r->buffer->bytes);
    return check_range(p, y, b, r->bytes);
}

static bool create_view(struct vv_program *p, const struct range *r) {
    struct vv_vulkan *vk = p->vk;
    VkBufferViewCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO,
        .buffer = r->buffer->handle,
        .format = VK_FORMAT_R32G32B32A32_SFLOAT,
        .offset = r->offset,
        .range = r->bytes,
    };
    VkResult result = vk->vk.vkCreateBufferView(vk->device, &info, NULL, &p->views[p->view_count]);
    if (!vv_done(vk, result, "vkCreateBufferView")) return false;
    p->view_count++;
    return true;
}

static bool write_set(struct vv_program *p, const struct vv_node *y, const struct vv_dispatch *d,
                      VkDescriptorSet set, uint32_t base[VV_MAX_BINDINGS]) {
    VkDescriptorBufferInfo buffers[VV_MAX_BINDINGS];
    VkWriteDescriptorSet writes[VV_MAX_BINDINGS];
    for (uint32_t i = 0; i < d->binding_count; i++) {
        struct range r;
        if (!bound_range(p, y, &d->binding[i], &r)) return false;
        base[i] = r.base;
        buffers[i] = (VkDescriptorBufferInfo){r.buffer->handle, r.offset, r.bytes};
        writes[i] = (VkWriteDescriptorSet){
            .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
            .dstSet = set,
            .dstBinding = i,
            .descriptorCount = 1,
            .descriptorType = vv_descriptor_type(d->binding[i].kind),
            .pBufferInfo = &buffers[i],
        };
        if (!is_texel(&d->binding[i])) continue;
        if (!create_view(p, &r)) return false;
        writes[i].pTexelBufferView = &p->views[p->view_count - 1];
    }
    p->vk->vk.vkUpdateDescriptorSets(p->vk->device, d->binding_count, writes, 0, NULL);
    return true;
}

bool vv_set_make(struct vv_program *p, const struct vv_node *y, const struct vv_dispatch *d,
                 const struct vv_layout *layout, VkDescriptorSet *set, uint32_t base[VV_MAX_BINDINGS]) {
    VkDescriptorSetAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
        .descriptorPool = p->sets,
        .descriptorSetCount = 1,
        .pSetLayouts = &layout->set,
    };
    VkResult result = p->vk->vk.vkAllocateDescriptorSets(p->vk->device, &info, set);
    return vv_done(p->vk, result, "vkAllocateDescriptorSets") && write_set(p, y, d, *set, base);
}

void vv_sets_finish(struct vv_program *p) {
    struct vv_vulkan *vk = p->vk;
    for (uint32_t i = 0; i < p->view_count; i++)
        vk->vk.vkDestroyBufferView(vk->device, p->views[i], NULL);
    if (p->sets) vk->vk.vkDestroyDescriptorPool(vk->device, p->sets, NULL);  // and its sets
    free(p->views);
}
