// The words or characters that a set of text is made of.
#ifndef VV_DATA_VOCABULARY_H
#define VV_DATA_VOCABULARY_H

#include <stdint.h>

#include "context.h"
#include "reading.h"

// Of a bag of words, token v is what column v counts, the most frequent word first. Of rows of tokens a
// byte of the set is a token's number: 0 ends a row (its text is empty), 1 is what the vocabulary lacks
// (U+FFFD), and then come the others, the most frequent first.
enum { VV_TOKEN_END, VV_TOKEN_UNKNOWN, VV_TOKEN_OTHERS /* the first of the others */ };

struct vv_vocabulary {
    enum vv_tokens kind;  // VV_TOKENS_NONE: no set of text
    uint32_t count;
    char *text;     // owned: each token in UTF-8, a byte 0 behind each
    uint64_t size;  // bytes of text
    char **token;   // owned: where each begins
    // Of a file that was read; not kept with a model.
    uint64_t *times;     // owned: how often each is there; of `token`'s order
    uint64_t all;        // tokens that were read
    uint32_t different;  // of these, and how many of them all the vocabulary lacks
    uint64_t beyond;
    uint32_t cut;      // rows that were longer than the length
    uint64_t clipped;  // counts above 255, which became 255
};

extern const char *const vv_tokens_names[];  // of enum vv_tokens: "none", "bag", "chars", "words"; NULL

// Takes over `text`, of `size` bytes, also where it fails: false without an error where it does not hold
// `count` tokens of that kind.
bool vv_vocabulary_take(struct vv_context *ctx, enum vv_tokens kind, uint32_t count, char *text,
                        uint64_t size, struct vv_vocabulary *vocabulary);
void vv_vocabulary_finish(struct vv_vocabulary *vocabulary);  // takes a zeroed one

#endif
