// The Vulkan executor and the list of devices: the only door to Vulkan for other rooms.
#ifndef VV_EXEC_VULKAN_VULKAN_H
#define VV_EXEC_VULKAN_VULKAN_H

#include "exec.h"

struct vv_device_info {
    uint32_t index;  // in Vulkan's order, duplicates by UUID merged into the first
    unsigned char uuid[16];
    char uuid_text[37];  // 8-4-4-4-12 hex digits
    char name[256];
    char type[16];     // "discrete", "integrated", "virtual", "cpu", "other"
    char driver[256];  // its name, and what it says of its version
    char api_version[16];
    uint64_t memory_bytes;  // of device-local heaps
    uint32_t drivers;       // that offer it; the first that can open it is used
    bool usable;            // false: `reason` says why, and what can be done
    char reason[128];
    struct vv_limits limits;
};

// Submissions are made to take a fraction of a second; those of convolutions on a software driver, on
// cores with ten times as much to do, stay below 15. Far beyond that, and beyond the ten seconds or so
// after which systems reset a GPU by themselves.
#define VV_DEVICE_TIMEOUT 120

struct vv_vulkan_options {
    const char *device;  // index, UUID, part of a name (case-insensitive), or NULL: the best one
    // NULL, or what vv_exec.description said before of the device that this must be: another one is
    // VV_NO_DEVICE.
    const char *same;
    bool
        minimum_limits;  // pretend the least that Vulkan promises (and take the staging path for memory)
    bool validate;       // validation layer with synchronization validation; any message is an error
    // "FAMILY/LANES" and more, a choice saved with a run (vv_exec.kernels): that, or an error. "FAMILY"
    // takes the device as it is. NULL or "auto": choose.
    const char *kernels;
    // Seconds after which a submission that has not ended means that the device hangs; 0: the usual,
    // VV_DEVICE_TIMEOUT; INFINITY: never.
    double timeout;
    // The folder that keeps what the driver made of the kernels, for the next start: created when
    // needed; nothing that is wrong with it is an error. NULL: none.
    const char *cache;
};

// The device that `wanted` means, as in vv_vulkan_options.
struct vv_choice {
    uint32_t index;  // UINT32_MAX: none, or not a usable one
    uint32_t equal;  // so many devices are as good, and the first of them is taken; 0, 1: no other
    // A clause for it; where the wanted one cannot be had, with `wanted` for its subject: "means none of
    // the devices here: name ...".
    char why[256];
};

// Of several of that name, and with NULL, the best: a usable one, and discrete > integrated > virtual >
// cpu > other.
struct vv_choice vv_device_choose(const struct vv_device_info *devices, uint32_t count,
                                  const char *wanted);

// Lists the devices, *devices being the caller's to free(), and chooses among them as above. Each is
// opened for a moment: what cannot be is not usable. No loader or no device: VV_NO_DEVICE.
bool vv_vulkan_list(struct vv_context *ctx, const char *wanted, struct vv_device_info **devices,
                    uint32_t *count, uint32_t *chosen, char why[256]);

// Where the device that is meant cannot be opened, the next that the words mean (any, with NULL) is
// taken, with a warning.
struct vv_exec *vv_vulkan_create(struct vv_store *store, const struct vv_vulkan_options *options);

// Says, as information, what a user might want to know of the choice: that another device is as good, or
// that this one is the CPU though nobody asked for it.
void vv_vulkan_explain(const struct vv_exec *e);

// The device and its driver to the version, and the kernels built in: what was measured holds as long as
// all of them are the same.
struct vv_identity {
    char device[40];   // UUID
    char driver[280];  // one line; not the device's name, in which lavapipe has the width of its vectors
    uint64_t shaders;  // a hash
};
void vv_vulkan_identify(const struct vv_exec *e, struct vv_identity *identity);

// The number of validation messages so far (0 without `validate`); the first is the context's error.
uint32_t vv_vulkan_messages(const struct vv_exec *e);

#endif
