// For tests that open a Vulkan device.
#ifndef VV_TESTS_EXEC_DRIVER_H
#define VV_TESTS_EXEC_DRIVER_H

#include "vulkan.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VV_TEST_SKIPPED 77  // ctest's SKIP_RETURN_CODE

// LeakSanitizer cannot tell what memory belongs to a library that was unloaded, and reports it: what is
// loaded here stays until the end. Libraries that are not there do no harm.
static inline void keep_drivers_loaded(void) {
    static const char *const libraries[] = {"libvulkan_lvp.so", "libvk_swiftshader.so",
                                            "libVkLayer_khronos_validation.so",
                                            "libVkLayer_MESA_device_select.so"};
    for (unsigned i = 0; i < sizeof libraries / sizeof *libraries; i++)
        (void)dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

// The validation layer keeps a ring of its own records after vkDestroyInstance. LeakSanitizer asks for
// this.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libVkLayer_khronos_validation\n";
}

// Begins a test program: leaves it, as skipped and saying why, where there is no device.
static inline void need_device(void) {
    keep_drivers_loaded();
    struct vv_context ctx;
    vv_context_init(&ctx);
    struct vv_device_info *devices;
    uint32_t count, chosen;
    char why[256];
    bool ok = vv_vulkan_list(&ctx, NULL, &devices, &count, &chosen, why);
    free(devices);
    if (ok && chosen != UINT32_MAX) return;
    printf("SKIPPED: %s\n", ok ? why : ctx.error);
    exit(ok || ctx.status == VV_NO_DEVICE ? VV_TEST_SKIPPED : 1);
}

// The same where the validation layer is missing.
static inline void need_validation(void) {
    struct vv_context ctx;
    struct vv_store store;
    vv_context_init(&ctx);
    vv_store_init(&store, &ctx);
    struct vv_exec *e = vv_vulkan_create(&store, &(struct vv_vulkan_options){.validate = true});
    vv_exec_destroy(e);
    vv_store_finish(&store);
    if (e) return;
    printf("SKIPPED: %s\n", ctx.error);
    exit(strstr(ctx.error, "vulkan-validationlayers") ? VV_TEST_SKIPPED : 1);
}

#endif
