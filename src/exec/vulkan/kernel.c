// Pipelines: one for each kernel, set of specialisation constants and kinds of bindings, made when first
// needed, and then on several threads: drivers compile in that call.
#include "kernel.h"

#include "internal.h"
#include "size.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    if (!vv_done(vk, result, "vkCreateDescriptorSetLayout")) return false;

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
    if (vv_done(vk, result, "vkCreatePipelineLayout")) return true;
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

static VkResult create_module(const struct vv_vulkan *vk, const struct vv_kernel *kernel,
                              VkShaderModule *module) {
    VkShaderModuleCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
        .codeSize = kernel->bytes,
        .pCode = kernel->words,
    };
    return vk->vk.vkCreateShaderModule(vk->device, &info, NULL, module);
}

// Runs on any thread; says in *call which one failed.
static VkResult create_pipeline(const struct vv_vulkan *vk, struct vv_pipeline *p, const char **call) {
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
    *call = "vkCreateShaderModule";
    VkResult result = create_module(vk, p->kernel, &info.stage.module);
    if (result != VK_SUCCESS) return result;
    *call = "vkCreateComputePipelines";
    result = vk->vk.vkCreateComputePipelines(vk->device, vk->cache, 1, &info, NULL, &p->handle);
    if (result != VK_SUCCESS) p->handle = VK_NULL_HANDLE;
    vk->vk.vkDestroyShaderModule(vk->device, info.stage.module, NULL);
    return result;
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

// The number of the pipeline that a dispatch needs; it may have no handle yet.
static bool find_pipeline(struct vv_vulkan *vk, const struct vv_dispatch *d, uint32_t *index) {
    struct vv_pipeline wanted = {.kernel = find_kernel(d->kernel), .spec_count = d->spec_count};
    if (!wanted.kernel)
        return vv_fail(vk->exec.ctx, VV_FAILED,
                       "kernel '%s' was not built in: give it a file in shaders, and build anew",
                       d->kernel);
    assert(d->spec_count > 0 && d->spec[0] > 0);
    memcpy(wanted.spec, d->spec, d->spec_count * sizeof *d->spec);
    if (!get_layout(vk, d, &wanted.layout)) return false;
    for (*index = 0; *index < vk->pipeline_count; ++*index)
        if (same(&vk->pipelines[*index], &wanted)) return true;
    struct vv_pipeline *pipelines = grown(vk, vk->pipelines, vk->pipeline_count, sizeof *pipelines);
    if (!pipelines) return false;
    free(vk->pipelines);
    vk->pipelines = pipelines;
    pipelines[vk->pipeline_count++] = wanted;
    return true;
}

// Pipelines [first, pipeline_count) to be made, each by the thread that takes its number next.
struct making {
    struct vv_vulkan *vk;
    pthread_mutex_t lock;
    uint32_t next;
    struct outcome {
        VkResult result;
        const char *call;
    } * outcome;  // by the pipeline's number less `first`
    uint32_t first;
};

static bool take(struct making *m, uint32_t *index) {
    (void)pthread_mutex_lock(&m->lock);
    *index = m->next;
    const bool left = m->next < m->vk->pipeline_count;
    m->next += left;
    (void)pthread_mutex_unlock(&m->lock);
    return left;
}

static void *make_some(void *making) {
    struct making *m = making;
    for (uint32_t i; take(m, &i);) {
        struct outcome *o = &m->outcome[i - m->first];
        o->result = create_pipeline(m->vk, &m->vk->pipelines[i], &o->call);
    }
    return NULL;
}

static void make_on_threads(struct making *m) {
    enum { MOST = 7 };              // beside this one
    const size_t stack = 8u << 20;  // as a first thread has: compilers recurse
    pthread_t threads[MOST];
    pthread_attr_t attributes;
    uint32_t started = 0;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const uint32_t work = m->vk->pipeline_count - m->first;
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, stack);
    while (started < MOST && started + 1 < cores && started + 1 < work &&
           pthread_create(&threads[started], &attributes, make_some, m) == 0)
        started++;
    (void)pthread_attr_destroy(&attributes);
    (void)make_some(m);
    for (uint32_t i = 0; i < started; i++) (void)pthread_join(threads[i], NULL);
}

static void drop_pipelines(struct vv_vulkan *vk, uint32_t first) {
    while (vk->pipeline_count > first)
        vk->vk.vkDestroyPipeline(vk->device, vk->pipelines[--vk->pipeline_count].handle, NULL);
}

// The first failure in order of the pipelines is told, whichever thread met one first.
static bool make_from(struct vv_vulkan *vk, uint32_t first) {
    if (vk->pipeline_count == first) return true;
    struct making m = {.vk = vk, .next = first, .first = first};
    m.outcome = vv_alloc(vk->exec.ctx, vk->pipeline_count - first, sizeof *m.outcome);
    if (!m.outcome) return false;
    (void)pthread_mutex_init(&m.lock, NULL);
    make_on_threads(&m);
    (void)pthread_mutex_destroy(&m.lock);
    bool ok = true;
    for (uint32_t i = first; ok && i < vk->pipeline_count; i++) {
        const struct vv_pipeline *p = &vk->pipelines[i];
        const struct outcome *o = &m.outcome[i - first];
        char call[128];
        (void)snprintf(call, sizeof call, "%s for kernel '%.64s'", o->call, p->kernel->name);
        ok = vv_done(vk, o->result, call);
        if (ok) vv_set_name(vk, VK_OBJECT_TYPE_PIPELINE, (uint64_t)p->handle, p->kernel->name);
    }
    free(m.outcome);
    return ok;
}

bool vv_pipelines_make(struct vv_vulkan *vk, const struct vv_launch *launches, uint32_t count) {
    const uint32_t first = vk->pipeline_count;
    bool ok = true;
    for (uint32_t i = 0, index; i < count; i++)
        for (uint32_t j = 0; ok && j < launches[i].count; j++)
            ok = find_pipeline(vk, &launches[i].dispatch[j], &index);
    ok = ok && make_from(vk, first);
    if (!ok) drop_pipelines(vk, first);
    return ok;
}

bool vv_pipeline_get(struct vv_vulkan *vk, const struct vv_dispatch *d, struct vv_pipeline *pipeline) {
    uint32_t index = 0;
    if (!find_pipeline(vk, d, &index)) return false;
    *pipeline = vk->pipelines[index];
    assert(pipeline->handle);  // vv_pipelines_make was asked for it
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
