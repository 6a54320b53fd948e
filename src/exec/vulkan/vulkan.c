// The Vulkan executor from the outside: made, unmade, and its functions.
#include "vulkan.h"

#include "internal.h"
#include "size.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(vv_real) == 4, "the device computes in float");

static bool write(struct vv_exec *e, const struct vv_state *s, uint64_t offset, const void *data,
                  uint64_t n) {
    struct vv_vulkan *vk = vv_vulkan_of(e);
    assert(s->index < vk->realized);
    return vv_buffer_write(vk, &vk->states[s->index], offset, data, n);
}

static bool read(struct vv_exec *e, const struct vv_state *s, uint64_t offset, void *data, uint64_t n) {
    struct vv_vulkan *vk = vv_vulkan_of(e);
    assert(s->index < vk->realized);
    return vv_buffer_read(vk, &vk->states[s->index], offset, data, n);
}

static bool peek(struct vv_exec *e, const struct vv_state *s, uint64_t offset, void *data, uint64_t n) {
    const struct vv_vulkan *vk = vv_vulkan_of(e);
    const struct vv_buffer *b = &vk->states[s->index];
    assert(s->index < vk->realized && b->mapped);
    memcpy(data, (const char *)b->mapped + offset, n);
    return true;
}

static void *address(struct vv_exec *e, const struct vv_state *s) {
    const struct vv_vulkan *vk = vv_vulkan_of(e);
    assert(s->index < vk->realized && vk->states[s->index].mapped);
    return vk->states[s->index].mapped;
}

static bool read_node(struct vv_exec *e, struct vv_program *p, const struct vv_node *y, void *data) {
    struct vv_vulkan *vk = vv_vulkan_of(e);
    uint64_t offset, size = vv_type_bytes(y->type);
    const struct vv_node *root = vv_root(y, &offset);
    uint64_t bytes = vv_count(y) * size;
    if (root->state)
        return vv_buffer_read(vk, &vk->states[root->state->index], offset * size, data, bytes);
    return vv_buffer_read(vk, &p->arena, p->plan.nodes[root->index].offset + offset * size, data, bytes);
}

static const struct vv_plan *plan(const struct vv_program *p) {
    return &p->plan;
}

// Takes a half-built executor.
static void destroy(struct vv_exec *e) {
    struct vv_vulkan *vk = vv_vulkan_of(e);
    if (vk->device) {
        (void)vv_run_wait(e);  // which ends also where the device hangs
        (void)vk->vk.vkDeviceWaitIdle(vk->device);
        for (uint32_t i = 0; i < vk->realized; i++) vv_buffer_destroy(vk, &vk->states[i]);
        vv_buffer_destroy(vk, &vk->staging);
        vv_pipelines_finish(vk);
        vv_cache_finish(vk);
        vv_run_finish(vk);
    }
    free(vk->states);
    vv_device_finish(vk);
    const bool left = vk->instance.left;
    vv_instance_finish(&vk->instance);
    if (!left) free(vk);
}

static const struct vv_exec_functions functions = {
    .destroy = destroy,
    .realize = vv_states_realize,
    .write = write,
    .read = read,
    .compile = vv_program_record,
    .program_destroy = vv_program_finish,
    .submit = vv_run_submit,
    .submit_parts = vv_run_submit_parts,
    .land = vv_run_land,
    .peek = peek,
    .address = address,
    .room = vv_memory_room,
    .read_node = read_node,
    .plan = plan,
};

// What was tried before the device that is used.
static void say_passed_over(struct vv_context *ctx, const struct vv_gpu *gpus, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (gpus[i].refusal[0])
            vv_say(ctx, VV_LOG_WARNING, "device %u, %s: %s; the next %s is taken", i, gpus[i].info.name,
                   gpus[i].refusal, gpus[i].info.usable ? "driver" : "device");
}

static bool open_device(struct vv_vulkan *vk, const char *wanted) {
    struct vv_context *ctx = vk->exec.ctx;
    struct vv_gpu *gpus = NULL;
    uint32_t count;
    if (!vv_gpus_find(&vk->instance, &gpus, &count)) return false;
    vk->asked = wanted != NULL;
    do vk->choice = vv_gpu_choose(ctx, gpus, count, wanted);
    while (vk->choice.index != UINT32_MAX && !vv_gpu_open(gpus, vk->choice.index, &vk->device));
    if (vk->device) {
        vk->gpu = gpus[vk->choice.index];
        vv_device_init(vk);
        say_passed_over(ctx, gpus, count);
    }
    free(gpus);
    return vk->device != VK_NULL_HANDLE;
}

void vv_vulkan_explain(const struct vv_exec *e) {
    const struct vv_vulkan *vk = (const struct vv_vulkan *)e;
    if (vk->choice.equal > 1)
        vv_say(e->ctx, VV_LOG_INFO, "device: %s; --device INDEX or UUID takes another", vk->choice.why);
    if (vk->gpu.info.limits.is_cpu && !vk->asked)
        vv_say(e->ctx, VV_LOG_INFO,
               "device: it computes on the CPU; to use a GPU, install its driver and see 'vkvae "
               "devices'");
}

// "FAMILY/LANES"; of tiles, whose size and so the order of sums depends on them, also the limits:
// "tile/LANES/INVOCATIONS/SHARED BYTES".
static void print_kernels(const struct vv_limits *l, enum vv_matmul_family family, char text[64]) {
    const int n = snprintf(text, 64, "%s/%u", vv_matmul_name(family), l->subgroup_size);
    if (family == VV_MATMUL_TILE)
        (void)snprintf(text + n, 64 - (size_t)n, "/%u/%u", l->max_invocations, l->max_shared_bytes);
}

// "FAMILY", or what print_kernels made of an earlier run's. Another one could change the last bits of
// the results; the plain kernels are the same on every device.
static bool parse_kernels(struct vv_vulkan *vk, const char *text) {
    struct vv_context *ctx = vk->exec.ctx;
    struct vv_limits *limits = &vk->exec.limits;
    enum vv_matmul_family family;
    char name[64], own[64];
    size_t length = strcspn(text, "/");
    (void)snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1),
                   text);
    const char *rest = text + length;
    if (!vv_matmul_parse(name, &family) || strspn(rest, "/0123456789") < strlen(rest) ||
        strcmp(rest, "/") == 0)
        return vv_fail(ctx, VV_USAGE,
                       "no kernels are called '%s': they are plain, tile, subgroup-buffer or "
                       "subgroup-texel, with the "
                       "subgroup's size behind a slash where a run is to be repeated; or auto",
                       text);
    print_kernels(limits, family, own);
    const bool same = family == VV_MATMUL_PLAIN || !*rest || strcmp(text, own) == 0;
    if (!vv_matmul_available(limits, family) || !same) {
        print_kernels(limits, limits->matmul, own);
        return vv_fail(
            ctx, VV_FAILED,
            "kernels '%s' were asked for, but %s has subgroups of %u%s and would use '%s': take "
            "the device of that run, or --kernels auto, which may change the last bits of the results",
            text, vk->exec.description, limits->subgroup_size,
            limits->subgroup_shuffle ? "" : " without shuffles", own);
    }
    limits->matmul = family;
    return true;
}

static bool choose_kernels(struct vv_vulkan *vk, const struct vv_vulkan_options *options) {
    struct vv_exec *e = &vk->exec;
    e->limits = vk->gpu.info.limits;
    if (options->minimum_limits) e->limits = vv_limits_meet(&e->limits, &vv_limits_minimum);
    bool automatic = !options->kernels || strcmp(options->kernels, "auto") == 0;
    if (!automatic && !parse_kernels(vk, options->kernels)) return false;
    print_kernels(&e->limits, e->limits.matmul, e->kernels);
    return true;
}

static bool is_same(const struct vv_exec *e, const char *before) {
    if (!before || strcmp(before, e->description) == 0) return true;
    return vv_fail(
        e->ctx, VV_NO_DEVICE,
        "%.200s was lost and is not there again, and on %.200s the last bits may be others: see "
        "that it is back, or go on there with --resume",
        before, e->description);
}

static bool init(struct vv_vulkan *vk, const struct vv_vulkan_options *options) {
    struct vv_exec *e = &vk->exec;
    if (!vv_instance_init(&vk->instance, e->ctx, options->validate)) return false;
    if (!open_device(vk, options->device)) return false;
    (void)snprintf(e->description, sizeof e->description, "%.120s (%.120s)", vk->gpu.info.name,
                   vk->gpu.info.driver);
    return is_same(e, options->same) && choose_kernels(vk, options) &&
           vv_cache_init(vk, options->cache) && vv_run_init(vk) && vk->instance.messages == 0;
}

struct vv_exec *vv_vulkan_create(struct vv_store *store, const struct vv_vulkan_options *options) {
    struct vv_vulkan *vk = vv_alloc(store->ctx, 1, sizeof *vk);
    if (!vk) return NULL;
    vk->exec.f = &functions;
    vk->exec.ctx = store->ctx;
    vk->exec.store = store;
    vk->exec.piece_work = VV_PIECE_WORK;
    vk->stages = options && options->minimum_limits;
    vk->timeout = options && options->timeout > 0 ? options->timeout : VV_DEVICE_TIMEOUT;
    if (init(vk, options ? options : &(struct vv_vulkan_options){0})) return &vk->exec;
    destroy(&vk->exec);
    return NULL;
}

uint32_t vv_vulkan_messages(const struct vv_exec *e) {
    return ((const struct vv_vulkan *)e)->instance.messages;
}
