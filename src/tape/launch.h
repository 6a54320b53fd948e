// What a node asks a device to do, as data: ops fill it, executors carry it out. Nothing here knows
// Vulkan.
#ifndef VV_TAPE_LAUNCH_H
#define VV_TAPE_LAUNCH_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "abi.h"
#include "limits.h"

enum vv_binding_kind {
    VV_STORAGE,     // a storage buffer
    VV_TEXEL_VEC4,  // a uniform texel buffer of four floats an element; the operand is aligned to 16
                    // bytes
    VV_UNIFORM,     // a uniform buffer
    VV_IMAGE_VEC4,  // a storage texel buffer (imageBuffer, rgba32f), else as VV_TEXEL_VEC4
    VV_BINDING_KINDS,
};

// Operands are the node's inputs by number, or one of these.
#define VV_OPERAND_OUT     14
#define VV_OPERAND_SCRATCH 15

struct vv_binding {
    uint8_t operand, kind;
};

#define VV_MAX_SPEC     12
#define VV_MAX_ARGS     112
#define VV_MAX_DISPATCH 3

struct vv_dispatch {
    const char *kernel;  // the shader's file name without .comp
    uint32_t spec_count,
        spec[VV_MAX_SPEC];  // specialisation constants 0, 1, …; 0 is the group's size in x
    uint32_t groups[3];
    uint32_t binding_count;
    struct vv_binding binding[VV_MAX_BINDINGS];
    uint32_t args_bytes;
    unsigned char args[VV_MAX_ARGS];  // one of abi.h's structs; the executor patches its `base`
};

// Dispatches of one node run one after the other, each seeing what the one before wrote.
struct vv_launch {
    uint64_t scratch_bytes;
    uint32_t count;
    struct vv_dispatch dispatch[VV_MAX_DISPATCH];
};

// Appends a dispatch with its arguments; ops then set spec, groups and bindings.
static inline struct vv_dispatch *vv_launch_add(struct vv_launch *launch, const char *kernel,
                                                const void *args, uint32_t args_bytes) {
    assert(launch->count < VV_MAX_DISPATCH && args_bytes <= VV_MAX_ARGS);
    struct vv_dispatch *d = &launch->dispatch[launch->count++];
    d->kernel = kernel;
    d->args_bytes = args_bytes;
    memcpy(d->args, args, args_bytes);
    return d;
}

static inline void vv_dispatch_bind(struct vv_dispatch *d, uint32_t operand, enum vv_binding_kind kind) {
    assert(d->binding_count < VV_MAX_BINDINGS);
    d->binding[d->binding_count++] = (struct vv_binding){(uint8_t)operand, (uint8_t)kind};
}

static inline void vv_dispatch_spec(struct vv_dispatch *d, uint32_t value) {
    assert(d->spec_count < VV_MAX_SPEC);
    d->spec[d->spec_count++] = value;
}

// Groups for `groups` flat workgroups, folded so that no axis passes the limit; the kernel computes its
// flat number as y * gl_NumWorkGroups.x + x and leaves where that is too large. False: too many for two
// axes.
static inline bool vv_dispatch_fold(struct vv_dispatch *d, uint64_t groups,
                                    const struct vv_limits *limits) {
    uint64_t y = (groups + limits->max_groups - 1) / limits->max_groups;
    if (y > limits->max_groups) return false;
    d->groups[0] = (uint32_t)(y > 1 ? (groups + y - 1) / y : groups);
    d->groups[1] = (uint32_t)y;
    d->groups[2] = 1;
    return true;
}

#endif
