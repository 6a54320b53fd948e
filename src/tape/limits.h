// What a device can do, as far as the choice of kernels and the plan depend on it.
#ifndef VV_TAPE_LIMITS_H
#define VV_TAPE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tuning.h"

struct vv_limits {
    bool is_cpu;               // a software driver
    uint32_t subgroup_size;    // 1 where unknown
    bool subgroup_shuffle;     // in compute shaders
    bool int64;                // in shaders
    uint32_t max_invocations;  // in a workgroup (along x, too)
    uint32_t max_groups;       // along each axis
    uint32_t max_shared_bytes;
    uint32_t max_texel_elements;
    uint64_t max_storage_range;  // bytes of one storage binding
    uint64_t max_uniform_range;
    uint32_t offset_alignment;       // bytes; the largest of storage, texel and uniform, a power of two
    uint32_t max_storage_buffers;    // a stage
    enum vv_matmul_family matmul;    // which family is used where it can be
    const struct vv_tuning *tuning;  // goes before it; NULL: none
};

// The least that Vulkan 1.1 promises: what `--limits minimum` pretends a device to be.
extern const struct vv_limits vv_limits_minimum;

// The part of each limit that both allow. `matmul` is taken anew from what remains.
struct vv_limits vv_limits_meet(const struct vv_limits *a, const struct vv_limits *b);

void vv_limits_print(const struct vv_limits *l, const char *device, FILE *out);

// The family for a device, a pure function of its limits.
enum vv_matmul_family vv_matmul_choose(const struct vv_limits *limits);
// Whether the device can run the family at all.
bool vv_matmul_available(const struct vv_limits *limits, enum vv_matmul_family family);

#endif
