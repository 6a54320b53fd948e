// What is kept between starts: decoded pictures, measured kernels.
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "folder_cache.h"
#include "kept.h"
#include "measure.h"

// Where a folder's file has its checksum, what that is of, its size, and its key.
enum { SUM_AT = 8, SUMMED_FROM = 16, SIZE_AT = 16, KEY_AT = 24, HEAD = 104 };

// With its size and its checksum right, as one for the key that it has.
static void check_folder(const uint8_t *data, size_t size) {
    struct vv_folder_key key;
    struct vv_folder_cached cached;
    const uint64_t bytes = size;
    unsigned char *copy = aligned_alloc(8, (size + 7) / 8 * 8);
    if (!copy) abort();
    memcpy(copy, data, size);
    memcpy(copy + SIZE_AT, &bytes, sizeof bytes);
    const uint32_t sum = (uint32_t)crc32_z(0, copy + SUMMED_FROM, size - SUMMED_FROM);
    memcpy(copy + SUM_AT, &sum, sizeof sum);
    memcpy(&key, copy + KEY_AT, sizeof key);
    (void)vv_folder_cache_check(copy, size, &key, &cached);
    free(copy);
}

static void check_kept(const uint8_t *data, size_t size) {
    const struct vv_tuning_key key = {.device = "d", .driver = "d", .shaders = 1};
    struct vv_context ctx = fuzz_context();
    struct vv_measurements m = {.ctx = &ctx};
    char *text = malloc(size + 1);
    if (!text) abort();
    memcpy(text, data, size);
    text[size] = '\0';
    char *sealed = vv_kept_seal(&ctx, text);
    if (sealed) {
        (void)vv_kept_read(fuzz_file((const uint8_t *)sealed, strlen(sealed), ""), &key, &m);
        vv_measurements_finish(&m);
    }
    free(sealed);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size >= HEAD) check_folder(data, size);
    check_kept(data, size);
    return 0;
}
