// Counts different strings: which words a text has, and how often.
#ifndef VV_DATA_WORDS_H
#define VV_DATA_WORDS_H

#include <stdint.h>

#include "context.h"

// Words that come when there are so many others are not counted.
#define VV_WORDS_MOST (1U << 20)

struct vv_word_entry {
    uint64_t text;  // where it begins in `bytes`, with a byte 0 behind it
    uint64_t times;
    uint32_t rank;  // by vv_words_rank, from 0
};

struct vv_word_table {
    struct vv_context *ctx;
    uint32_t count, room;         // of entries
    struct vv_word_entry *entry;  // in the order in which they came
    uint32_t *slot;               // twice as many as there is room for entries: number + 1; 0: none
    char *bytes;
    uint64_t used, bytes_room;
};

void vv_words_init(struct vv_word_table *words, struct vv_context *ctx);
void vv_words_finish(struct vv_word_table *words);

// Counts one more. False: out of memory.
bool vv_words_add(struct vv_word_table *words, const char *text, size_t length);
// NULL: it was not counted.
const struct vv_word_entry *vv_words_find(const struct vv_word_table *words, const char *text,
                                          size_t length);
// Ranks entries: the most frequent first, of equally frequent ones in the order of their bytes. order
// [count]: entries by rank. False: out of memory.
bool vv_words_rank(struct vv_word_table *words, const struct vv_word_entry **order);
static inline const char *vv_words_text(const struct vv_word_table *words,
                                        const struct vv_word_entry *entry) {
    return words->bytes + entry->text;
}

#endif
