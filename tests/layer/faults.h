// What the layer does to a device at work: calls that fail, submissions that never end or take long, and
// a count of what is alive. Of the process: it survives the device.
#ifndef VV_TESTS_LAYER_FAULTS_H
#define VV_TESTS_LAYER_FAULTS_H

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan_core.h>

#include <stdbool.h>

// Whether VKVAE_TEST_LAYER has the word; *number is what stands behind its @, or 0.
bool layer_says(const char *word, uint32_t *number);

// What a call that may fail returns instead of doing anything; VK_SUCCESS: it is to be done.
VkResult layer_due(const char *call);
bool layer_lost(void);             // a call told so; until the next device
bool layer_died(uint32_t device);  // with "dies": one that was lost cannot be opened any more

void layer_device_begun(void);
void layer_device_ended(uint32_t device, bool lost);
void layer_allocated(VkDeviceMemory memory, uint64_t bytes);
// Of an object that was made; -1: destroyed.
void layer_counts(int objects);

// Called with what is submitted. layer_waits: VK_SUCCESS once the fence may be waited for.
void layer_submits(uint32_t count, const VkSubmitInfo *infos, VkFence fence);
VkResult layer_waits(VkFence fence, uint64_t nanoseconds);
void layer_idles(void);  // does not return where the device hangs

// The calls that are passed on with no more than that; NULL: another. `load` has the ones below.
PFN_vkVoidFunction layer_find(const char *name);
void layer_load(VkDevice device, PFN_vkGetDeviceProcAddr function);

#endif
