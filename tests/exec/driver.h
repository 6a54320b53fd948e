// For tests that open a Vulkan device.
#ifndef VV_TESTS_EXEC_DRIVER_H
#define VV_TESTS_EXEC_DRIVER_H

#include <dlfcn.h>

// LeakSanitizer cannot tell what memory belongs to a driver that was unloaded, and reports it: what is loaded
// here with RTLD_NODELETE stays until the end. Drivers that are not there do no harm.
static inline void keep_driver_loaded(void) {
#ifdef RTLD_NODELETE
    static const char *const libraries[] = {"libvulkan_lvp.so", "libVkLayer_khronos_validation.so",
                                            "libVkLayer_MESA_device_select.so"};
    for (unsigned i = 0; i < sizeof libraries / sizeof *libraries; i++)
        (void)dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
#endif
}

#endif
