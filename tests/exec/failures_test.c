// Each Vulkan call of a small run fails once: the error names the call, and nothing is left behind. The
// calls are reached through volk's own pointers, so that the executor is the one that everybody runs.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "driver.h"

#define VOLK_VULKAN_H_PATH <vulkan/vulkan_core.h>
#include "elementwise.h"
#include "matmul.h"
#include "nonlinear.h"

#include <pthread.h>
#include <volk.h>

static struct {
    uint32_t calls, fail_at;  // counted from 1
    const char *failed;       // the name of the call that did
    uint32_t complaints;      // of the validation layer
    PFN_vkGetInstanceProcAddr instance_function;
    PFN_vkGetDeviceProcAddr device_function;
} hook;

static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;  // pipelines are made on several threads

static bool fails(const char *name) {
    (void)pthread_mutex_lock(&counting);
    const bool due = ++hook.calls == hook.fail_at;
    if (due) hook.failed = name;
    (void)pthread_mutex_unlock(&counting);
    return due;
}

// Calls that may fail: their name, parameters, arguments.
#define CALLS(CALL)                                                                                     \
    CALL(vkCreateBuffer,                                                                                \
         (VkDevice d, const VkBufferCreateInfo *i, const VkAllocationCallbacks *a, VkBuffer *o),        \
         (d, i, a, o))                                                                                  \
    CALL(                                                                                               \
        vkAllocateMemory,                                                                               \
        (VkDevice d, const VkMemoryAllocateInfo *i, const VkAllocationCallbacks *a, VkDeviceMemory *o), \
        (d, i, a, o))                                                                                   \
    CALL(vkBindBufferMemory, (VkDevice d, VkBuffer b, VkDeviceMemory m, VkDeviceSize o), (d, b, m, o))  \
    CALL(vkMapMemory,                                                                                   \
         (VkDevice d, VkDeviceMemory m, VkDeviceSize o, VkDeviceSize n, VkMemoryMapFlags f, void **p),  \
         (d, m, o, n, f, p))                                                                            \
    CALL(vkCreatePipelineCache,                                                                         \
         (VkDevice d, const VkPipelineCacheCreateInfo *i, const VkAllocationCallbacks *a,               \
          VkPipelineCache *o),                                                                          \
         (d, i, a, o))                                                                                  \
    CALL(vkCreateCommandPool,                                                                           \
         (VkDevice d, const VkCommandPoolCreateInfo *i, const VkAllocationCallbacks *a,                 \
          VkCommandPool *o),                                                                            \
         (d, i, a, o))                                                                                  \
    CALL(vkAllocateCommandBuffers,                                                                      \
         (VkDevice d, const VkCommandBufferAllocateInfo *i, VkCommandBuffer *o), (d, i, o))             \
    CALL(vkBeginCommandBuffer, (VkCommandBuffer c, const VkCommandBufferBeginInfo *i), (c, i))          \
    CALL(vkEndCommandBuffer, (VkCommandBuffer c), (c))                                                  \
    CALL(vkCreateFence,                                                                                 \
         (VkDevice d, const VkFenceCreateInfo *i, const VkAllocationCallbacks *a, VkFence *o),          \
         (d, i, a, o))                                                                                  \
    CALL(vkResetFences, (VkDevice d, uint32_t n, const VkFence *f), (d, n, f))                          \
    CALL(vkWaitForFences, (VkDevice d, uint32_t n, const VkFence *f, VkBool32 all, uint64_t t),         \
         (d, n, f, all, t))                                                                             \
    CALL(vkQueueSubmit, (VkQueue q, uint32_t n, const VkSubmitInfo *i, VkFence f), (q, n, i, f))        \
    CALL(vkCreateDescriptorSetLayout,                                                                   \
         (VkDevice d, const VkDescriptorSetLayoutCreateInfo *i, const VkAllocationCallbacks *a,         \
          VkDescriptorSetLayout *o),                                                                    \
         (d, i, a, o))                                                                                  \
    CALL(vkCreatePipelineLayout,                                                                        \
         (VkDevice d, const VkPipelineLayoutCreateInfo *i, const VkAllocationCallbacks *a,              \
          VkPipelineLayout *o),                                                                         \
         (d, i, a, o))                                                                                  \
    CALL(vkCreateShaderModule,                                                                          \
         (VkDevice d, const VkShaderModuleCreateInfo *i, const VkAllocationCallbacks *a,                \
          VkShaderModule *o),                                                                           \
         (d, i, a, o))                                                                                  \
    CALL(vkCreateComputePipelines,                                                                      \
         (VkDevice d, VkPipelineCache c, uint32_t n, const VkComputePipelineCreateInfo *i,              \
          const VkAllocationCallbacks *a, VkPipeline *o),                                               \
         (d, c, n, i, a, o))                                                                            \
    CALL(vkCreateDescriptorPool,                                                                        \
         (VkDevice d, const VkDescriptorPoolCreateInfo *i, const VkAllocationCallbacks *a,              \
          VkDescriptorPool *o),                                                                         \
         (d, i, a, o))                                                                                  \
    CALL(vkAllocateDescriptorSets,                                                                      \
         (VkDevice d, const VkDescriptorSetAllocateInfo *i, VkDescriptorSet *o), (d, i, o))             \
    CALL(vkCreateQueryPool,                                                                             \
         (VkDevice d, const VkQueryPoolCreateInfo *i, const VkAllocationCallbacks *a, VkQueryPool *o),  \
         (d, i, a, o))                                                                                  \
    CALL(vkGetQueryPoolResults,                                                                         \
         (VkDevice d, VkQueryPool q, uint32_t f, uint32_t n, size_t b, void *o, VkDeviceSize s,         \
          VkQueryResultFlags w),                                                                        \
         (d, q, f, n, b, o, s, w))                                                                      \
    CALL(                                                                                               \
        vkCreateBufferView,                                                                             \
        (VkDevice d, const VkBufferViewCreateInfo *i, const VkAllocationCallbacks *a, VkBufferView *o), \
        (d, i, a, o))

#define DEFINE(name, parameters, arguments)                                                             \
    static PFN_##name real_##name;                                                                      \
    static VKAPI_ATTR VkResult VKAPI_CALL may_##name parameters {                                       \
        return fails(#name) ? VK_ERROR_OUT_OF_DEVICE_MEMORY : real_##name arguments;                    \
    }
CALLS(DEFINE)

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL device_function(VkDevice device, const char *name) {
    PFN_vkVoidFunction found = hook.device_function(device, name);
#define REPLACE(call, parameters, arguments)                                                            \
    if (strcmp(name, #call) == 0) {                                                                     \
        real_##call = (PFN_##call)found;                                                                \
        return (PFN_vkVoidFunction)may_##call;                                                          \
    }
    CALLS(REPLACE)
    return found;
}

static PFN_vkCreateDevice real_create_device;
static VKAPI_ATTR VkResult VKAPI_CALL may_create_device(VkPhysicalDevice g, const VkDeviceCreateInfo *i,
                                                        const VkAllocationCallbacks *a, VkDevice *o) {
    return fails("vkCreateDevice") ? VK_ERROR_INITIALIZATION_FAILED : real_create_device(g, i, a, o);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL instance_function(VkInstance instance,
                                                                  const char *name) {
    PFN_vkVoidFunction found = hook.instance_function(instance, name);
    if (strcmp(name, "vkCreateDevice") == 0) {
        real_create_device = (PFN_vkCreateDevice)found;
        return (PFN_vkVoidFunction)may_create_device;
    }
    if (strcmp(name, "vkGetDeviceProcAddr") == 0) {
        hook.device_function = (PFN_vkGetDeviceProcAddr)found;
        return (PFN_vkVoidFunction)device_function;
    }
    return found;
}

static void listen(void *user, enum vv_log_level level, const char *line) {
    (void)user, (void)level;
    printf("after call %u (%s): %s\n", hook.fail_at, hook.failed, line);
    hook.complaints++;
}

static void count_run(void *user, const struct vv_times *times) {
    (void)times;
    ++*(uint32_t *)user;
}

// z = relu(x w + x w), kept; run a few times, whole, cut and watched, and read.
static bool run(struct vv_exec *e, const struct vv_tape *t, const struct vv_node *z,
                struct vv_state *x) {
    float values[64] = {1, 2, 3};
    struct vv_program *p = NULL, *watched = NULL;
    uint32_t told = 0;
    e->piece_work = 1;
    bool ok = vv_exec_realize(e) && vv_exec_write(e, x, 0, values, sizeof values);
    if (ok) p = vv_exec_compile(e, t);
    if (p) watched = vv_exec_compile_watched(e, t, count_run, &told);
    ok = watched && vv_exec_submit(e, p, 2) && vv_exec_submit_parts(e, p, VV_ALL_PARTS);
    for (uint32_t i = 0; ok && i < 3; i++) ok = vv_exec_submit(e, watched, 1);
    ok = ok && vv_exec_submit_parts(e, watched, 2) && vv_exec_wait(e);
    ok = ok && vv_exec_read_node(e, p, z, values);
    vv_program_destroy(e, p);
    vv_program_destroy(e, watched);
    if (ok) assert_int_equal(told, 4);
    return ok;
}

static char device[16];  // the default one: another is not to step in for it

static void name_device(void) {
    struct vv_context ctx;
    struct vv_device_info *devices;
    uint32_t count, chosen;
    char why[256];
    vv_context_init(&ctx);
    assert_true(vv_vulkan_list(&ctx, NULL, &devices, &count, &chosen, why));
    (void)snprintf(device, sizeof device, "%u", chosen);
    free(devices);
}

// True when the run went through; else the context has the error.
static bool attempt(struct vv_context *ctx, bool minimum_limits) {
    struct vv_store store;
    struct vv_tape t;
    vv_context_init(ctx);
    ctx->log = listen;
    vv_store_init(&store, ctx);
    struct vv_state *x = vv_store_add(&store, "x", VV_F32, vv_shape2(8, 8));
    struct vv_state *w = vv_store_add(&store, "w", VV_F32, vv_shape2(8, 8));
    vv_tape_init(&t, &store, "small");
    vv_ref y = vv_matmul_nn(&t, vv_use(&t, x), vv_use(&t, w));
    vv_ref z = vv_relu(&t, vv_add(&t, y, y));
    z->keep = true;
    struct vv_exec *e = vv_vulkan_create(
        &store, &(struct vv_vulkan_options){
                    .device = device, .validate = true, .minimum_limits = minimum_limits});
    bool ok = e && run(e, &t, z, x);
    vv_exec_destroy(e);
    vv_tape_finish(&t);
    vv_store_finish(&store);
    return ok;
}

static void fail_each_call(bool minimum_limits) {
    struct vv_context ctx;
    uint32_t failed = 0;
    for (hook.fail_at = 1;; hook.fail_at++) {
        hook.calls = 0;
        hook.failed = NULL;
        bool ok = attempt(&ctx, minimum_limits);
        assert_int_equal(hook.complaints, 0);
        if (ok) break;
        assert_non_null(hook.failed);
        const bool opening = strcmp(hook.failed, "vkCreateDevice") == 0;
        assert_int_equal(ctx.status, opening ? VV_NO_DEVICE : VV_FAILED);
        if (!strstr(ctx.error, hook.failed))
            fail_msg("%s failed, and the error is: %s", hook.failed, ctx.error);
        failed++;
    }
    assert_null(hook.failed);
    printf("%u calls failed, one at a time\n", failed);
    assert_true(failed > 40);
}

static void each_call_may_fail_mapped(void **state) {
    (void)state;
    fail_each_call(false);
}

static void each_call_may_fail_staged(void **state) {
    (void)state;
    fail_each_call(true);
}

int main(void) {
    need_device();
    need_validation();
    name_device();
    hook.instance_function = vkGetInstanceProcAddr;
    vkGetInstanceProcAddr = instance_function;
    vkCreateDevice = NULL;  // the next instance loads it and its like anew
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_may_fail_mapped),
        cmocka_unit_test(each_call_may_fail_staged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
