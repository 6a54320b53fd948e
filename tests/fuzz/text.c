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
    static const struct {
        enum vv_tokens tokens;
        uint32_t length;
    } ways[] = {{VV_TOKENS_BAG, 0}, {VV_TOKENS_CHARS, 8}, {VV_TOKENS_WORDS, 4}};
    const unsigned way = fuzz_choose(&data, &size, 3);
    read_as(fuzz_file(data, size, ".txt"), ways[way].tokens, ways[way].length);
    return 0;
}
