// The SPIR-V that the build embedded: generated from shaders/*.comp.
#ifndef VV_EXEC_VULKAN_KERNEL_H
#define VV_EXEC_VULKAN_KERNEL_H

#include <stddef.h>
#include <stdint.h>

struct vv_kernel {
    const char *name;  // file name without .comp
    const uint32_t *words;
    size_t bytes;
};

extern const struct vv_kernel vv_kernels[];
extern const size_t vv_kernel_count;

#endif
