// The Vulkan loader, the instance, and the messages of the validation layer.
#define VOLK_IMPLEMENTATION  // here and nowhere else; a system header, so its warnings are not ours
#include "internal.h"
#include "size.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALIDATION_LAYER "VK_LAYER_KHRONOS_validation"

#define UPDATE "update the driver, or take another device"

// A few words on what a result means, and what can be done about it.
static const struct {
    VkResult result;
    const char *meaning, *remedy;
} results[] = {
    {VK_TIMEOUT, "the device did not answer in time", UPDATE},
    {VK_INCOMPLETE, "the list changed while it was read", "run the command again"},
    {VK_ERROR_OUT_OF_HOST_MEMORY, "the host is out of memory", "close other programs"},
    {VK_ERROR_OUT_OF_DEVICE_MEMORY, "the device is out of memory",
     "take a smaller batch or model, or close other programs that use the device"},
    {VK_ERROR_INITIALIZATION_FAILED, "the driver could not be initialised", UPDATE},
    {VK_ERROR_DEVICE_LOST, "the device was lost",
     "its driver crashed or was reset (by a watchdog, where one submission ran too long), or the "
     "device was removed; see the system's log"},
    {VK_ERROR_MEMORY_MAP_FAILED, "device memory could not be mapped",
     "close other programs that use the device"},
    {VK_ERROR_LAYER_NOT_PRESENT, "a layer is missing", UPDATE},
    {VK_ERROR_EXTENSION_NOT_PRESENT, "an extension is missing", UPDATE},
    {VK_ERROR_FEATURE_NOT_PRESENT, "a feature is missing", UPDATE},
    {VK_ERROR_INCOMPATIBLE_DRIVER, "there is no driver that fits", UPDATE},
    {VK_ERROR_TOO_MANY_OBJECTS, "too many objects of this kind exist", UPDATE},
    {VK_ERROR_FRAGMENTED_POOL, "the descriptor pool is fragmented", UPDATE},
    {VK_ERROR_OUT_OF_POOL_MEMORY, "the descriptor pool is exhausted", UPDATE},
    {VK_RESULT_MAX_ENUM, "the driver gives no known reason", UPDATE},
};

static size_t result_index(VkResult result) {
    size_t i = 0;
    while (results[i].result != result && results[i].result != VK_RESULT_MAX_ENUM) i++;
    return i;
}

const char *vv_vk_meaning(VkResult result) {
    return results[result_index(result)].meaning;
}

bool vv_vk_ok(struct vv_context *ctx, VkResult result, const char *call) {
    if (result == VK_SUCCESS) return true;
    if (ctx->status == VV_OK) ctx->lost = result == VK_ERROR_DEVICE_LOST;
    return vv_fail(ctx, VV_FAILED, "%s failed (%d): %s: %s", call, (int)result, vv_vk_meaning(result),
                   results[result_index(result)].remedy);
}

bool vv_fail_without(struct vv_context *ctx, const char *what) {
    return vv_fail(ctx, VV_NO_DEVICE,
                   "no Vulkan %s: install your GPU's driver, or a software driver (Debian's "
                   "mesa-vulkan-drivers, which brings the loader too), or take --device reference",
                   what);
}

// volk's function pointers are globals, and set once: other threads read them without this lock. The
// loader's serve every instance.
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

static bool load(struct vv_context *ctx) {
    if (vkCreateInstance) return true;
    if (volkInitialize() == VK_SUCCESS && vkCreateInstance) return true;
    return vv_fail_without(ctx, "loader (libvulkan.so.1)");
}

// Whether the instance, or a layer, offers an extension.
static bool has_extension(const char *layer, const char *name) {
    uint32_t count = 0;
    VkExtensionProperties *list = NULL;
    bool found = false;
    if (vkEnumerateInstanceExtensionProperties(layer, &count, NULL) == VK_SUCCESS && count)
        list = calloc(count, sizeof *list);
    if (list && vkEnumerateInstanceExtensionProperties(layer, &count, list) >= VK_SUCCESS)
        for (uint32_t i = 0; i < count && !found; i++) found = strcmp(list[i].extensionName, name) == 0;
    free(list);
    return found;
}

static bool has_layer(const char *name) {
    uint32_t count = 0;
    VkLayerProperties *list = NULL;
    bool found = false;
    if (vkEnumerateInstanceLayerProperties(&count, NULL) == VK_SUCCESS && count)
        list = calloc(count, sizeof *list);
    if (list && vkEnumerateInstanceLayerProperties(&count, list) >= VK_SUCCESS)
        for (uint32_t i = 0; i < count && !found; i++) found = strcmp(list[i].layerName, name) == 0;
    free(list);
    return found;
}

// Hazards between submissions are only looked for when the environment says this word;
// VkValidationFeatures has none for it. What the user has there stays.
static bool ask_for_submit_checks(struct vv_context *ctx) {
    static const char word[] = "VALIDATION_CHECK_ENABLE_SYNCHRONIZATION_VALIDATION_QUEUE_SUBMIT";
    const char *present = getenv("VK_LAYER_ENABLES");
    if (!present || !*present) return setenv("VK_LAYER_ENABLES", word, 1) == 0;
    if (strstr(present, word)) return true;
    size_t room = strlen(present) + sizeof word + 1;
    char *both = vv_alloc(ctx, room, 1);
    if (!both) return false;
    (void)snprintf(both, room, "%s:%s", present, word);
    bool ok = setenv("VK_LAYER_ENABLES", both, 1) == 0;
    free(both);
    return ok;
}

// The layer writes "Validation Error: [ id ] Object 0: ... | MessageID = ... | what happened".
static VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                                 VkDebugUtilsMessageTypeFlagsEXT type,
                                                 const VkDebugUtilsMessengerCallbackDataEXT *data,
                                                 void *user) {
    (void)severity, (void)type;
    struct vv_instance *instance = user;
    const char *id = data->pMessageIdName ? data->pMessageIdName : "message";
    const char *text = data->pMessage ? data->pMessage : "";
    for (const char *bar; (bar = strstr(text, " | ")) != NULL;) text = bar + 3;
    (void)pthread_mutex_lock(&instance->telling);
    instance->messages++;
    if (instance->ctx) {
        vv_say(instance->ctx, VV_LOG_WARNING,
               "Vulkan validation: %.100s: %.700s; please report this, or leave out --validate", id,
               text);
        (void)vv_fail(instance->ctx, VV_FAILED,
                      "Vulkan validation: %.100s: %.700s; please report this, or leave out --validate",
                      id, text);
    }
    (void)pthread_mutex_unlock(&instance->telling);
    return VK_FALSE;
}

// Only the layer speaks as VALIDATION or PERFORMANCE; GENERAL is the loader, on drivers that do not
// concern us.
static VkDebugUtilsMessengerCreateInfoEXT messenger_info(struct vv_instance *instance) {
    return (VkDebugUtilsMessengerCreateInfoEXT){
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                           VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT |
                       VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT,
        .pfnUserCallback = on_message,
        .pUserData = instance,
    };
}

static bool check_validation(struct vv_context *ctx, bool debug_utils) {
    if (!has_layer(VALIDATION_LAYER))
        return vv_fail(
            ctx, VV_FAILED,
            "validation was asked for, but the layer " VALIDATION_LAYER
            " is not there: install vulkan-validationlayers (Debian's name for it), or leave out "
            "--validate");
    if (!debug_utils || !has_extension(VALIDATION_LAYER, VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME))
        return vv_fail(
            ctx, VV_FAILED,
            "validation was asked for, but the loader or the layer " VALIDATION_LAYER
            " is too old for synchronization validation: update them, or leave out --validate");
    if (!ask_for_submit_checks(ctx))
        return vv_fail(ctx, VV_FAILED,
                       "out of memory for the environment variable VK_LAYER_ENABLES; close other "
                       "programs, or leave out --validate");
    return true;
}

static bool create(struct vv_instance *instance, bool validate, bool debug_utils) {
    const char *extensions[3], *layers[] = {VALIDATION_LAYER};
    uint32_t count = 0;
    bool portability = has_extension(NULL, VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME);
    if (portability) extensions[count++] = VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME;
    if (debug_utils) extensions[count++] = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
    if (validate) extensions[count++] = VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME;

    VkDebugUtilsMessengerCreateInfoEXT messenger = messenger_info(instance);
    const VkValidationFeatureEnableEXT enables[] = {
        VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT};
    VkValidationFeaturesEXT features = {
        .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
        .pNext = &messenger,
        .enabledValidationFeatureCount = 1,
        .pEnabledValidationFeatures = enables,
    };
    VkApplicationInfo application = {
        .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
        .pApplicationName = "vkvae",
        .apiVersion = VK_API_VERSION_1_1,
    };
    VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pNext = validate ? &features : NULL,
        .flags = portability ? VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR : 0,
        .pApplicationInfo = &application,
        .enabledLayerCount = validate ? 1 : 0,
        .ppEnabledLayerNames = layers,
        .enabledExtensionCount = count,
        .ppEnabledExtensionNames = extensions,
    };
    VkResult result = vkCreateInstance(&info, NULL, &instance->handle);
    if (result == VK_ERROR_INCOMPATIBLE_DRIVER) return vv_fail_without(instance->ctx, "driver");
    // Loaders say that memory is out when they cannot read a manifest.
    return result == VK_SUCCESS ||
           vv_fail(instance->ctx, VV_NO_DEVICE,
                   "the Vulkan loader fails (vkCreateInstance: %d, %s): the manifest of a driver or "
                   "layer may be damaged, and VK_LOADER_DEBUG=error in the environment tells which; or "
                   "take --device reference",
                   (int)result, vv_vk_meaning(result));
}

static PFN_vkVoidFunction function(const struct vv_instance *instance, const char *name) {
    return vkGetInstanceProcAddr(instance->handle, name);
}

static bool listen(struct vv_instance *instance) {
    PFN_vkCreateDebugUtilsMessengerEXT create_messenger =
        (PFN_vkCreateDebugUtilsMessengerEXT)function(instance, "vkCreateDebugUtilsMessengerEXT");
    VkDebugUtilsMessengerCreateInfoEXT info = messenger_info(instance);
    VkResult result = create_messenger(instance->handle, &info, NULL, &instance->messenger);
    return vv_vk_ok(instance->ctx, result, "vkCreateDebugUtilsMessengerEXT");
}

static bool init_alone(struct vv_instance *instance, struct vv_context *ctx, bool validate) {
    if (!load(ctx)) return false;
    if (volkGetInstanceVersion() < VK_API_VERSION_1_1)
        return vv_fail(
            ctx, VV_NO_DEVICE,
            "the Vulkan loader is of version 1.0 and 1.1 is needed: update it, or take --device "
            "reference");
    bool debug_utils = has_extension(NULL, VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
    if (validate && !check_validation(ctx, debug_utils)) return false;
    if (!create(instance, validate, debug_utils)) return false;
    if (!vkCreateDevice) volkLoadInstanceOnly(instance->handle);
    if (debug_utils) {
        instance->set_name =
            (PFN_vkSetDebugUtilsObjectNameEXT)function(instance, "vkSetDebugUtilsObjectNameEXT");
        instance->begin_label =
            (PFN_vkCmdBeginDebugUtilsLabelEXT)function(instance, "vkCmdBeginDebugUtilsLabelEXT");
        instance->end_label =
            (PFN_vkCmdEndDebugUtilsLabelEXT)function(instance, "vkCmdEndDebugUtilsLabelEXT");
    }
    return !validate || (listen(instance) && instance->messages == 0);
}

bool vv_instance_init(struct vv_instance *instance, struct vv_context *ctx, bool validate) {
    *instance = (struct vv_instance){.ctx = ctx};
    (void)pthread_mutex_init(&instance->telling, NULL);
    (void)pthread_mutex_lock(&loading);
    const bool ok = init_alone(instance, ctx, validate);
    (void)pthread_mutex_unlock(&loading);
    return ok;
}

void vv_instance_finish(struct vv_instance *instance) {
    if (instance->messenger) {
        PFN_vkDestroyDebugUtilsMessengerEXT destroy_messenger =
            (PFN_vkDestroyDebugUtilsMessengerEXT)function(instance, "vkDestroyDebugUtilsMessengerEXT");
        destroy_messenger(instance->handle, instance->messenger, NULL);
    }
    if (instance->handle) vkDestroyInstance(instance->handle, NULL);
    instance->messenger = VK_NULL_HANDLE;
    instance->handle = VK_NULL_HANDLE;
    if (!instance->left) {
        (void)pthread_mutex_destroy(&instance->telling);
        return;
    }
    (void)pthread_mutex_lock(&instance->telling);
    instance->ctx = NULL;
    (void)pthread_mutex_unlock(&instance->telling);
}
