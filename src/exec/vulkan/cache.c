// The driver's pipeline cache, kept in a file from one start to the next: one for each device and
// driver. It saves time and changes no result. Drivers are known to crash on damaged data, so that
// nothing reaches them that is not whole and of this very device and driver.
#include "file.h"
#include "internal.h"
#include "size.h"
#include "sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define MOST_BYTES (UINT64_C(64) << 20)  // a larger one is neither read nor written

// The file: this, then the driver's data.
struct head {
    char magic[8];
    uint32_t checksum;  // CRC-32 of the data
    uint32_t zero;
    uint64_t bytes;  // of the data
};
static const char magic[8] = "vkvpipe1";

// What Vulkan says that the data begin with (VkPipelineCacheHeaderVersionOne).
struct data_head {
    uint32_t bytes, version, vendor, product;
    uint8_t uuid[VK_UUID_SIZE];
};
_Static_assert(sizeof(struct head) == VV_CACHE_HEAD && sizeof(struct data_head) == 32,
               "laid out as in the file");

bool vv_cache_is_ours(const struct vv_gpu *gpu, const void *data, uint64_t bytes) {
    struct data_head h;
    if (bytes < sizeof h) return false;
    memcpy(&h, data, sizeof h);
    return h.bytes >= sizeof h && h.bytes <= bytes &&
           h.version == VK_PIPELINE_CACHE_HEADER_VERSION_ONE && h.vendor == gpu->vendor &&
           h.product == gpu->product && memcmp(h.uuid, gpu->cache_uuid, sizeof h.uuid) == 0;
}

static uint32_t checksum_of(const void *data, uint64_t bytes) {
    return (uint32_t)crc32_z(0, data, bytes);
}

bool vv_cache_is_whole(const unsigned char *file, uint64_t size) {
    struct head h;
    if (size < sizeof h) return false;
    memcpy(&h, file, sizeof h);
    return memcmp(h.magic, magic, sizeof magic) == 0 && h.bytes == size - sizeof h &&
           h.checksum == checksum_of(file + sizeof h, size - sizeof h);
}

// The file as it was kept, or NULL: it is not there, damaged, or of another driver (a line says so).
static unsigned char *read_kept(struct vv_vulkan *vk, uint64_t *size) {
    struct vv_context quiet;
    unsigned char *file = NULL;
    vv_context_init(&quiet);
    if (!vv_path_exists(vk->cache_path)) return NULL;
    const bool whole =
        vv_file_read(&quiet, vk->cache_path, sizeof(struct head) + MOST_BYTES, &file, size) &&
        vv_cache_is_whole(file, *size);
    if (whole && vv_cache_is_ours(&vk->gpu, file + sizeof(struct head), *size - sizeof(struct head)))
        return file;
    vv_say(vk->exec.ctx, VV_LOG_INFO, "cache: %s is %s, and is made anew", vk->cache_path,
           whole ? "of another driver" : "damaged");
    free(file);
    return NULL;
}

// FOLDER/pipelines-UUID-DRIVER.bin
static char *name_file(const struct vv_gpu *gpu, const char *folder) {
    struct vv_context quiet;
    char name[80];
    vv_context_init(&quiet);
    (void)snprintf(name, sizeof name, "pipelines-%s-%u.bin", gpu->info.uuid_text, gpu->driver);
    return vv_path_join(&quiet, folder, name);
}

bool vv_cache_init(struct vv_vulkan *vk, const char *folder) {
    unsigned char *file = NULL;
    uint64_t size = 0;
    vk->cache_path = folder ? name_file(&vk->gpu, folder) : NULL;
    if (vk->cache_path) file = read_kept(vk, &size);
    VkPipelineCacheCreateInfo info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO};
    if (file) {
        info.initialDataSize = size - sizeof(struct head);
        info.pInitialData = file + sizeof(struct head);
        vk->cache_checksum = checksum_of(info.pInitialData, info.initialDataSize);
    }
    VkResult result = vk->vk.vkCreatePipelineCache(vk->device, &info, NULL, &vk->cache);
    if (result != VK_SUCCESS && file) {  // without what was kept, which is written anew at the end
        info.initialDataSize = 0;
        info.pInitialData = NULL;
        vk->cache_checksum = 0;
        result = vk->vk.vkCreatePipelineCache(vk->device, &info, NULL, &vk->cache);
    }
    if (result != VK_SUCCESS) vk->cache = VK_NULL_HANDLE;
    free(file);
    return vv_done(vk, result, "vkCreatePipelineCache");
}

// The head, then the driver's data; NULL: there are none to keep.
static unsigned char *make_file(struct vv_vulkan *vk, uint64_t *size) {
    struct vv_context quiet;
    struct head h = {.zero = 0};
    size_t bytes = 0;
    vv_context_init(&quiet);
    if (vk->vk.vkGetPipelineCacheData(vk->device, vk->cache, &bytes, NULL) != VK_SUCCESS ||
        bytes > MOST_BYTES)
        return NULL;
    unsigned char *file = vv_alloc(&quiet, sizeof h + bytes, 1);
    if (!file) return NULL;
    if (vk->vk.vkGetPipelineCacheData(vk->device, vk->cache, &bytes, file + sizeof h) != VK_SUCCESS ||
        !vv_cache_is_ours(&vk->gpu, file + sizeof h, bytes)) {
        free(file);
        return NULL;
    }
    memcpy(h.magic, magic, sizeof magic);
    h.checksum = checksum_of(file + sizeof h, bytes);
    h.bytes = bytes;
    memcpy(file, &h, sizeof h);
    *size = sizeof h + bytes;
    return file;
}

// The folder of the path is created where it is missing.
static void write_kept(struct vv_vulkan *vk, const unsigned char *file, uint64_t size) {
    struct vv_context quiet;
    vv_context_init(&quiet);
    char *slash = strrchr(vk->cache_path, '/');
    *slash = '\0';
    const bool folder =
        !vk->cache_path[0] || vv_folder_create(&quiet, vk->cache_path);  // "" is the root
    if (folder) vv_sweep(vk->cache_path, "pipelines-");
    *slash = '/';
    if (!folder || !vv_file_write(&quiet, vk->cache_path, file, size))
        vv_say(vk->exec.ctx, VV_LOG_INFO, "cache: %s; VKVAE_CACHE names another folder", quiet.error);
}

void vv_cache_finish(struct vv_vulkan *vk) {
    uint64_t size = 0;
    const bool wanted = vk->cache && vk->cache_path && !vk->lost;
    unsigned char *file = wanted ? make_file(vk, &size) : NULL;
    if (file &&
        checksum_of(file + sizeof(struct head), size - sizeof(struct head)) != vk->cache_checksum)
        write_kept(vk, file, size);
    free(file);
    free(vk->cache_path);
    if (vk->cache) vk->vk.vkDestroyPipelineCache(vk->device, vk->cache, NULL);
}
