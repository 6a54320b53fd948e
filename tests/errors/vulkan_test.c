// What the Vulkan executor says of loaders, layers and devices that are not at hand. Most of these
// stand behind volk's pointers, so that no loader is needed; ops that ask for too much need a device.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "driver.h"

#include <errno.h>

#include "internal.h"
#include "message.h"

// ---- The loader ----

static VKAPI_ATTR VkResult VKAPI_CALL version_1_1(uint32_t *version) {
    *version = VK_API_VERSION_1_1;
    return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL extensions(const char *layer, uint32_t *count,
                                                 VkExtensionProperties *list) {
    const VkExtensionProperties all[] = {{VK_EXT_DEBUG_UTILS_EXTENSION_NAME, 1},
                                         {VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME, 1}};
    (void)layer;
    *count = 2;
    if (list) memcpy(list, all, sizeof all);
    return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL layers(uint32_t *count, VkLayerProperties *list) {
    *count = 1;
    if (list) *list = (VkLayerProperties){.layerName = "VK_LAYER_KHRONOS_validation"};
    return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL no_memory(const VkInstanceCreateInfo *info,
                                                const VkAllocationCallbacks *a, VkInstance *instance) {
    (void)info, (void)a, (void)instance;
    return VK_ERROR_OUT_OF_HOST_MEMORY;
}

// An instance whose layer has something to say, and that then is not made.
static VKAPI_ATTR VkResult VKAPI_CALL complaint(const VkInstanceCreateInfo *info,
                                                const VkAllocationCallbacks *a, VkInstance *instance) {
    (void)a, (void)instance;
    const VkBaseInStructure *at = info->pNext;
    while (at->sType != VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT) at = at->pNext;
    const VkDebugUtilsMessengerCreateInfoEXT *messenger = (const void *)at;
    const VkDebugUtilsMessengerCallbackDataEXT data = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CALLBACK_DATA_EXT,
        .pMessageIdName = "VUID-vkCmdDispatch-None-02697",
        .pMessage = "Validation Error: [ VUID ] Object 0: | MessageID = 0x1 | no set is bound.",
    };
    (void)messenger->pfnUserCallback(VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
                                     VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT, &data,
                                     messenger->pUserData);
    return VK_ERROR_INITIALIZATION_FAILED;
}

static bool no_environment;

// In place of the C library's.
int setenv(const char *name, const char *value, int replace) {
    (void)name, (void)value, (void)replace;
    errno = ENOMEM;
    return no_environment ? -1 : 0;
}

static int fake_loader(void **state) {
    (void)state;
    no_environment = false;
    vkEnumerateInstanceVersion = version_1_1;
    vkEnumerateInstanceExtensionProperties = extensions;
    vkEnumerateInstanceLayerProperties = layers;
    vkCreateInstance = no_memory;
    return 0;
}

static int real_loader(void **state) {
    (void)state;
    vkCreateInstance = NULL;  // the next instance loads it
    return 0;
}

// Opens the best device with validation; the context has the error.
static void fail_to_open(struct vv_context *ctx) {
    struct vv_store store;
    vv_store_init(&store, ctx);
    assert_null(vv_vulkan_create(&store, &(struct vv_vulkan_options){.validate = true}));
    vv_store_finish(&store);
}

static void loader(void **state) {
    (void)state;
    struct vv_context ctx;
    vv_context_init(&ctx);
    fail_to_open(&ctx);
    ASSERT_MESSAGE("the Vulkan loader fails (vkCreateInstance: <number>, <what it means>): the manifest "
                   "of a driver or layer may be damaged, and VK_LOADER_DEBUG=error in the environment "
                   "tells which; or take --device reference",
                   VV_NO_DEVICE,
                   "the Vulkan loader fails (vkCreateInstance: -1, the host is out of memory): the "
                   "manifest of a driver or layer may be damaged, and VK_LOADER_DEBUG=error in the "
                   "environment tells which; or take --device reference",
                   &ctx);
    vv_clear(&ctx);
    vkEnumerateInstanceVersion = NULL;  // what a loader of 1.0 lacks
    fail_to_open(&ctx);
    ASSERT_MESSAGE("the Vulkan loader is of version 1.0 and 1.1 is needed: update it, or take --device "
                   "reference",
                   VV_NO_DEVICE,
                   "the Vulkan loader is of version 1.0 and 1.1 is needed: update it, or take --device "
                   "reference",
                   &ctx);
}

// A line of the log, as if it were an error.
static void keep_line(void *user, enum vv_log_level level, const char *line) {
    struct vv_context *said = user;
    if (level == VV_LOG_WARNING) (void)snprintf(said->error, sizeof said->error, "%s", line);
}

static void validation(void **state) {
    (void)state;
    struct vv_context ctx, said;
    vv_context_init(&said);
    vv_context_init(&ctx);
    ctx.log = keep_line;
    ctx.log_user = &said;
    vkCreateInstance = complaint;
    fail_to_open(&ctx);
#define COMPLAINT                                                                                       \
    "Vulkan validation: VUID-vkCmdDispatch-None-02697: no set is bound.; please report this, or leave " \
    "out --validate"
    ASSERT_MESSAGE("Vulkan validation: <id>: <what is wrong>; please report this, or leave out "
                   "--validate",
                   VV_FAILED, COMPLAINT, &ctx);
    ASSERT_MESSAGE("Vulkan validation: <id>: <what is wrong>; please report this, or leave out "
                   "--validate",
                   0, COMPLAINT, &said);
    vv_clear(&ctx);
    no_environment = true;
    fail_to_open(&ctx);
    ASSERT_MESSAGE("out of memory for the environment variable VK_LAYER_ENABLES; close other programs, "
                   "or leave out --validate",
                   VV_FAILED,
                   "out of memory for the environment variable VK_LAYER_ENABLES; close other programs, "
                   "or leave out --validate",
                   &ctx);
}

// ---- The device ----

struct opened {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_tape tape;
    struct vv_vulkan *vk;
};

// A device of a known name, or none.
static int open_device(void **state) {
    struct opened *o = calloc(1, sizeof *o);
    if (!o) return -1;
    vv_context_init(&o->ctx);
    vv_store_init(&o->store, &o->ctx);
    vv_tape_init(&o->tape, &o->store, "made");
    o->vk = (struct vv_vulkan *)vv_vulkan_create(&o->store, NULL);
    if (!o->vk && o->ctx.status != VV_NO_DEVICE) fail_msg("%s", o->ctx.error);
    if (o->vk) {
        (void)snprintf(o->vk->gpu.info.name, sizeof o->vk->gpu.info.name, "Card");
        (void)snprintf(o->vk->exec.description, sizeof o->vk->exec.description, "Card (driver)");
    }
    *state = o;
    return 0;
}

static int close_device(void **state) {
    struct opened *o = *state;
    if (o->vk) vv_exec_destroy(&o->vk->exec);
    vv_tape_finish(&o->tape);
    vv_store_finish(&o->store);
    free(o);
    return 0;
}

static struct opened *need_opened(void **state) {
    struct opened *o = *state;
    if (o->vk) return o;
    print_message("SKIPPED: %s\n", o->ctx.error);
    skip();
    return NULL;
}

static bool like_input(struct vv_tape *t, vv_ref y) {
    (void)t;
    y->type = y->in[0]->type;
    y->shape = y->in[0]->shape;
    return true;
}

// A dispatch that binds the input and the result.
static bool launch(struct vv_launch *l, const char *kernel, enum vv_binding_kind kind) {
    static const uint32_t args[VV_MAX_BINDINGS];
    struct vv_dispatch *d = vv_launch_add(l, kernel, args, sizeof args);
    vv_dispatch_spec(d, 64);
    d->groups[0] = d->groups[1] = d->groups[2] = 1;
    vv_dispatch_bind(d, 0, kind);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return true;
}

static bool too_large(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *l) {
    (void)y, (void)limits, (void)l;
    return false;
}
static bool unknown(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *l) {
    (void)y, (void)limits;
    return launch(l, "none", VV_STORAGE);
}
static bool stored(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *l) {
    (void)y, (void)limits;
    return launch(l, "unary", VV_STORAGE);
}
static bool texels(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *l) {
    (void)y, (void)limits;
    return launch(l, "unary", VV_TEXEL_VEC4);
}

// Compiles a tape of one such op on a state of 8 bytes; the context has the error.
static struct vv_context *fail_to_compile(struct opened *o,
                                          bool (*f)(const struct vv_node *, const struct vv_limits *,
                                                    struct vv_launch *)) {
    const struct vv_op op = {.name = "odd", .arity = 1, .shape = like_input, .launch = f};
    struct vv_tape t;
    vv_clear(&o->ctx);
    struct vv_state *bytes = vv_store_add(&o->store, "bytes", VV_U8, vv_shape1(8));
    assert_non_null(bytes);
    vv_tape_init(&t, &o->store, "made");
    vv_ref in = vv_use(&t, bytes);
    vv_name(&t, vv_append(&t, &op, &in, NULL), "y")->keep = true;
    assert_null(vv_exec_compile(&o->vk->exec, &t));
    vv_tape_finish(&t);
    return &o->ctx;
}

static void launches(void **state) {
    struct opened *o = need_opened(state);
    ASSERT_MESSAGE("tape '<tape>': node '<node>' (<op> <shape>) does not fit the limits of <device>: "
                   "take a smaller batch or model, or another device",
                   VV_FAILED,
                   "tape 'made': node 'y' (odd [8]) does not fit the limits of Card (driver): take a "
                   "smaller batch or model, or another device",
                   fail_to_compile(o, too_large));
    ASSERT_MESSAGE("kernel '<name>' was not built in: give it a file in shaders, and build anew",
                   VV_FAILED,
                   "kernel 'none' was not built in: give it a file in shaders, and build anew",
                   fail_to_compile(o, unknown));
    ASSERT_MESSAGE(
        "node '<node>' (<op>) binds as texels what is not aligned to them: bind it as storage",
        VV_FAILED, "node 'y' (odd) binds as texels what is not aligned to them: bind it as storage",
        fail_to_compile(o, texels));
    o->vk->exec.limits.max_storage_buffers = 1;
    ASSERT_MESSAGE("kernel '<name>' wants <count> storage buffers, and <device> allows <most>: take "
                   "another device",
                   VV_FAILED,
                   "kernel 'unary' wants 2 storage buffers, and Card (driver) allows 1: take another "
                   "device",
                   fail_to_compile(o, stored));
}

static VKAPI_ATTR void VKAPI_CALL needs_4096(VkDevice d, VkBuffer b, VkMemoryRequirements *needs) {
    (void)d, (void)b;
    *needs = (VkMemoryRequirements){.size = 4096, .alignment = 256, .memoryTypeBits = UINT32_MAX};
}

static VKAPI_ATTR VkResult VKAPI_CALL refuse(VkDevice d, const VkMemoryAllocateInfo *info,
                                             const VkAllocationCallbacks *a, VkDeviceMemory *memory) {
    (void)d, (void)info, (void)a, (void)memory;
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
}

static VKAPI_ATTR VkResult VKAPI_CALL no_buffer(VkDevice d, const VkBufferCreateInfo *info,
                                                const VkAllocationCallbacks *a, VkBuffer *buffer) {
    (void)d, (void)info, (void)a, (void)buffer;
    return VK_ERROR_OUT_OF_HOST_MEMORY;
}

static void memory(void **state) {
    struct opened *o = need_opened(state);
    struct vv_vulkan *vk = o->vk;
    struct vv_buffer buffer;
    for (uint32_t i = 0; i < vk->memory.memoryHeapCount; i++) vk->memory.memoryHeaps[i].size = 1 << 20;
    vk->vk.vkGetBufferMemoryRequirements = needs_4096;
    vk->vk.vkAllocateMemory = refuse;
    vk->allocated = 8192;
    assert_false(vv_buffer_create(vk, VV_MEMORY_DEVICE, 4000, "adam.m", &buffer));
    ASSERT_MESSAGE(
        "vkAllocateMemory failed (<number>): <what it means>: '<name>' needs <count> bytes "
        "beside the <count> that are taken, and <device> has <count>: take a smaller batch or "
        "model, close other programs that use the device, or take a device with more memory",
        VV_FAILED,
        "vkAllocateMemory failed (-2): the device is out of memory: 'adam.m' needs 4096 bytes "
        "beside the 8192 that are taken, and Card has 1048576: take a smaller batch or model, "
        "close other programs that use the device, or take a device with more memory",
        &o->ctx);
    vv_clear(&o->ctx);
    assert_false(vv_buffer_create(vk, VV_MEMORY_DEVICE, (1 << 20) + 1, "adam.m", &buffer));
    ASSERT_MESSAGE("'<name>' needs <count> bytes of device memory in one piece, and <device> gives at "
                   "most <count>: take a smaller batch or model, or a device with more memory",
                   VV_FAILED,
                   "'adam.m' needs 1048592 bytes of device memory in one piece, and Card gives at most "
                   "1048576: take a smaller batch or model, or a device with more memory",
                   &o->ctx);
    vv_clear(&o->ctx);
    vk->vk.vkCreateBuffer = no_buffer;
    assert_false(vv_buffer_create(vk, VV_MEMORY_DEVICE, 16, "adam.m", &buffer));
    ASSERT_MESSAGE("<call> failed (<number>): <what it means>: <what to do>", VV_FAILED,
                   "vkCreateBuffer failed (-1): the host is out of memory: close other programs",
                   &o->ctx);
    vk->allocated = 0;
}

static void kernels(void **state) {
    struct opened *o = need_opened(state);
    assert_null(vv_vulkan_create(&o->store, &(struct vv_vulkan_options){.kernels = "fast"}));
    ASSERT_MESSAGE(
        "no kernels are called '<name>': they are plain, tile, subgroup-buffer or subgroup-texel, "
        "with the subgroup's size behind a slash where a run is to be repeated; or auto",
        VV_USAGE,
        "no kernels are called 'fast': they are plain, tile, subgroup-buffer or subgroup-texel, "
        "with the subgroup's size behind a slash where a run is to be repeated; or auto",
        &o->ctx);
}

int main(void) {
    keep_drivers_loaded();
    (void)unsetenv("VK_LAYER_ENABLES");
#define FAKED(name)  cmocka_unit_test_setup_teardown(name, fake_loader, real_loader)
#define OPENED(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)
    const struct CMUnitTest tests[] = {
        FAKED(loader), FAKED(validation), OPENED(launches), OPENED(memory), OPENED(kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
