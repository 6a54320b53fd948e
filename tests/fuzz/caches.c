// What is kept between starts: decoded pictures, measured kernels, the driver's pipelines. Checksums are
// made right, else no change of a byte would come past them.
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "folder_cache.h"
#include "internal.h"
#include "kept.h"
#include "measure.h"
#include "shelf.h"

// Where a folder's file has its checksum, what that is of, its size, and its key.
enum { SUM_AT = 8, SUMMED_FROM = 16, SIZE_AT = 16, KEY_AT = 24, FOLDER_HEAD = 104 };

// With its size right, as one for the key that it has. The zeros between the head and the pictures are
// left out of what is given.
static void check_folder(const uint8_t *data, size_t size) {
    struct vv_folder_key key;
    struct vv_folder_cached cached;
    if (size < FOLDER_HEAD) return;
    const uint64_t bytes = size - FOLDER_HEAD + VV_SHELF_FIRST;
    unsigned char *copy = aligned_alloc(8, (size_t)(bytes + 7) / 8 * 8);
    if (!copy) abort();
    memset(copy, 0, VV_SHELF_FIRST);
    memcpy(copy, data, FOLDER_HEAD);
    memcpy(copy + VV_SHELF_FIRST, data + FOLDER_HEAD, size - FOLDER_HEAD);
    memcpy(copy + SIZE_AT, &bytes, sizeof bytes);
    const uint32_t sum = (uint32_t)crc32_z(0, copy + SUMMED_FROM, (size_t)bytes - SUMMED_FROM);
    memcpy(copy + SUM_AT, &sum, sizeof sum);
    memcpy(&key, copy + KEY_AT, sizeof key);
    (void)vv_folder_cache_check(copy, bytes, &key, &cached);
    free(copy);
}

static const struct vv_tuning_key kept_key = {.device = "d", .driver = "d", .shaders = 1};

// What such a file begins with, up to the first product.
static const char *kept_head(void) {
    static char head[1024];
    struct vv_context ctx = fuzz_context();
    const struct vv_measurements none = {.ctx = &ctx};
    const char *path = fuzz_file(NULL, 0, ".head");
    if (head[0]) return head;
    FILE *file = vv_kept_write(&ctx, path, &kept_key, &none) ? fopen(path, "rb") : NULL;
    const size_t size = file ? fread(head, 1, sizeof head - 1, file) : 0;
    if (!file || fclose(file) != 0 || !vv_kept_unseal(head, size)) abort();
    return head;
}

static void check_sealed(const char *head, const uint8_t *data, size_t size) {
    struct vv_context ctx = fuzz_context();
    struct vv_measurements m = {.ctx = &ctx};
    const size_t before = strlen(head);
    char *text = calloc(before + size + 1, 1);
    if (!text) abort();
    memcpy(text, head, before);
    if (size) memcpy(text + before, data, size);
    char *sealed = vv_kept_seal(&ctx, text);
    if (sealed) {
        (void)vv_kept_read(fuzz_file((const uint8_t *)sealed, strlen(sealed), ""), &kept_key, &m);
        vv_measurements_finish(&m);
    }
    free(sealed);
    free(text);
}

static void check_kept(const uint8_t *data, size_t size) {
    check_sealed("", data, size);
}

static void check_products(const uint8_t *data, size_t size) {
    check_sealed(kept_head(), data, size);
}

// Where the file of pipelines has its checksum; its size is behind it.
enum { PIPELINES_SUM_AT = 8 };

static void check_pipelines(const uint8_t *data, size_t size) {
    const struct vv_gpu gpu = {.vendor = 0x10005, .product = 0, .cache_uuid = "0123456789abcde"};
    unsigned char *copy = malloc(size ? size : 1);
    if (!copy) abort();
    if (size) memcpy(copy, data, size);
    if (size >= VV_CACHE_HEAD) {
        const uint64_t bytes = size - VV_CACHE_HEAD;
        const uint32_t sum = (uint32_t)crc32_z(0, copy + VV_CACHE_HEAD, (size_t)bytes);
        memcpy(copy + PIPELINES_SUM_AT, &sum, sizeof sum);
        memcpy(copy + PIPELINES_SUM_AT + 8, &bytes, sizeof bytes);
    }
    if (vv_cache_is_whole(copy, size))
        (void)vv_cache_is_ours(&gpu, copy + VV_CACHE_HEAD, size - VV_CACHE_HEAD);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const checks[])(const uint8_t *, size_t) = {check_folder, check_kept, check_pipelines,
                                                              check_products};
    const unsigned chosen = fuzz_choose(&data, &size, 4);
    checks[chosen](data, size);
    return 0;
}
