// Pipelines: one for each kernel, set of specialisation constants and kinds of bindings, made when first
// needed.
#include "kernel.h"

#include "internal.h"
#include "size.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// What every device gives; all layouts have it, so that arguments need no layout of their own.
#define PUSH_CONSTANT_BYTES 128
_Static_assert(VV_MAX_ARGS <= PUSH_CONSTANT_BYTES, "arguments are push constants");

VkDescriptorType vv_descriptor_type(uint32_t kind) {
    static const VkDescriptorType types[] = {
        [VV_STORAGE] = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
        [VV_TEXEL_VEC4] = VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER,
        [VV_UNIFORM] = VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER,
        [VV_IMAGE_VEC4] = VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER,
    };
    assert(kind < sizeof types / sizeof *types);
    return types[kind];
}

static bool create_layout(struct vv_vulkan *vk, struct vv_layout *layout) {
    struct vv_context *ctx = vk->exec.ctx;
    VkDescriptorSetLayoutBinding bindings[VV_MAX_BINDINGS];
    for (uint32_t i = 0; i < layout->count; i++)
        bindings[i] = (VkDescriptorSetLayoutBinding){
            .binding = i,
            .descriptorType = vv_descriptor_type(layout->kind[i]),
            .descriptorCount = 1,
            .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
        };
    VkDescriptorSetLayoutCreateInfo set = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
        .bindingCount = layout->count,
        .pBindings = bindings,
    };
    VkResult result = vk->vk.vkCreateDescriptorSetLayout(vk->device, &set, NULL, &layout->set);
    if (!vv_vk_ok(ctx, result, "vkCreateDescriptorSetLayout")) return false;

    VkPushConstantRange arguments = {.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
                                     .size = PUSH_CONSTANT_BYTES};
    VkPipelineLayoutCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
        .setLayoutCount = 1,
        .pSetLayouts = &layout->set,
        .pushConstantRangeCount = 1,
        .pPushConstantRanges = &arguments,
    };
    result = vk->vk.vkCreatePipelineLayout(vk->device, &info, NULL, &layout->pipeline);
    if (vv_vk_ok(ctx, result, "vkCreatePipelineLayout")) return true;
    vk->vk.vkDestroyDescriptorSetLayout(vk->device, layout->set, NULL);
    return false;
}

// An array of one more element, the old ones copied; NULL with the error set, the old array as it was.
static void *grown(struct vv_vulkan *vk, const void *old, uint32_t count, size_t size) {
    char *array = vv_alloc(vk->exec.ctx, (uint64_t)count + 1, size);
    if (array && count) memcpy(array, old, count * size);
    return array;
}

static bool check_storage_buffers(struct vv_vulkan *vk, const struct vv_dispatch *d) {
    uint32_t count = 0, most = vk->exec.limits.max_storage_buffers;
    for (uint32_t i = 0; i < d->binding_count; i++) count += d->binding[i].kind == VV_STORAGE;
    if (count <= most) return true;
    return vv_fail(vk->exec.ctx, VV_FAILED,
                   "kernel '%s' wants %u storage buffers, and %s allows %u: take another device",
                   d->kernel, count, vk->exec.description, most);
}

static bool get_layout(struct vv_vulkan *vk, const struct vv_dispatch *d, uint32_t *index) {
    struct vv_layout wanted = {.count = d->binding_count};
    for (uint32_t i = 0; i < d->binding_count; i++) wanted.kind[i] = d->binding[i].kind;
    for (*index = 0; *index < vk->layout_count; ++*index) {
        const struct vv_layout *l = &vk->layouts[*index];
        if (l->count == wanted.count && memcmp(l->kind, wanted.kind, sizeof wanted.kind) == 0)
            return true;
    }
    struct vv_layout *layouts = grown(vk, vk->layouts, vk->layout_count, sizeof *layouts);
    if (!layouts || !check_storage_buffers(vk, d)) {
        free(layouts);
        return false;
    }
    free(vk->layouts);
    vk->layouts = layouts;
    if (!create_layout(vk, &wanted)) return false;
    layouts[vk->layout_count++] = wanted;
    return true;
}

// Whether a module declares any OpCapability GroupNonUniform* (SPIR-V: opcode 17, capabilities 61 to
// 68). Capabilities come first in a module.
static bool uses_subgroups(const struct vv_kernel *kernel) {
    const size_t header = 5, count = kernel->bytes / 4;
    for (size_t i = header; i + 1 < count && (kernel->words[i] & 0xffff) == 17;
         i += kernel->words[i] >> 16)
        if (kernel->words[i + 1] >= 61 && kernel->words[i + 1] <= 68) return true;
    return false;
}

static bool create_module(struct vv_vulkan *vk, const struct vv_kernel *kernel, VkShaderModule *module) {
    VkShaderModuleCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
        .codeSize = kernel->bytes,
        .pCode = kernel->words,
    };
    VkResult result = vk->vk.vkCreateShaderModule(vk->device, &info, NULL, module);
    return vv_vk_ok(vk->exec.ctx, result, "vkCreateShaderModule");
}

static bool create_pipeline(struct vv_vulkan *vk, struct vv_pipeline *p) {
    VkSpecializationMapEntry entries[VV_MAX_SPEC];
    for (uint32_t i = 0; i < p->spec_count; i++)
        entries[i] = (VkSpecializationMapEntry){.constantID = i, .offset = 4 * i, .size = 4};
    VkSpecializationInfo constants = {
        .mapEntryCount = p->spec_count,
        .pMapEntries = entries,
        .dataSize = 4 * (size_t)p->spec_count,
        .pData = p->spec,
    };
    uint32_t lanes = vk->gpu.info.limits.subgroup_size;
    VkPipelineShaderStageRequiredSubgroupSizeCreateInfoEXT size = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO_EXT,
        .requiredSubgroupSize = lanes,
    };
    bool pinned = vk->gpu.pins_subgroups && p->spec[0] % lanes == 0 && uses_subgroups(p->kernel);
    VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage =
            {
                .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                .pNext = pinned ? &size : NULL,
                .flags = pinned ? VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT_EXT : 0,
                .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                .pName = "main",
                .pSpecializationInfo = &constants,
            },
        .layout = vk->layouts[p->layout].pipeline,
    };
    if (!create_module(vk, p->kernel, &info.stage.module)) return false;
    VkResult result = vk->vk.vkCreateComputePipelines(vk->device, vk->cache, 1, &info, NULL, &p->handle);
    vk->vk.vkDestroyShaderModule(vk->device, info.stage.module, NULL);
    char call[128];
    (void)snprintf(call, sizeof call, "vkCreateComputePipelines for kernel '%.64s'", p->kernel->name);
    if (!vv_vk_ok(vk->exec.ctx, result, call)) return false;
    vv_set_name(vk, VK_OBJECT_TYPE_PIPELINE, (uint64_t)p->handle, p->kernel->name);
    return true;
}

static const struct vv_kernel *find_kernel(const char *name) {
    for (size_t i = 0; i < vv_kernel_count; i++)
        if (strcmp(vv_kernels[i].name, name) == 0) return &vv_kernels[i];
    return NULL;
}

static bool same(const struct vv_pipeline *a, const struct vv_pipeline *b) {
    return a->kernel == b->kernel && a->layout == b->layout && a->spec_count == b->spec_count &&
           memcmp(a->spec, b->spec, sizeof a->spec) == 0;
}

bool vv_pipeline_get(struct vv_vulkan *vk, const struct vv_dispatch *d, struct vv_pipeline *pipeline) {
    struct vv_pipeline wanted = {.kernel = find_kernel(d->kernel), .spec_count = d->spec_count};
    if (!wanted.kernel)
        return vv_fail(vk->exec.ctx, VV_FAILED,
                       "kernel '%s' was not built in: give it a file in shaders, and build anew",
                       d->kernel);
    assert(d->spec_count > 0 && d->spec[0] > 0);
    memcpy(wanted.spec, d->spec, d->spec_count * sizeof *d->spec);
    if (!get_layout(vk, d, &wanted.layout)) return false;
    for (uint32_t i = 0; i < vk->pipeline_count; i++) {
        if (!same(&vk->pipelines[i], &wanted)) continue;
        *pipeline = vk->pipelines[i];
        return true;
    }
    struct vv_pipeline *pipelines = grown(vk, vk->pipelines, vk->pipeline_count, sizeof *pipelines);
    if (!pipelines) return false;
    free(vk->pipelines);
    vk->pipelines = pipelines;
    if (!create_pipeline(vk, &wanted)) return false;
    pipelines[vk->pipeline_count++] = wanted;
    *pipeline = wanted;
    return true;
}

void vv_pipelines_finish(struct vv_vulkan *vk) {
    for (uint32_t i = 0; i < vk->pipeline_count; i++)
        vk->vk.vkDestroyPipeline(vk->device, vk->pipelines[i].handle, NULL);
    for (uint32_t i = 0; i < vk->layout_count; i++) {
        vk->vk.vkDestroyPipelineLayout(vk->device, vk->layouts[i].pipeline, NULL);
        vk->vk.vkDestroyDescriptorSetLayout(vk->device, vk->layouts[i].set, NULL);
    }
    free(vk->pipelines);
    free(vk->layouts);
}
