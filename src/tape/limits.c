#include "limits.h"

// The floors of Vulkan 1.1, "Required Limits". No subgroup operation is required in compute beyond the
// basic ones; is_cpu is true so that meeting a device's limits keeps what the device is.
const struct vv_limits vv_limits_minimum = {
    .is_cpu = true,
    .subgroup_size = 1,
    .subgroup_shuffle = false,
    .max_invocations = 128,
    .max_groups = 65535,
    .max_shared_bytes = 16384,
    .max_texel_elements = 65536,
    .max_storage_range = UINT64_C(1) << 27,
    .max_uniform_range = 16384,
    .offset_alignment = 256,
    .max_storage_buffers = 4,
    .matmul = VV_MATMUL_PLAIN,
};

// Fewest texels that make the texel family worth choosing: 16 MiB hold the weights of most models here.
#define ENOUGH_TEXELS (1u << 20)

static uint32_t min_u32(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}
static uint32_t max_u32(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}
static uint64_t min_u64(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

struct vv_limits vv_limits_meet(const struct vv_limits *a, const struct vv_limits *b) {
    bool same_subgroup = a->subgroup_size == b->subgroup_size;
    struct vv_limits both = {
        .is_cpu = a->is_cpu && b->is_cpu,
        .subgroup_size = same_subgroup ? a->subgroup_size : 1,
        .subgroup_shuffle = same_subgroup && a->subgroup_shuffle && b->subgroup_shuffle,
        .int64 = a->int64 && b->int64,
        .max_invocations = min_u32(a->max_invocations, b->max_invocations),
        .max_groups = min_u32(a->max_groups, b->max_groups),
        .max_shared_bytes = min_u32(a->max_shared_bytes, b->max_shared_bytes),
        .max_texel_elements = min_u32(a->max_texel_elements, b->max_texel_elements),
        .max_storage_range = min_u64(a->max_storage_range, b->max_storage_range),
        .max_uniform_range = min_u64(a->max_uniform_range, b->max_uniform_range),
        .offset_alignment = max_u32(a->offset_alignment, b->offset_alignment),
        .max_storage_buffers = min_u32(a->max_storage_buffers, b->max_storage_buffers),
    };
    both.matmul = vv_matmul_choose(&both);
    return both;
}

void vv_limits_print(const struct vv_limits *l, const char *device, FILE *out) {
    (void)fprintf(
        out,
        "%s: ranges of %llu bytes, texel buffers of %u elements, uniform ranges of %llu bytes, "
        "workgroups of %u, subgroups of %u, offsets on %u bytes\n",
        device, (unsigned long long)l->max_storage_range, l->max_texel_elements,
        (unsigned long long)l->max_uniform_range, l->max_invocations, l->subgroup_size,
        l->offset_alignment);
}

bool vv_matmul_available(const struct vv_limits *limits, enum vv_matmul_family family) {
    uint32_t lanes = limits->subgroup_size;
    bool power_of_two = (lanes & (lanes - 1)) == 0;
    switch (family) {
    case VV_MATMUL_PLAIN:
        return true;
    case VV_MATMUL_SUBGROUP_BUFFER:
    case VV_MATMUL_SUBGROUP_TEXEL:
        return limits->subgroup_shuffle && power_of_two && lanes >= 4 && lanes <= 64 &&
               lanes <= limits->max_invocations;
    case VV_MATMUL_TILE:
        return true;  // the smallest tile is within what every device gives
    }
    return false;
}

// Measured (bench/LOG.md): on CPU drivers shuffles are register moves and shared memory is slow. Where
// texel buffers are small, as on SwiftShader, the buffer form loses to the plain one: it is taken only
// on request. On GPUs tiles are what everyone uses; none was here to measure.
enum vv_matmul_family vv_matmul_choose(const struct vv_limits *limits) {
    if (!limits->is_cpu) return VV_MATMUL_TILE;
    bool texels = limits->max_texel_elements >= ENOUGH_TEXELS;
    bool subgroup = texels && vv_matmul_available(limits, VV_MATMUL_SUBGROUP_TEXEL);
    return subgroup ? VV_MATMUL_SUBGROUP_TEXEL : VV_MATMUL_PLAIN;
}
