// A table of numbers as a set.
#include "fuzz.h"

#include "array_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vv_context ctx = fuzz_context();
    struct vv_arena arena;
    struct vv_dataset set = {0};
    struct vv_reading reading = vv_reading_default;
    reading.normalize = size % 2 ? VV_NORMALIZE_MINMAX : VV_NORMALIZE_NONE;
    const char *path = fuzz_file(data, size, ".csv");
    vv_arena_init(&arena, &ctx);
    (void)vv_array_set_open(&arena, path, &reading, &set);
    vv_dataset_finish(&set);
    vv_arena_finish(&arena);
    return 0;
}
