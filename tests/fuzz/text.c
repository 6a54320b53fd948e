// A text as a bag of words, as rows of characters and of words.
#include "fuzz.h"

#include "text_set.h"

static void read_as(const char *path, enum vv_tokens tokens, uint32_t length) {
    struct vv_context ctx = fuzz_context();
    struct vv_arena arena;
    struct vv_dataset set = {.path = (char *)(uintptr_t)path};
    struct vv_reading reading = vv_reading_default;
    reading.tokens = tokens;
    reading.length = length;
    vv_arena_init(&arena, &ctx);
    (void)vv_text_set_open(&arena, path, &reading, &set);
    set.path = NULL;
    vv_dataset_finish(&set);
    vv_arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_file(data, size, size > 2 && data[0] == 0x1f ? ".txt.gz" : ".txt");
    read_as(path, VV_TOKENS_BAG, 0);
    read_as(path, VV_TOKENS_CHARS, 8);
    read_as(path, VV_TOKENS_WORDS, 4);
    return 0;
}
